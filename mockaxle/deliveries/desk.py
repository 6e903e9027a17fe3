"""What a courier sees of its world."""

from datetime import datetime
from typing import Protocol

from mockaxle.core.state import State
from mockaxle.world.entries import Delivery


class Desk(Protocol):
    """A world with messages to deliver."""

    @property
    def state(self) -> State:
        """The present state."""

    @property
    def restarts(self) -> int:
        """How often the world was reset, loaded, restored or rewound."""

    def machine(self) -> datetime:
        """Return the machine's instant."""

    def instant(self) -> datetime:
        """Return the world's instant."""

    def seconds_to(self, at: datetime) -> float | None:
        """Return the machine's seconds until an instant of the world, 0 if it has passed; None if the clock stands."""

    def secret(self, receiver: str) -> str | None:
        """Return a receiver's secret, if it is known."""

    @property
    def in_flight(self) -> set[tuple[int, str]]:
        """The messages that are being sent or are claimed, each with the number of restarts at its beginning."""

    async def may_deliver(self) -> bool:
        """Take the right to deliver, if no other server has it, and bring the state up to date. Raises: WorldGone."""

    async def delivered(self) -> None:
        """Leave the right to deliver."""

    async def until_kept(self) -> None:
        """Wait until the world as it is will survive a crash, if it is to do so. Raises: WorldGone."""

    async def keep(self, delivery: Delivery, *, restarts: int) -> None:
        """Log a delivery, at the present instant, unless the world has restarted since. Raises: WorldGone."""

    async def advance(self, to: datetime) -> None:
        """Advance the clock, as a part of the whole, unless it has passed the instant. Raises: CommandRefused."""

    def stand(self) -> None:
        """Let the clock stand at its present instant."""

    def go_on(self) -> None:
        """Let the clock continue from where it would be."""

    async def end(self) -> None:
        """End the advance of several parts."""
