"""A charging schedule: the blocks of time in which a car may charge. Source: F1, F8."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import pairwise
from typing import NamedTuple

from mockaxle.core.errors import FieldFault
from mockaxle.core.limits import MAX_FAULTS
from mockaxle.core.rule_errors import MalformedSchedule
from mockaxle.core.timestamps import Timestamp, read_timestamp


class Block(NamedTuple):
    """A half-open interval in which charging is allowed; its ends keep their spelling."""

    start: Timestamp
    end: Timestamp

    @property
    def length(self) -> timedelta:
        return self.end.at - self.start.at


Schedule = tuple[Block, ...]


def total(schedule: Schedule) -> timedelta:
    return sum((block.length for block in schedule), timedelta())


def read_schedule(pairs: Sequence[tuple[str, str]]) -> Schedule:
    """Read blocks from pairs of timestamps, in the order sent. Raises: MalformedSchedule. Source: F8."""
    blocks: dict[int, Block] = {}
    faults: list[FieldFault] = []
    for index, pair in enumerate(pairs):
        start, end = read_timestamp(pair[0]), read_timestamp(pair[1])
        if start is None:
            faults.append(_fault(index, "start_timestamp", "invalid datetime format", type="value_error.datetime"))
        if end is None:
            faults.append(_fault(index, "end_timestamp", "invalid datetime format", type="value_error.datetime"))
        if start is None or end is None:
            continue
        if end.at <= start.at:
            faults.append(_fault(index, "end_timestamp", "must be after start_timestamp"))
        else:
            blocks[index] = Block(start, end)
    faults += [_fault(index, "start_timestamp", "overlaps a block sent before it") for index in overlapping(blocks)]
    if faults:
        raise MalformedSchedule(tuple(sorted(faults, key=lambda fault: fault.loc[2])[:MAX_FAULTS]))
    return tuple(blocks.values())


def overlapping(blocks: Mapping[int, Block]) -> set[int]:
    """Return the numbers of the blocks that overlap one with a lower number. One walk through time, two heaps."""
    if all(one.end.at <= other.start.at for one, other in pairwise(blocks.values())):
        return set()
    found: set[int] = set()
    lowest: list[tuple[int, datetime]] = []
    highest: list[tuple[int, datetime]] = []
    for number, block in sorted(blocks.items(), key=lambda item: item[1].start.at):
        while lowest and lowest[0][1] <= block.start.at:
            heappop(lowest)
        if lowest and lowest[0][0] < number:
            found.add(number)
        while highest and (highest[0][1] <= block.start.at or -highest[0][0] > number):
            other, end = heappop(highest)
            if end > block.start.at:
                found.add(-other)
        heappush(lowest, (number, block.end.at))
        heappush(highest, (-number, block.end.at))
    return found


def _fault(index: int, end: str, msg: str, *, type: str = "value_error") -> FieldFault:
    return FieldFault(("body", "charging_schedule", index, end), msg, type)
