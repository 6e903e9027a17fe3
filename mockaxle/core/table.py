"""Look-up tables: a persistent map, which cannot be iterated since its order is random, and an ordered listing."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from heapq import merge
from itertools import islice
from typing import Any, Generic, TypeVar

from rpds import HashTrieMap

K = TypeVar("K")
V = TypeVar("V")
PIECE = 1024


class Table(Generic[K, V]):
    """Looks up a value by key. `put` and `drop` return a new table, which shares memory with this one."""

    __slots__ = ("_map",)

    def __init__(self, entries: "HashTrieMap[K, V] | None" = None) -> None:
        self._map: HashTrieMap[K, V] = HashTrieMap() if entries is None else entries

    @classmethod
    def of(cls, entries: Mapping[K, V]) -> "Table[K, V]":
        """Return a table with the entries, put in pieces, so that other threads run in between."""
        waiting = iter(entries.items())
        return cls().put_all(iter(lambda: dict(islice(waiting, PIECE)), {}))

    def put_all(self, pieces: Iterable[Mapping[K, V]]) -> "Table[K, V]":
        found = self._map
        for piece in pieces:
            found = found.update(piece)
        return Table(found)

    def in_pieces(self) -> "Iterator[tuple[tuple[K, V], ...]]":
        """Yield all entries in the order of their keys, in pieces, so that other threads run in between."""
        waiting = iter(self._map.items())
        sorted_ones = iter(lambda: sorted(islice(waiting, PIECE), key=_key), [])
        in_order = merge(*sorted_ones, key=_key)
        return iter(lambda: tuple(islice(in_order, PIECE)), ())

    def get(self, key: K) -> V | None:
        return self._map.get(key)

    def put(self, key: K, value: V) -> "Table[K, V]":
        return Table(self._map.insert(key, value))

    def drop(self, key: K) -> "Table[K, V]":
        return Table(self._map.discard(key))

    def __contains__(self, key: K) -> bool:
        return key in self._map

    def __len__(self) -> int:
        return len(self._map)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Table) and bool(self._map == other._map)

    __hash__ = None  # type: ignore[assignment]  # equal by content, and too large to hash

    # without this, `for` would fall back to __getitem__-style iteration errors that hide the reason
    __iter__ = None


def _key(entry: tuple[Any, Any]) -> Any:
    return entry[0]


class Listing(Generic[V]):
    """Values in the order given, which can also be found by name; the last of a name counts."""

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
