"""A server with a journal in this process, called as one without. It ends, crashes and restarts."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

from mockaxle.app import App, create_app
from mockaxle.core.clock import Clock
from mockaxle.journals.engine import Engine
from mockaxle.journals.sqlite_file import open_file
from mockaxle.lasting import Lasting
from mockaxle.scenarios.sections import Scenario
from mockaxle.serving.accounts import NOTHING, Prepared
from mockaxle.serving.asgi import unkept_answer
from mockaxle.serving.catching_up import WorldBehind
from mockaxle.serving.credentials import address_of
from mockaxle.serving.hosted_world import HostedWorld
from mockaxle.serving.journalled_worlds import JournalledWorlds
from mockaxle.serving.journalling import AnswerUnkept, WorldUnchecked, WorldUnloaded
from mockaxle.serving.patience import Patience
from mockaxle.serving.settings import JournalSettings, ServerSettings
from mockaxle.world.entries import Request, Response, Wait
from mockaxle.world.stored_world import JournalConflict, JournalFailed
from mockaxle.world.value import WorldBusy

T = TypeVar("T")
KEY = bytes(range(32))


class SyncWorlds:
    """The worlds of a running server for a test's thread."""

    def __init__(self, server: "LastingApp") -> None:
        self._server = server

    def find(self, name: str) -> HostedWorld | None:
        return self._server.on_loop(self._server.found(name))

    def now(self) -> Any:
        return self._server.worlds_now()

    async def carry_out(self, hosted: HostedWorld, row: Any, **details: Any) -> Any:
        work = self._server.carried_out(hosted, row, **details)
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._server.loop))


class LastingApp:
    """An app on a journal, on a loop of its own. `opens` opens its engine, which `wrap` changes; `restart` crashes it
    and opens it again.
    """

    def __init__(
        self,
        opens: Callable[[], Engine],
        clock: Clock,
        *,
        settings: ServerSettings | None = None,
        journal: JournalSettings | None = None,
        scenario: Scenario | None = None,
        wrap: Callable[[Engine], Any] = lambda engine: engine,
        is_shared: bool = False,
    ) -> None:
        self._is_shared = is_shared
        self._opens, self._clock, self._wrap = opens, clock, wrap
        self._settings = settings or ServerSettings(seed="replay", signing_key=KEY)
        self._journal, self._scenario = journal or JournalSettings(), scenario
        self.said: list[str] = []
        self.worlds: Any = SyncWorlds(self)
        self._begin()

    def _begin(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = Thread(target=self.loop.run_forever)
        self._thread.start()
        self.engine = self._wrap(self._opens())
        make = partial(Lasting, self.engine, settings=self._journal, report=self.said.append, is_shared=self._is_shared)
        self.app: App = create_app(self._settings, scenario=self._scenario, clock=self._clock, make_lasting=make)
        assert self.app.lasting is not None
        self.lasting = self.app.lasting

    @property
    def journalled(self) -> JournalledWorlds:
        return self.lasting.worlds

    def on_loop(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def attempt(self, request: Request, prepared: Prepared = NOTHING) -> Response | Wait:
        return self.on_loop(self._attempt(request, prepared))

    async def _attempt(self, request: Request, prepared: Prepared) -> Response | Wait:
        try:
            return await self._answered(request, prepared)
        except JournalFailed as failed:
            return unkept_answer(failed)

    async def _answered(self, request: Request, prepared: Prepared) -> Response | Wait:
        patience = Patience(10 if self._is_shared else 0)
        while True:
            try:
                return self.app.api.attempt(request, prepared)
            except WorldUnloaded as unloaded:
                await unloaded.loaded()
            except (AnswerUnkept, JournalConflict) as unkept:
                kept = await patience.kept(unkept)
                if kept is not None:
                    return kept
                prepared = prepared._replace(fresh=frozenset())
            except WorldUnchecked as unchecked:
                try:
                    await unchecked.checked()
                    prepared = prepared._replace(fresh=prepared.fresh | {unchecked.address})
                except JournalConflict as conflict:
                    await patience.kept(conflict)
            except WorldBusy as busy:
                await busy.until_free()
            except WorldBehind as behind:
                await behind.caught_up()

    async def found(self, name: str) -> HostedWorld | None:
        await self.lasting._keeper.refresh({address_of(name)})
        try:
            return self.journalled.find(name)
        except WorldUnloaded as unloaded:
            await unloaded.loaded()
        return self.journalled.find(name)

    def worlds_now(self) -> Any:
        return self.journalled.now()

    async def carried_out(self, hosted: HostedWorld, row: Any, **details: Any) -> Any:
        name = hosted.world.name
        while True:
            try:
                present = await self.found(name) or hosted
                answer = await self.journalled.carry_out(present, row, **details)
                await self.journalled.until_kept(name)
                return answer
            except JournalConflict:
                if not self._is_shared:
                    raise

    def keep_reads(self) -> None:
        """Wait until the reads are kept, too, which no answer waits for."""
        self.on_loop(self._keep_reads())

    async def _keep_reads(self) -> None:
        keeper = self.lasting._keeper
        for address in tuple(keeper._streams):
            await keeper._lane.until_kept(address)

    def crash(self) -> None:
        """End without another word to the journal."""
        self._stop()
        self._break_off()
        self.lasting._keeper._lane._thread.shutdown(wait=True)
        self.lasting._keeper._readers.shutdown(wait=True)
        self._cancel()
        self.engine.close()
        self.loop.close()

    def _stop(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()

    def _break_off(self) -> None:
        if self.engine.on_loop is not None:
            self.loop.run_until_complete(self.engine.on_loop.leave())

    def _cancel(self) -> None:
        """Cancel what still waits on the loop, since asyncio would report it as lost."""
        left = asyncio.all_tasks(self.loop)
        for task in left:
            task.cancel()
        if left:
            self.loop.run_until_complete(asyncio.wait(left))

    def end(self) -> None:
        """End as at SIGTERM."""
        self._stop()
        self.loop.run_until_complete(self.lasting._keeper.leave_loop())
        self._cancel()
        self.lasting.end()
        self.loop.close()

    def end_while(self, go_on: Callable[[], None]) -> None:
        """End as at SIGTERM, with something on its way that goes on then, and open the journal again."""
        self._stop()
        self._break_off()
        self._cancel()
        go_on()
        self.lasting.end()
        self.loop.close()
        self._begin()

    def crash_after(self, change: Callable[[], None]) -> None:
        """Crash, change something, and open the journal again."""
        self.keep_reads()
        self.crash()
        change()
        self._begin()

    def restart(self, *, crashed: bool = True) -> None:
        (self.crash if crashed else self.end)()
        self._begin()


def on_file(path: Path, clock: Clock, **options: Any) -> LastingApp:
    return LastingApp(partial(open_file, path, key_digest="a test's"), clock, **options)
