"""Creation order of ids, kept in chunks so that reading a page does not walk over all ids."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from mockaxle.core.table import Table

T = TypeVar("T")
CHUNK = 512


@dataclass(frozen=True, slots=True)
class Order:
    """Ids in creation order. An id's place is its number among all ids ever appended."""

    chunks: Table[int, tuple[str, ...]] = field(default_factory=Table)
    places: int = 0
    live: int = 0

    def append(self, id: str) -> "Order":
        """Append an id. Its place is the number that `places` had before."""
        number = self.places // CHUNK
        chunk = self.chunks.get(number) or ()
        return Order(self.chunks.put(number, (*chunk, id)), self.places + 1, self.live + 1)

    def drop(self, id: str, *, place: int) -> "Order":
        number = place // CHUNK
        kept = tuple(other for other in self.chunks.get(number) or () if other != id)
        chunks = self.chunks.put(number, kept) if kept else self.chunks.drop(number)
        return Order(chunks, self.places, self.live - 1)

    def page(self, offset: int, *, limit: int) -> tuple[str, ...]:
        """Return up to `limit` ids from the `offset`-th on, skipping chunks from the nearer end."""
        want = min(limit, self.live - offset)
        if want <= 0:
            return ()
        if offset <= self.live // 2:
            return _take(self._walk(), skip=offset, want=want)
        behind = self.live - offset - want
        return _take((chunk[::-1] for chunk in self._walk(back=True)), skip=behind, want=want)[::-1]

    def _walk(self, *, back: bool = False) -> Iterator[tuple[str, ...]]:
        numbers = range((self.places + CHUNK - 1) // CHUNK)
        for number in reversed(numbers) if back else numbers:
            chunk = self.chunks.get(number)
            if chunk:
                yield chunk

    def __len__(self) -> int:
        return self.live


def _take(chunks: Iterable[tuple[str, ...]], *, skip: int, want: int) -> tuple[str, ...]:
    taken: list[str] = []
    for chunk in chunks:
        if skip >= len(chunk):
            skip -= len(chunk)
            continue
        taken.extend(chunk[skip : skip + want - len(taken)])
        skip = 0
        if len(taken) == want:
            break
    return tuple(taken)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Shape: items of this page; total counts the items of all pages."""

    items: tuple[T, ...]
    total: int
    offset: int
    limit: int

    @property
    def number(self) -> int:
        return self.offset // self.limit + 1

    @property
    def count(self) -> int:
        return -(-self.total // self.limit)
