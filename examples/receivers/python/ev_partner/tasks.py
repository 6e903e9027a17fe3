"""Work in the background."""

import logging
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self

from anyio import Event, create_task_group

log = logging.getLogger(__name__)


class Tasks:
    """Tasks that run until they are done, or until the block ends. A failure is logged in one line.

    They are cancelled by anyio: httpx finishes what it does to its connections only if it is cancelled that way.
    """

    async def __aenter__(self) -> Self:
        self._group = await create_task_group().__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._group.cancel_scope.cancel()
        await self._group.__aexit__(kind, error, trace)

    def start(self, work: Coroutine[Any, Any, None]) -> Event:
        """Start work. Shape: an event that is set when it is done."""
        done = Event()
        self._group.start_soon(self._run, work, done)
        return done

    async def _run(self, work: Coroutine[Any, Any, None], done: Event) -> None:
        try:
            await work
        except Exception as error:
            log.error("failed: %s: %s", type(error).__name__, error)
        finally:
            done.set()
