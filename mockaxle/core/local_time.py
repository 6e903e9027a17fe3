"""Local times of day as instants, and the days on which a timezone's clocks change."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
FIRST_CHANGE_YEAR = 1800
LAST_IRREGULAR_YEAR = 2090  # every zone follows a yearly rule from here on


def instant_of(day: int, at: time, *, timezone: str) -> timedelta | None:
    """Age of a local time of day on a local date; None off the calendar.

    A time that occurs twice is its first occurrence, a skipped one takes the offset before the change.
    Units: day counts from 1 January of year 1, age is the time since that day's first instant in UTC.
    Source: F4 (RFC 5545 section 3.3.5, which is also how `fold=0` reads them).
    """
    try:
        local = datetime.combine(datetime.min + day * DAY, at)
    except OverflowError:
        return None
    return local - datetime.min - _offset(local, timezone)


def offset_on(day: int, *, timezone: str) -> timedelta:
    """The offset in force when a UTC day starts."""
    return _offset_at(day * DAY, timezone)


@dataclass(frozen=True, slots=True)
class Change:
    """A clock change. Units: day counts from 1 January of year 1, into_day from that day's start in UTC."""

    day: int
    into_day: timedelta
    before: timedelta
    after: timedelta


@lru_cache(maxsize=1 << 14)
def changes(year: int, *, timezone: str) -> tuple[Change, ...]:
    """The clock changes from the eve of a year's first UTC day to the end of its last but one."""
    if not FIRST_CHANGE_YEAR <= year < datetime.max.year:
        return ()
    first = datetime(year, 1, 1).toordinal() - 2
    last = datetime(year + 1, 1, 1).toordinal() - 2
    offsets = [_offset_at(day * DAY, timezone) for day in range(first, last + 1)]
    return tuple(
        Change(first + i, _change_between((first + i) * DAY, timezone), before, after)
        for i, (before, after) in enumerate(pairwise(offsets))
        if before != after
    )


def _change_between(start: timedelta, timezone: str) -> timedelta:
    before, seconds = _offset_at(start, timezone), range(1, 24 * 60 * 60 + 1)
    return timedelta(
        seconds=1
        + bisect_left(
            seconds, True, key=lambda second: _offset_at(start + timedelta(seconds=second), timezone) != before
        )
    )


def year_of(day: int) -> int:
    return (datetime.min + min(max(day, 0), datetime.max.toordinal() - 1) * DAY).year


def _offset_at(age: timedelta, timezone: str) -> timedelta:
    return (datetime.min + age).replace(tzinfo=UTC).astimezone(_zone(timezone)).utcoffset() or timedelta()


def _offset(local: datetime, timezone: str) -> timedelta:
    return local.replace(tzinfo=_zone(timezone)).utcoffset() or timedelta()


@lru_cache(maxsize=1024)
def _zone(timezone: str) -> ZoneInfo:
    return ZoneInfo(timezone)
