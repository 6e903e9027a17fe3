"""Joins a server with a journal, so that its worlds last. A server without one imports nothing of this."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from starlette.requests import Request

from mockaxle.control.access import Denied
from mockaxle.inspector.visits import BY_ADDRESS
from mockaxle.journals.engine import Engine
from mockaxle.journals.finding import Finder
from mockaxle.journals.keeper import Keeper
from mockaxle.journals.keeping import Callbacks, KeeperLimits
from mockaxle.journals.shared_keeper import SharedKeeper
from mockaxle.recordings.jsonl import versions
from mockaxle.scenarios.sections import Scenario
from mockaxle.serving.asgi import ASGIApp, Receive, Scope, Send, unkept_answer
from mockaxle.serving.couriers import Couriers
from mockaxle.serving.credentials import address_of, named_in
from mockaxle.serving.hosted_world import HostedWorld
from mockaxle.serving.journalled_worlds import JournalledWorlds
from mockaxle.serving.journalling import WorldUnloaded
from mockaxle.serving.redoing import of_conflict, redone
from mockaxle.serving.settings import JournalSettings
from mockaxle.world.opening import Beginning
from mockaxle.world.stored_world import JournalFailed
from mockaxle.world.value import Apply

if TYPE_CHECKING:
    from mockaxle.control.deliveries import MakeCouriers

MakeLasting = Callable[[Apply, Scenario], "Lasting"]
OF_ALL_WORLDS = ("/__mockaxle/worlds", "/__mockaxle/", "/__mockaxle")
ACCOUNTS = "/accounts"
OF_ONE_WORLD = ("/__mockaxle/worlds/", "/__mockaxle/inspect/")
UNTOUCHED_EVERY_SECONDS = 3600
WAITING_EVERY_SECONDS = 10
MAX_LOADS = 4
"""Worlds that are read for one call of control or of a page."""


class Lasting:
    """The journal of a server, and its worlds. Shape: `report` gets lines for the terminal; `is_shared` if other
    servers write the journal.
    """

    make_couriers: "MakeCouriers"
    worlds: JournalledWorlds

    def __init__(
        self,
        engine: Engine,
        apply: Apply,
        scenario: Scenario,
        *,
        settings: JournalSettings,
        report: Callable[[str], None],
        is_shared: bool = False,
    ) -> None:
        self._settings = settings
        self._report = report
        self._place = engine.place
        beginning = Beginning(scenario)
        finder = Finder(engine, apply, beginning=beginning, max_entries=settings.log_entries)
        limits = KeeperLimits(settings.timeout.total_seconds(), settings.base_characters)
        self.patience_seconds = limits.timeout_seconds
        make = SharedKeeper if is_shared else Keeper
        self._keeper = make(engine, finder, beginning=beginning, made_with=made_with(), limits=limits)
        self._waiting = self._keeper.begin()
        self._beside: set[asyncio.Task[None]] = set()

    def make_worlds(self, **others: Any) -> JournalledWorlds:
        worlds = JournalledWorlds(
            journal=self._keeper, on_waiting=self._wait, log_entries=self._settings.log_entries, **others
        )
        self._keeper.callbacks = Callbacks(worlds.lose, worlds.restore_account, self._report)
        self.worlds = worlds
        return worlds

    @property
    def description(self) -> str:
        """The journal's place, and how many worlds it has."""
        count = self._keeper.count()
        return f"{self._place}, with {count} world{'s' if count != 1 else ''}"

    def health(self) -> dict[str, Any]:
        return self._keeper.health()

    async def run(self) -> None:
        """Bring back the worlds that have messages to be sent; then drop untouched ones from time to time.

        When it is cancelled, nothing of the journal stays on the loop.
        """
        try:
            await self._look_after()
        finally:
            await self._keeper.leave_loop()

    async def _look_after(self) -> None:
        await self._load_all(self._waiting)
        last_look = None
        while True:
            now = asyncio.get_running_loop().time()
            if last_look is None or now - last_look >= UNTOUCHED_EVERY_SECONDS:
                self._drop_untouched()
                last_look = now
            await asyncio.sleep(WAITING_EVERY_SECONDS)
            await self._load_all(await self._waiting_elsewhere())
            self.worlds.look_at_waiting()

    async def _load_all(self, addresses: list[str]) -> None:
        for address in addresses:
            with suppress(JournalFailed):
                await self.worlds.load(address)

    def _drop_untouched(self) -> None:
        age = self._settings.forgotten_after
        for name in self.worlds.drop_untouched(age):
            self._report(f"The world {name!r:.60} was dropped: it was not used for {age}")

    async def _waiting_elsewhere(self) -> list[str]:
        """Return the worlds with messages to be sent, of which another server may have ended."""
        with suppress(JournalFailed):
            return await self._keeper.refresh_names()
        return []

    def end(self) -> int:
        """Keep what is on its way, and a base of each world that changed; return their number.

        Raises: EngineRefused.
        """
        return self._keeper.end()

    def _wait(self, hosted: HostedWorld) -> None:
        """Deliver the messages of a world."""
        task = asyncio.get_running_loop().create_task(self._deliver(hosted))
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def _deliver(self, hosted: HostedWorld) -> None:
        couriers: Couriers = await self.make_couriers()
        self.worlds.outgoing = couriers
        couriers.look(hosted)

    def with_loaded_worlds(self, app: ASGIApp, visitor: Callable[[Request], object]) -> ASGIApp:
        """Serve an application below a step that brings the called world to memory.

        Shape: `visitor` finds the world of a request's token or cookie.
        """

        async def _served(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await self._bring(scope, visitor)
            except JournalFailed as failed:
                answer = unkept_answer(failed)
                marks = ((name.encode(), value.encode()) for name, value in of_conflict(failed).items())
                headers = [*answer.headers, *marks]
                await send({"type": "http.response.start", "status": answer.status, "headers": headers})
                await send({"type": "http.response.body", "body": answer.body})
                return
            await app(scope, receive, send)

        return redone(_served, seconds=self.patience_seconds)

    async def _bring(self, scope: Scope, visitor: Callable[[Request], object]) -> None:
        """Raises: JournalFailed."""
        if self._keeper.is_shared:
            await self.worlds.refresh(_addresses(scope))
            if scope["path"] in OF_ALL_WORLDS or scope["method"] == "DELETE" or scope["path"].endswith(ACCOUNTS):
                await self._keeper.refresh_names()
        for _ in range(MAX_LOADS):
            try:
                if address := _named(scope["path"]):
                    self.worlds.look(address)
                with suppress(Denied):
                    visitor(Request(scope))
                return
            except WorldUnloaded as unloaded:
                await unloaded.loaded()
        raise JournalFailed("The worlds of this call do not stay in memory; send it again, or raise --max-worlds")


def _named(path: str) -> str:
    """Return the address of the world that a path names, if it names one."""
    for prefix in OF_ONE_WORLD:
        if path.startswith(prefix):
            name = path.removeprefix(prefix).partition("/")[0]
            return name.removeprefix(BY_ADDRESS) if name.startswith(BY_ADDRESS) else address_of(name)
    return ""


def _addresses(scope: Scope) -> set[str]:
    """Return the addresses of the worlds and usernames that a call's path, token and cookies name."""
    request = Request(scope)
    texts = [request.headers.get("authorization", "").partition(" ")[2], *request.cookies.values()]
    named = {address for text in texts for address in named_in(text)}
    return {address for address in (_named(scope["path"]), *named) if address}


def made_with() -> str:
    """Return the versions that determine answers, in one line."""
    return ", ".join(f"{name} {value}" for name, value in versions().items())
