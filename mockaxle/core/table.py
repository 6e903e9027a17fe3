"""A persistent map for looking things up. It cannot be iterated: its order is random."""

from typing import Generic, TypeVar

from rpds import HashTrieMap

K = TypeVar("K")
V = TypeVar("V")


class Table(Generic[K, V]):
    """Looks up a value by key; put and drop return a new table that shares all else with this one."""

    __slots__ = ("_map",)

    def __init__(self, entries: "HashTrieMap[K, V] | None" = None) -> None:
        self._map: HashTrieMap[K, V] = HashTrieMap() if entries is None else entries

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
