"""Schedules that the optimiser suite sends: the same ones in every run, some made for the market, and drawn ones."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from mockaxle.harness.json_values import Json
from mockaxle.harness.optimiser.market import HALF_HOUR, PaidWindow, Period, on_grid

SentSchedule = list[dict[str, str]]

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ENDS = ("start_timestamp", "end_timestamp")
OFFSETS = (timedelta(0), timedelta(hours=1), timedelta(hours=-5), timedelta(hours=5, minutes=45))
DAYS = tuple(datetime.fromisoformat(day).replace(tzinfo=UTC) for day in (
    "2026-01-20T16:00", "2026-03-28T18:00", "2026-06-27T20:00", "2026-10-24T20:00", "2026-12-31T17:00",
))  # fmt: skip
"""Evenings: ordinary ones, and those before clock changes."""

USUAL = (
    "2026-01-20T22:00:00Z/2026-01-21T06:00:00Z",
    "2025-06-27T22:00:00+00:00/2025-06-28T06:00:00+00:00",
    "2026-01-21T01:00:00Z/2026-01-21T02:00:00Z",
    "2026-01-21T00:45:00Z/2026-01-21T03:00:00Z",
    "2026-01-21T01:00:00Z/2026-01-21T04:00:00Z",
    "2026-01-20T22:00:00Z/2026-01-21T01:45:00Z",
    "2026-01-20T17:00:00Z/2026-01-21T07:00:00Z",
    "2026-01-20T22:00:00Z/2026-01-21T01:30:00Z, 2026-01-21T01:30:00Z/2026-01-21T06:00:00Z",
    "2026-01-21T00:15:00Z/2026-01-21T02:15:00Z",
    "2026-01-21T00:15:00Z/2026-01-21T02:14:00Z",
    "2026-10-24T22:00:00+01:00/2026-10-25T06:00:00+00:00",
    "2026-03-28T22:00:00Z/2026-03-29T07:00:00+01:00",
    "2026-06-27T16:00:00+01:00/2026-06-28T07:00:00+01:00",
    "2026-01-20T16:00:00-05:00/2026-01-21T08:00:00-05:00",
    "2026-01-21T03:45:00+05:45/2026-01-21T11:45:00+05:45",
    "2026-01-20T20:00:00Z/2026-01-20T20:01:00Z",
    "2026-01-21T08:00:00Z/2026-01-21T16:00:00Z",
    "2026-01-21T03:00:00-05:00/2026-01-21T06:00:00-05:00, 2026-01-21T07:00:00-05:00/2026-01-21T11:00:00-05:00",
    "2026-01-20T12:00:00Z/2026-01-22T12:00:00Z",
    "2026-01-20T22:10:00Z/2026-01-21T05:50:00Z, 2026-01-21T16:05:00Z/2026-01-22T06:55:00Z",
    "2026-01-20T18:00:00Z/2026-01-20T23:00:00Z, 2026-01-21T00:00:00Z/2026-01-21T08:00:00Z, "
    "2026-01-21T12:00:00Z/2026-01-21T15:00:00Z",
)
"""Schedules of one block and of several: the examples of F12, and others at clock changes and in other offsets."""

UNSORTED = (
    "2026-01-21T22:00:00Z/2026-01-22T06:00:00Z, 2026-01-20T22:00:00Z/2026-01-21T06:00:00Z",
    "2026-01-21T12:00:00Z/2026-01-21T13:00:00Z, 2026-01-20T17:00:00Z/2026-01-21T07:00:00Z, "
    "2026-01-20T12:00:00Z/2026-01-20T13:00:00Z",
)
ODDLY_SPELT = (
    "2026-01-20T22:00Z/2026-01-21T06:00:00.250Z",
    "2026-01-20t22:00:00z/2026-01-21T06:00:00-00:00",
    "2026-01-20 22:00:00Z/2026-01-21 06:00:00+00:00",
)
MOST_BLOCKS, MOST_WINDOWS = 1_000, 8
MODELLED = range(1900, 2900)
"""The years of windows for which schedules are made."""

PLAIN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")


def read(text: str) -> SentSchedule:
    """Read a schedule such as `start/end, start/end`."""
    return [dict(zip(ENDS, block.split("/"), strict=True)) for block in text.split(", ")]


def spelt(blocks: Sequence[Period]) -> SentSchedule:
    return [dict(zip(ENDS, (_spelt(start), _spelt(end)), strict=True)) for start, end in blocks]


def later(sent: SentSchedule, by: timedelta) -> SentSchedule:
    """Return a schedule on later days, in the same offsets."""
    if not by:
        return sent
    return [{name: _spelt(datetime.fromisoformat(text.upper()) + by) for name, text in block.items()} for block in sent]


def _spelt(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def many_touching() -> SentSchedule:
    """Make 48 touching half-hours, none of which has room for a pause. Source: F12."""
    first = DAYS[0]
    return spelt([Period(first + n * HALF_HOUR, first + (n + 1) * HALF_HOUR) for n in range(48)])


def most_blocks() -> SentSchedule:
    """Make a schedule of as many blocks as there may be: a night, then a minute in each hour. Source: F8."""
    night = Period(DAYS[0] + 6 * HOUR, DAYS[0] + 14 * HOUR)
    starts = (night.end + n * HOUR for n in range(1, MOST_BLOCKS))
    return spelt([night, *(Period(start, start + MINUTE) for start in starts)])


def usual() -> Iterator[SentSchedule]:
    """Yield the schedules of every run."""
    yield from map(read, (*USUAL, *UNSORTED, *ODDLY_SPELT))
    yield many_touching()
    yield most_blocks()
    yield []


def around(windows: Sequence[PaidWindow], *, pause: timedelta) -> Iterator[SentSchedule]:
    """Yield schedules with much room around a window, too short ones, and those with just enough or too little room."""
    for window in windows[:MOST_WINDOWS]:
        paid = window.first_after(DAYS[0])
        if paid is None or paid.period.start.year not in MODELLED or paid.period.end.year not in MODELLED:
            continue
        start, end = paid.period
        much, first = 4 * pause + 2 * HALF_HOUR, on_grid(start)
        least = Period(first - HALF_HOUR, first + pause + HALF_HOUR)
        yield spelt([Period(start - much, end + much)])
        yield spelt([least])
        for block in (least, Period(least.start + MINUTE, least.end), Period(least.start, least.end - MINUTE)):
            yield spelt([block, *_without_room(end + much, length=4 * pause)])


def _without_room(start: datetime, *, length: timedelta) -> list[Period]:
    """Return touching blocks, each too short for a pause, so that the schedule is long enough for one."""
    return [Period(start + n * HOUR, start + (n + 1) * HOUR) for n in range(length // HOUR)]


@st.composite
def drawn(draw: st.DrawFn, *, after: timedelta) -> SentSchedule:
    """Draw schedules with many blocks, odd offsets, clock changes, blocks of a minute and sessions of two days.

    Shape: the days are that much after those of 2026.
    """
    at, blocks = draw(st.sampled_from(DAYS)) + after + timedelta(minutes=draw(st.integers(0, 300))), []
    zone = timezone(draw(st.sampled_from(OFFSETS)))
    lengths = st.one_of(st.just(1), st.integers(2, 90), st.integers(91, 720), st.just(2880))
    for gap, length in draw(
        st.lists(st.tuples(st.sampled_from((0, 1, 30, 45, 200)), lengths), min_size=1, max_size=12)
    ):
        start = at + timedelta(minutes=gap)
        at = start + timedelta(minutes=length)
        written = [instant.astimezone(zone).isoformat() for instant in (start, at)]
        with_z = draw(st.booleans())
        blocks.append(dict(zip(ENDS, [t.replace("+00:00", "Z") if with_z else t for t in written], strict=True)))
    return blocks


def periods(blocks: Json) -> list[Period] | None:
    """Read the blocks of a schedule; None if it is none."""
    try:
        return [_period(block) for block in blocks] if isinstance(blocks, list) else None
    except (TypeError, KeyError, ValueError, AttributeError, OverflowError):
        return None


def _period(block: Json) -> Period:
    """Raises: TypeError, KeyError, ValueError, AttributeError, OverflowError."""
    if not isinstance(block, dict):
        raise TypeError("a block is an object")
    start, end = (datetime.fromisoformat(str(block[name]).upper()) for name in ENDS)
    if start.tzinfo is None or end.tzinfo is None:
        raise ValueError("an instant without an offset")
    return Period(start.astimezone(UTC), end.astimezone(UTC))


def is_sorted(blocks: Sequence[Period]) -> bool:
    return list(blocks) == sorted(blocks)


def is_plain(sent: SentSchedule) -> bool:
    """Tell whether all timestamps have the usual form."""
    return all(PLAIN.fullmatch(text) for block in sent for text in block.values())
