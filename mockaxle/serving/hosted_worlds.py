"""The worlds that a server keeps, up to a limit, and the order in which they are dropped."""

from collections import OrderedDict
from collections.abc import ValuesView

from mockaxle.serving.hosted_world import HostedWorld


class HostedWorlds:
    """Finds hosted worlds by address, and orders them by use.

    Beyond the limit, the longest unused world that has seen only log-ins is dropped first, forks included. So strangers
    who only log in or fork drop each other's worlds, and none in use. Then the longest unused of the others is dropped.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._by_address: OrderedDict[str, HostedWorld] = OrderedDict()
        self._untouched: OrderedDict[str, None] = OrderedDict()
        self.get = self._by_address.get

    @property
    def is_full(self) -> bool:
        return len(self._by_address) >= self._limit

    def add(self, address: str, hosted: HostedWorld) -> HostedWorld | None:
        """Add an unused hosted world; return the one that is dropped for it, if there are too many."""
        self._by_address[address] = hosted
        gone = self._first_to_go(address) if len(self._by_address) > self._limit else None
        dropped = self.pop(gone) if gone is not None else None
        self._untouched[address] = None
        return dropped

    def _first_to_go(self, added: str) -> str:
        return next(iter(self._untouched or self._by_address))

    def use(self, address: str, *, by_log_in: bool) -> HostedWorld:
        """Return the hosted world and mark it as used last. Raises: KeyError."""
        self._by_address.move_to_end(address)
        if not by_log_in:
            self._untouched.pop(address, None)
        elif address in self._untouched:
            self._untouched.move_to_end(address)
        return self._by_address[address]

    def pop(self, address: str) -> HostedWorld:
        """Raises: KeyError."""
        self._untouched.pop(address, None)
        return self._by_address.pop(address)

    def __getitem__(self, address: str) -> HostedWorld:
        return self._by_address[address]

    def values(self) -> ValuesView[HostedWorld]:
        """Return all hosted worlds, longest unused first."""
        return self._by_address.values()

    def __len__(self) -> int:
        return len(self._by_address)
