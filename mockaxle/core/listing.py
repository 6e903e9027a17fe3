"""Reference data that is both looked up and read in order."""

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from mockaxle.core.table import Table

V = TypeVar("V")


class Listing(Generic[V]):
    """Values in the order given, each also found by its name; of one name the last counts."""

    __slots__ = ("_by_name", "_values")

    def __init__(self, values: Iterable[V] = (), *, name: Callable[[V], str] = str) -> None:
        self._values = tuple(values)
        by_name: Table[str, V] = Table()
        for value in self._values:
            by_name = by_name.put(name(value), value)
        self._by_name = by_name

    def get(self, name: str) -> V | None:
        return self._by_name.get(name)

    def __contains__(self, name: str) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[V]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Listing) and self._values == other._values

    def __hash__(self) -> int:
        return hash(self._values)
