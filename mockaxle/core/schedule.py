"""A charging schedule: the blocks of time in which a car may charge. Source: F1, F8."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mockaxle.core.errors import Fault, MalformedSchedule
from mockaxle.core.timestamps import Timestamp, read_timestamp

MAX_FAULTS = 1000


@dataclass(frozen=True, slots=True)
class Block:
    """A time in which charging is allowed, half-open, with its ends as they were spelt."""

    start: Timestamp
    end: Timestamp

    @property
    def length(self) -> timedelta:
        return self.end.at - self.start.at


Schedule = tuple[Block, ...]


def total(schedule: Schedule) -> timedelta:
    return sum((block.length for block in schedule), timedelta())


def read_schedule(pairs: Sequence[tuple[str, str]]) -> Schedule:
    """The blocks that pairs of timestamps spell, in the order sent. Raises: MalformedSchedule. Source: F8."""
    blocks: list[Block] = []
    faults: list[Fault] = []
    for index, pair in enumerate(pairs):
        start, end = map(read_timestamp, pair)
        faults += [
            _fault(index, name, "invalid datetime format", "value_error.datetime")
            for name, read in (("start_timestamp", start), ("end_timestamp", end))
            if read is None
        ]
        if start and end and end.at <= start.at:
            faults.append(_fault(index, "end_timestamp", "must be after start_timestamp", "value_error"))
        elif start and end:
            blocks.append(Block(start, end))
    faults = faults or overlaps(blocks)
    if faults:
        raise MalformedSchedule(tuple(faults[:MAX_FAULTS]))
    return tuple(blocks)


def overlaps(blocks: Sequence[Block]) -> list[Fault]:
    """A fault for each block that overlaps one sent before it."""
    faults: list[Fault] = []
    placed: list[tuple[datetime, datetime]] = []
    for index, block in enumerate(blocks):
        ends = (block.start.at, block.end.at)
        at = bisect_left(placed, ends)
        neighbours = placed[max(at - 1, 0) : at + 1]
        if any(start < block.end.at and block.start.at < end for start, end in neighbours):
            faults.append(_fault(index, "start_timestamp", "overlaps a block sent before it", "value_error"))
        else:
            insort(placed, ends)
    return faults


def _fault(index: int, end: str, msg: str, type: str) -> Fault:
    return Fault(("body", "charging_schedule", index, end), msg, type)
