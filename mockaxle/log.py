"""A world's log: a base and all that happened since, bounded, and always whole."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from mockaxle.exchange import Command, Entry

Base = TypeVar("Base")

CHUNK_ENTRIES = 256
CHUNK_BYTES = 1 << 20


@dataclass(slots=True)
class Chunk(Generic[Base]):
    """The entries since a base. Units: size in bytes, roughly."""

    base: Base
    entries: list[Entry] = field(default_factory=list)
    size: int = 0

    @property
    def full(self) -> bool:
        return len(self.entries) >= CHUNK_ENTRIES or self.size >= CHUNK_BYTES


class Log(Generic[Base]):
    """Keeps the base of every chunk, so that dropping the oldest chunk leaves base and entries whole.

    Units: limits in entries and bytes.
    """

    def __init__(self, base: Base, *, max_entries: int = 10_000, max_bytes: int = 16 << 20) -> None:
        self.chunks: deque[Chunk[Base]] = deque([Chunk(base)])
        self.dropped = 0
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._kept = 0
        self._size = 0

    @property
    def base(self) -> Base:
        """What the oldest entry that is kept was applied to."""
        return self.chunks[0].base

    def append(self, entry: Entry, *, before: Base) -> None:
        """Takes the entry that was applied to `before`."""
        if self.chunks[-1].full:
            self.chunks.append(Chunk(before))
        chunk, size = self.chunks[-1], weigh(entry)
        chunk.entries.append(entry)
        chunk.size += size
        self._kept += 1
        self._size += size
        while len(self.chunks) > 1 and (self._kept > self._max_entries or self._size > self._max_bytes):
            self._drop(self.chunks.popleft())

    def _drop(self, chunk: Chunk[Base]) -> None:
        self.dropped += len(chunk.entries)
        self._kept -= len(chunk.entries)
        self._size -= chunk.size

    def __iter__(self) -> Iterator[Entry]:
        for chunk in self.chunks:
            yield from chunk.entries

    def __len__(self) -> int:
        return self._kept


def weigh(entry: Entry) -> int:
    """Roughly the bytes that an entry keeps."""
    if isinstance(entry, Command):
        return 1024 + len(str(entry.arguments))
    request, response = entry.request, entry.response
    headers = sum(len(name) + len(value) for name, value in request.headers)
    return 1024 + headers + len(request.path) + len(request.query) + len(request.body) + len(response.body)
