"""The worlds of a journal that are in memory, and which of them leaves it first."""

from collections.abc import Callable
from itertools import chain, islice

from mockaxle.serving.hosted_world import HostedWorld
from mockaxle.serving.hosted_worlds import HostedWorlds
from mockaxle.serving.journalling import WorldUnloaded

OF_STRANGERS = 10
"""One world in so many may be one that was only logged in to."""

LOOKED_AT = 100
"""Worlds that are looked at to find one that may leave memory."""


class LoadedWorlds(HostedWorlds):
    """The worlds in memory. To look for another one of the journal raises WorldUnloaded."""

    def __init__(self, limit: int, unloaded: Callable[[str], WorldUnloaded | None]) -> None:
        super().__init__(limit)
        self._unloaded = unloaded
        self.in_memory = self.get
        self.get = self._found  # type: ignore[assignment]  # the same, but for what it raises

    def _first_to_go(self, added: str) -> str:
        """Prefer worlds in which nothing is going on, among the first ones.

        Worlds that were only logged in to go first if they are more than a part of all. Else they would go before
        their next call, and that is most often the one after a log-in.
        """
        strangers = self._untouched if len(self._untouched) > self._limit // OF_STRANGERS else ()
        first = [one for one in islice(chain(strangers, self._by_address), LOOKED_AT) if one != added]
        return next((one for one in first if not _is_busy(self._by_address[one])), first[0])

    def _found(self, address: str) -> HostedWorld | None:
        hosted = self._by_address.get(address)
        if hosted is None and (unloaded := self._unloaded(address)) is not None:
            raise unloaded
        return hosted


def _is_busy(hosted: HostedWorld) -> bool:
    """Tell whether a command runs, a clock is advancing, or messages wait to be sent."""
    return hosted.turn.locked() or hosted.advancing_to is not None or hosted.world.state.outbox.waiting > 0
