"""Creation order of ids, kept in chunks so that reading a page does not walk over all ids.

The latest ids are in a short tail, which an append copies instead of a chunk.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from mockaxle.core.table import Table

T = TypeVar("T")
CHUNK, TAIL = 512, 32


class Order(NamedTuple):
    """Ids in creation order. An id's place is its number among all ids ever appended.

    Shape: the tail has the ids of the places since the last multiple of TAIL.
    """

    chunks: Table[int, tuple[str, ...]] = Table()
    tail: tuple[str, ...] = ()
    places: int = 0
    live: int = 0

    def append(self, id: str) -> "Order":
        """Append an id. Its place is the number that `places` had before."""
        chunks, tail, places, live = self
        tail = (*tail, id)
        if (places + 1) % TAIL == 0:
            number = places // CHUNK
            chunks, tail = chunks.put(number, (*(chunks.get(number) or ()), *tail)), ()
        return Order(chunks, tail, places + 1, live + 1)

    def drop(self, id: str, *, place: int) -> "Order":
        if place >= self.places - self.places % TAIL:
            return self._replace(tail=_without(self.tail, id), live=self.live - 1)
        number = place // CHUNK
        kept = _without(self.chunks.get(number) or (), id)
        chunks = self.chunks.put(number, kept) if kept else self.chunks.drop(number)
        return self._replace(chunks=chunks, live=self.live - 1)

    def page(self, offset: int, *, limit: int) -> tuple[str, ...]:
        """Return up to `limit` ids from the `offset`-th on, skipping chunks from the nearer end."""
        want = min(limit, self.live - offset)
        if want <= 0:
            return ()
        if offset <= self.live // 2:
            return _take(self._walk(), skip=offset, want=want)
        behind = self.live - offset - want
        return _take((chunk[::-1] for chunk in self._walk(back=True)), skip=behind, want=want)[::-1]

    def since(self, place: int) -> Iterator[str]:
        """Yield the ids from a place on, and maybe a few before it."""
        for number in range(place // CHUNK, (self.places + CHUNK - 1) // CHUNK):
            yield from self.chunks.get(number) or ()
        yield from self.tail

    def _walk(self, *, back: bool = False) -> Iterator[tuple[str, ...]]:
        if back and self.tail:
            yield self.tail
        numbers = range((self.places + CHUNK - 1) // CHUNK)
        for number in reversed(numbers) if back else numbers:
            chunk = self.chunks.get(number)
            if chunk:
                yield chunk
        if not back and self.tail:
            yield self.tail


def order_of(ids: Sequence[str]) -> Order:
    """Return the order to which the ids were appended."""
    count = len(ids)
    kept = count - count % TAIL
    chunks = {start // CHUNK: tuple(ids[start : min(start + CHUNK, kept)]) for start in range(0, kept, CHUNK)}
    return Order(Table.of(chunks), tuple(ids[kept:]), count, count)


def order_at(ids: Mapping[int, str], *, places: int) -> Order:
    """Return the order of so many places in which only these ids are left, each at its place."""
    chunks, tail, kept = defaultdict[int, list[str]](list), list[str](), places - places % TAIL
    for place in sorted(ids):
        (tail if place >= kept else chunks[place // CHUNK]).append(ids[place])
    return Order(Table.of({number: tuple(chunk) for number, chunk in chunks.items()}), tuple(tail), places, len(ids))


def _without(ids: tuple[str, ...], id: str) -> tuple[str, ...]:
    at = ids.index(id)
    return ids[:at] + ids[at + 1 :]


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
