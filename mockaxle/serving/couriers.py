"""The couriers of a server's worlds, on one event loop: the one on which the first receiver was added.

In process, calls may come from several loops and threads. A courier runs on its own loop only, so that a request in
flight does not end with the call that caused it. Source: N12, N13.
"""

import concurrent.futures
from asyncio import get_running_loop, run_coroutine_threadsafe, shield, wrap_future
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, Protocol, TypeVar

from mockaxle.core.messages import AwkwardKind
from mockaxle.core.state import State
from mockaxle.serving.hosted_world import HostedWorld
from mockaxle.serving.worlds import Worlds
from mockaxle.world.commands.clock import AdvanceClock, target_of
from mockaxle.world.commands.refusals import ClockWouldGoBack, WorldGone
from mockaxle.world.commands.rows import ROW_OF
from mockaxle.world.entries import Delivery
from mockaxle.world.stored_world import JournalFailed

ADVANCE = ROW_OF["POST /clock/advance"]
MAX_SECONDS = 3600
T = TypeVar("T")


class Reached(NamedTuple):
    """How far a stepwise advance came. Shape: is_whole if it reached its target; attempts at deliveries."""

    is_whole: bool
    attempts: int


class WorldDesk:
    """A world as its courier sees it."""

    def __init__(self, worlds: Worlds, hosted: HostedWorld) -> None:
        self._worlds = worlds
        self._hosted = hosted

    @property
    def state(self) -> State:
        return self._hosted.world.state

    @property
    def restarts(self) -> int:
        """How often the world was reset, loaded, restored or rewound."""
        return self._hosted.restarts

    def machine(self) -> datetime:
        """Return the machine's instant."""
        return self._worlds.now()

    def instant(self) -> datetime:
        """Return the world's instant."""
        return self._hosted.instant(self._worlds.now())

    def seconds_to(self, at: datetime) -> float | None:
        """Return the machine's seconds until an instant of the world, 0 if it has passed; None if the clock stands.

        Never more than an hour, since a clock may be very slow.
        """
        left, rate = at - self.instant(), self._hosted.world.clock.rate
        if left <= timedelta():
            return 0
        if not rate:
            return None
        seconds = Decimal(left.total_seconds())
        return float(seconds / rate) if seconds < rate * MAX_SECONDS else MAX_SECONDS

    def secret(self, receiver: str) -> str | None:
        return self._hosted.secrets.get(receiver)

    @property
    def in_flight(self) -> set[tuple[int, str]]:
        """The messages that are being sent or are claimed, each with the number of restarts at its beginning."""
        return self._hosted.in_flight

    async def may_deliver(self) -> bool:
        """Take the right to deliver, if no other server has it, and bring the state up to date. Raises: WorldGone."""
        return await self._worlds.may_deliver(self._hosted)

    async def delivered(self) -> None:
        """Leave the right to deliver."""
        await self._worlds.delivered(self._hosted)

    async def until_kept(self) -> None:
        """Wait until the world as it is will survive a crash, if it is to do so. Raises: WorldGone."""
        try:
            await self._worlds.until_kept(self._hosted.world.name)
        except JournalFailed as failed:
            raise WorldGone(failed.text) from failed

    async def keep(self, delivery: Delivery, *, restarts: int) -> None:
        """Log a delivery, at the present instant, unless the world has restarted since. Raises: WorldGone."""
        await self._worlds.deliver(self._hosted, delivery, restarts=restarts)

    async def advance(self, to: datetime) -> None:
        """Advance the clock, as a part of the whole, unless it has passed the instant. Raises: CommandRefused."""
        with suppress(ClockWouldGoBack):
            await self._worlds.until_done(
                self._hosted,
                lambda: self._worlds.carry_out(self._hosted, ADVANCE, body=AdvanceClock(to=to), path={}),
            )

    def stand(self) -> None:
        """Let the clock stand at its present instant."""
        self._hosted.stands_at = self.instant()

    def go_on(self) -> None:
        """Let the clock continue from where it would be."""
        self._hosted.stands_at = None

    async def end(self) -> None:
        """End the advance of several parts."""
        await self._worlds.end_advance(self._hosted)


class Claimed(Protocol):
    """The next attempt at a message, for a caller that makes it. The body of a cut one is not whole."""

    @property
    def number(self) -> int:
        """Counted from 1."""

    @property
    def headers(self) -> Mapping[str, str]:
        """All but Host."""

    @property
    def body(self) -> bytes:
        """What is sent, shorter than its Content-Length if it is cut."""

    @property
    def place(self) -> str:
        """The URL's path with its query."""


Reported = tuple[int | None, str | None, int]
"""What became of a claimed attempt: the answer's status, or the error, and the ms that it took."""


class Deliverer(Protocol):
    """Delivers the messages of one world, on its loop."""

    def look(self) -> None:
        """Deliver what has fallen due, and wait for what is next."""

    def end(self) -> None:
        """Deliver nothing more."""

    async def advance(self, to: datetime, *, max_seconds: float, max_attempts: int) -> tuple[bool, int]:
        """Advance the clock from one delivery to the next. Raises: CommandRefused."""

    async def send(self, message_id: str, awkward: AwkwardKind | None) -> None:
        """Send a message now. Raises: CommandRefused."""

    async def claim(self, message_id: str) -> Claimed:
        """Prepare the next attempt at a message, which the caller makes and reports. Raises: CommandRefused."""

    async def report(self, message_id: str, number: int, *, reported: Reported) -> None:
        """Log what became of a claimed attempt. Raises: CommandRefused."""


class UrlJudge(Protocol):
    """Judges the URLs of receivers. Shape: own_ports are those on which this server listens."""

    own_ports: set[int]

    def check(self, url: str) -> None:
        """Judge a URL by its form and its host. Raises: TargetRefused."""

    def check_form(self, url: str) -> None:
        """Judge a URL that is never called by its form only. Raises: TargetRefused."""


class Couriers:
    """Finds the courier of a world. Shape: `make` makes one."""

    def __init__(self, worlds: Worlds, judge: UrlJudge, *, make: Callable[[WorldDesk], Deliverer]) -> None:
        self._worlds = worlds
        self._judge = judge
        self._make = make
        self._loop = get_running_loop()
        self._by_opening: dict[int, Deliverer] = {}

    @property
    def is_over(self) -> bool:
        """Whether its loop is closed."""
        return self._loop.is_closed()

    def check(self, url: str, *, own_port: int | None, is_called: bool) -> None:
        """Judge a receiver's URL, and its host if it is called. Shape: own_port is that of the call.

        Raises: TargetRefused.
        """
        if own_port is not None:
            self._judge.own_ports.add(own_port)
        (self._judge.check if is_called else self._judge.check_form)(url)

    def look(self, hosted: HostedWorld) -> None:
        """Deliver what has fallen due; from any thread."""
        if hosted.world.state.outbox.waiting:
            self._on_loop(lambda: self._look(hosted))

    def _look(self, hosted: HostedWorld) -> None:
        if self._worlds.find(hosted.world.name) is hosted:
            self._of(hosted).look()

    def forget(self, hosted: HostedWorld) -> None:
        """End the deliveries of a dropped world; from any thread."""
        courier = self._by_opening.pop(hosted.opening_id, None)
        if courier is not None:
            self._on_loop(courier.end)

    async def advance(self, hosted: HostedWorld, body: AdvanceClock) -> Reached:
        """Advance a world's clock with the deliveries on the way, to the end also if the caller hangs up.

        Raises: CommandRefused. Source: N13.
        """
        self._worlds.check_clock(hosted)
        to = target_of(body, hosted.instant(self._worlds.now()))
        await self._worlds.begin_advance(hosted, to)
        advancing = self._done(
            hosted,
            lambda courier: courier.advance(to, max_seconds=body.max_seconds, max_attempts=body.max_attempts),
        )
        return Reached(*await shield(wrap_future(advancing))) if body.wait else Reached(False, 0)

    async def send(self, hosted: HostedWorld, message_id: str, *, awkward: AwkwardKind | None) -> None:
        """Send a message now, to the end also if the caller hangs up. Raises: CommandRefused. Source: N19."""
        sending = self._done(hosted, lambda courier: courier.send(message_id, awkward))
        await shield(wrap_future(sending))

    async def claim(self, hosted: HostedWorld, message_id: str) -> Claimed:
        """Leave the next attempt at a message to the caller. Raises: CommandRefused. Source: N20."""
        return await shield(wrap_future(self._done(hosted, lambda courier: courier.claim(message_id))))

    async def report(self, hosted: HostedWorld, message_id: str, *, number: int, reported: Reported) -> None:
        """Log what became of a claimed attempt. Raises: CommandRefused. Source: N20."""
        reporting = self._done(hosted, lambda courier: courier.report(message_id, number, reported=reported))
        await shield(wrap_future(reporting))

    def _done(
        self, hosted: HostedWorld, act: Callable[[Deliverer], Coroutine[Any, Any, T]]
    ) -> concurrent.futures.Future[T]:
        """Let a world's courier act on its loop."""

        async def acting() -> T:
            return await act(self._of(hosted))

        return run_coroutine_threadsafe(acting(), self._loop)

    def _of(self, hosted: HostedWorld) -> Deliverer:
        if hosted.opening_id not in self._by_opening:
            self._by_opening[hosted.opening_id] = self._make(WorldDesk(self._worlds, hosted))
        return self._by_opening[hosted.opening_id]

    def _on_loop(self, act: Callable[[], None]) -> None:
        if not self.is_over:
            self._loop.call_soon_threadsafe(act)
