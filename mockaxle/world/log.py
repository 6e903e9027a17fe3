"""A world's log: a base and all entries since, bounded and always complete."""

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, takewhile
from typing import Generic, TypeVar

from mockaxle.core.limits import MAX_LOG_BYTES
from mockaxle.world.entries import Command, Delivery, Entry, Held

Base = TypeVar("Base")

CHUNK_ENTRIES = 160
CHUNK_BYTES = 1 << 20


@dataclass(slots=True)
class Chunk(Generic[Base]):
    """The entries since a base. Shape: first is the number of the first entry. Units: approximate size in bytes."""

    base: Base
    first: int
    entries: list[Entry] = field(default_factory=list)
    size: int = 0

    @property
    def is_full(self) -> bool:
        """Whether the next entry begins another chunk. So it does after a command, which may be slow to repeat."""
        entries = self.entries
        return (
            len(entries) >= CHUNK_ENTRIES
            or self.size >= CHUNK_BYTES
            or bool(entries and isinstance(entries[-1], Command))
        )


class Log(Generic[Base]):
    """Keeps the base of every chunk, so that the log is complete after the oldest chunk is dropped.

    Units: limits in entries and bytes; `size` is the approximate number of bytes of all entries.
    """

    def __init__(
        self, base: Base, *, max_entries: int = 10_000, max_bytes: int = MAX_LOG_BYTES, dropped: int = 0
    ) -> None:
        self.chunks: deque[Chunk[Base]] = deque([Chunk(base, dropped + 1)])
        self.dropped = dropped
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._kept = 0
        self.size = 0

    def copy(self) -> "Log[Base]":
        """Return a log that goes on by itself. Chunks are shared but for the last one, which alone may change."""
        other = self.anew(self.base, dropped=self.dropped)
        other.chunks = self.chunks.copy()
        other.chunks[-1] = replace(self.chunks[-1], entries=[*self.chunks[-1].entries])
        other.size, other._kept = self.size, self._kept
        return other

    def anew(self, base: Base, *, dropped: int = 0) -> "Log[Base]":
        """Return an empty log with the same limits."""
        return Log(base, max_entries=self._max_entries, max_bytes=self._max_bytes, dropped=dropped)

    @property
    def base(self) -> Base:
        """The base to which the oldest kept entry was applied."""
        return self.chunks[0].base

    def append(self, entry: Entry, *, before: Base) -> None:
        """Append an entry that was applied to `before`."""
        if self.chunks[-1].is_full:
            self.chunks.append(Chunk(before, self.last + 1))
        self._put(entry)
        while len(self.chunks) > 1 and (self._kept > self._max_entries or self.size > self._max_bytes):
            self._drop(self.chunks.popleft())

    def shed(self, now: Base) -> None:
        """Drop the oldest chunk. If it was the last one, the log begins anew with the base `now`."""
        self._drop(self.chunks.popleft())
        if not self.chunks:
            self.chunks.append(Chunk(now, self.dropped + 1))

    def entry(self, number: int) -> Entry:
        """Return an entry by its number. Raises: KeyError if it is not kept."""
        return self.leading_to(number)[2]

    def leading_to(self, number: int) -> tuple[Base, list[Entry], Entry]:
        """Return a base, the entries from it up to an entry, and that entry. Raises: KeyError if it is not kept."""
        return leading_to(number, self.chunks)

    def cut(self, number: int) -> None:
        """Drop the entry and all later ones."""
        while self.chunks[-1].first >= number and len(self.chunks) > 1:
            self._forget(self.chunks.pop())
        chunk = self.chunks[-1]
        self._forget(chunk)
        self.chunks[-1] = Chunk(chunk.base, chunk.first)
        for entry in chunk.entries[: number - chunk.first]:
            self._put(entry)

    def _put(self, entry: Entry) -> None:
        chunk, size = self.chunks[-1], weigh(entry)
        chunk.entries.append(entry)
        chunk.size += size
        self._kept += 1
        self.size += size

    def _drop(self, chunk: Chunk[Base]) -> None:
        self.dropped += len(chunk.entries)
        self._forget(chunk)

    def _forget(self, chunk: Chunk[Base]) -> None:
        self._kept -= len(chunk.entries)
        self.size -= chunk.size

    @property
    def last(self) -> int:
        """The number of the newest entry, kept or dropped; 0 if there is none."""
        return self.dropped + self._kept

    def after(self, number: int) -> Iterator[tuple[int, Entry]]:
        """Yield the kept entries after a number, each with its own. Costs no more than these entries."""
        later = list(takewhile(lambda chunk: chunk.first + len(chunk.entries) > number + 1, reversed(self.chunks)))
        for chunk in reversed(later):
            begin = max(number + 1 - chunk.first, 0)
            yield from enumerate(islice(chunk.entries, begin, None), start=chunk.first + begin)

    def __iter__(self) -> Iterator[Entry]:
        for chunk in self.chunks:
            yield from chunk.entries

    def __len__(self) -> int:
        return self._kept


def leading_to(number: int, chunks: Sequence[Chunk[Base]]) -> tuple[Base, list[Entry], Entry]:
    """Find a base, the entries from it up to an entry, and that entry. Raises: KeyError."""
    chunk = chunks[bisect_right(chunks, number, key=lambda chunk: chunk.first) - 1]
    place = number - chunk.first
    if not 0 <= place < len(chunk.entries):
        raise KeyError(number)
    return chunk.base, chunk.entries[:place], chunk.entries[place]


def weigh(entry: Entry) -> int:
    """Estimate the bytes that an entry takes."""
    if isinstance(entry, Command):
        return 1024 + len(str(entry.path)) + len(str(entry.body))
    if isinstance(entry, Delivery):
        return 1024 + len(entry.error or "")
    request, answered = entry.request, 0 if isinstance(entry, Held) else len(entry.response.body)
    size = 1024 + len(request.path) + len(request.query) + len(request.body) + answered
    for name, value in request.headers:
        size += len(name) + len(value)
    return size
