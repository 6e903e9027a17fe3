"""A persistent priority queue of what falls due: a leftist heap, whose right spine is short."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

Due = tuple[datetime, int]
"""An instant and a number, in the order in which they fall due."""

Node = tuple[int, Due, Any, Any] | None
"""A heap. Shape: length of its right spine, its first entry, and the heaps of the others; None is empty."""


@dataclass(frozen=True, slots=True, eq=False)
class DueQueue:
    """Shape: `put` and `without_first` return another queue, which shares memory with this one."""

    root: Node = field(default=None, repr=False)
    size: int = 0

    @property
    def first(self) -> Due | None:
        return self.root[1] if self.root else None

    def put(self, due: Due) -> "DueQueue":
        return DueQueue(_merged(self.root, (1, due, None, None)), self.size + 1)

    def without_first(self) -> "DueQueue":
        """Remove the first entry of a queue that has one."""
        assert self.root is not None, "the queue is empty"
        return DueQueue(_merged(self.root[2], self.root[3]), self.size - 1)

    def __iter__(self) -> Iterator[Due]:
        """Yield the entries in order."""
        left = self
        while left.root:
            yield left.root[1]
            left = left.without_first()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DueQueue) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # equal by content, and too large to hash


def queue_of(entries: Iterable[Due]) -> DueQueue:
    found = sorted(entries)
    return DueQueue(_built(found, 0, last=len(found)), len(found))


def _built(entries: list[Due], first: int, *, last: int) -> Node:
    """Build the heap of a sorted list's part, as flat as possible."""
    if first == last:
        return None
    middle = (first + 1 + last) // 2
    return _node(entries[first], _built(entries, first + 1, last=middle), _built(entries, middle, last=last))


def _merged(one: Node, other: Node) -> Node:
    if one is None or other is None:
        return one or other
    if other[1] < one[1]:
        one, other = other, one
    return _node(one[1], one[2], _merged(one[3], other))


def _node(due: Due, one: Node, other: Node) -> Node:
    if _rank(one) < _rank(other):
        one, other = other, one
    return (_rank(other) + 1, due, one, other)


def _rank(heap: Node) -> int:
    return heap[0] if heap else 0
