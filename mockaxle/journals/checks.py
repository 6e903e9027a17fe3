"""Asks for the last rows of streams: whoever asks while one question is on its way shares the next one."""

from asyncio import Future, Task, get_running_loop, shield
from collections.abc import Callable, Collection, Coroutine
from typing import Any

from mockaxle.journals.engine import EngineRefused
from mockaxle.journals.rows import RowHead
from mockaxle.world.stored_world import JournalFailed

Ask = Callable[[Collection[str]], Coroutine[Any, Any, dict[str, RowHead]]]


class HeadQuestion:
    """Streams that are asked for at once, and what comes of it."""

    def __init__(self) -> None:
        self.worlds: set[str] = set()
        self.answered: Future[dict[str, RowHead]] = get_running_loop().create_future()


class HeadChecks:
    """Shape: `ask` asks the engine."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._next: HeadQuestion | None = None
        self._running: Task[None] | None = None

    async def heads(self, worlds: Collection[str]) -> dict[str, RowHead]:
        """Return what the engine says after this call, at least of these streams. Raises: JournalFailed."""
        question = self._next = self._next or HeadQuestion()
        question.worlds |= set(worlds)
        if self._running is None:
            self._running = get_running_loop().create_task(self._run())
        return await shield(question.answered)

    async def _run(self) -> None:
        while (question := self._next) is not None:
            self._next = None
            try:
                question.answered.set_result(await self._ask(question.worlds))
            except EngineRefused as refused:
                question.answered.set_exception(JournalFailed(f"The journal cannot be read: {refused}"))
            finally:  # whatever the engine raised, nobody waits for ever
                if not question.answered.done():
                    question.answered.set_exception(JournalFailed("The journal cannot be read"))
                    self._running = None
        self._running = None
