"""Charging schedules as lines on one time axis."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mockaxle.core.timestamps import read_timestamp

WIDTH = 72
SCALES = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 15, 30, 60, 120, 240, 480, 1440))
HOUR = timedelta(hours=1)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Track:
    """A line of the diagram. Shape: half-open spans in aware UTC, drawn with one mark."""

    label: str
    spans: Sequence[Span]
    mark: str


def spans_of(schedule: Sequence[dict[str, str]]) -> list[Span]:
    """The blocks of a charging schedule in the API's form."""
    pairs = [(read_timestamp(one["start_timestamp"]), read_timestamp(one["end_timestamp"])) for one in schedule]
    return [(start.at, end.at) for start, end in pairs if start and end]


def draw(rows: Sequence[Track]) -> list[str]:
    """An axis in hours of UTC, and the rows below it, cut to the span of the first row."""
    first, last = min(start for start, _ in rows[0].spans), max(end for _, end in rows[0].spans)
    first = first.replace(minute=0, second=0, microsecond=0)
    step = next((scale for scale in SCALES if (last - first) / scale <= WIDTH), SCALES[-1])
    count = -((first - last) // step)
    indent = max(len(row.label) for row in rows) + 2
    lines = [f"{'UTC':{indent}}{_axis(first, step, count=count)}"]
    for row in rows:
        cells = (_cell(first + number * step, step, row=row) for number in range(count))
        lines.append(f"{row.label:{indent}}{''.join(cells)}".rstrip())
    return lines


def _axis(first: datetime, step: timedelta, *, count: int) -> str:
    """Two digits above the first cell of an hour, for as many hours as fit."""
    axis = [" "] * (count + 2)
    room = 0
    for number in range(count + 1):
        at = first + number * step
        if number >= room and (at - at.replace(hour=0, minute=0)) % HOUR == timedelta():
            axis[number : number + 2] = f"{at:%H}"
            room = number + 4
    return "".join(axis).rstrip()


def _cell(start: datetime, step: timedelta, *, row: Track) -> str:
    """The mark if spans cover at least half of the cell, else a space."""
    end = start + step
    covered = sum((max(min(end, to) - max(start, since), timedelta()) for since, to in row.spans), timedelta())
    return row.mark if 2 * covered >= step else " "
