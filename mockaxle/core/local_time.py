"""Conversion of local times to instants, and the clock changes of timezones."""

from bisect import bisect_left
from datetime import UTC, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

DAY = timedelta(days=1)
LONDON = "Europe/London"
USUAL = frozenset({LONDON, "UTC"})
FIRST_CHANGE_YEAR = 1800
LAST_IRREGULAR_YEAR = 2090  # every zone follows a yearly rule from here on
LAST_DAY = datetime.max.toordinal() - 1


def is_timezone(name: str) -> bool:
    """Tell whether IANA has a timezone of that name. For the usual ones no folder of the system is searched."""
    return name in USUAL or name in _timezones()


@cache
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones()) - {"localtime", "Factory"}


def instant_of(day: int, at: time, *, timezone: str) -> timedelta | None:
    """Return the age of a local time of day on a local date; None outside the calendar.

    A time that occurs twice means its first occurrence; a skipped one takes the offset before the change.
    Units: day counts from 1 January of year 1, age is the time since that day's first instant in UTC.
    Source: F4 (RFC 5545 section 3.3.5, as `fold=0` does).
    """
    try:
        local = datetime.combine(datetime.min + day * DAY, at)
    except OverflowError:
        return None
    return local - datetime.min - _offset(local, timezone)


def local_day_and_time(age: timedelta, *, timezone: str) -> tuple[int, time]:
    """Return the local date and time of day at an instant; at the calendar's ends, the nearest ones.

    Units: as instant_of.
    """
    longest = LAST_DAY * DAY + DAY - datetime.resolution
    local = datetime.min + min(max(age + _offset_at(age, timezone), timedelta()), longest)
    return local.toordinal() - 1, local.time()


def offset_on(day: int, *, timezone: str) -> timedelta:
    """Return the offset at the start of a UTC day."""
    return _offset_at(day * DAY, timezone)


class Change(NamedTuple):
    """A clock change. Units: day counts from 1 January of year 1, into_day from that day's start in UTC."""

    day: int
    into_day: timedelta
    before: timedelta
    after: timedelta


@lru_cache(maxsize=1 << 14)
def changes(year: int, *, timezone: str) -> tuple[Change, ...]:
    """Return the clock changes of a year, counted from one 31 December to the next, exclusive.

    Offsets are sampled some days apart: no timezone has had two changes in three days, nor has two in a fortnight
    once its rule is the same every year.
    """
    if year < FIRST_CHANGE_YEAR:
        return ()
    first, last = (datetime(year, 1, 1).toordinal() - 2, datetime(year, 12, 31).toordinal() - 1)
    days = [*range(first, last, 3 if year <= LAST_IRREGULAR_YEAR else 14), last]
    return tuple(
        _change_on(_day_of_change(early, late, timezone=timezone), timezone)
        for early, late in pairwise(days)
        if offset_on(early, timezone=timezone) != offset_on(late, timezone=timezone)
    )


def _day_of_change(early: int, late: int, *, timezone: str) -> int:
    """Find the day whose start and end have different offsets."""
    before, days = offset_on(early, timezone=timezone), range(early + 1, late + 1)
    return days[bisect_left(days, True, key=lambda day: offset_on(day, timezone=timezone) != before)] - 1


def _change_on(day: int, timezone: str) -> Change:
    before, after = offset_on(day, timezone=timezone), offset_on(day + 1, timezone=timezone)
    return Change(day, _change_between(day * DAY, timezone), before, after)


def _change_between(start: timedelta, timezone: str) -> timedelta:
    before, seconds = _offset_at(start, timezone), range(1, 24 * 60 * 60 + 1)
    return timedelta(
        seconds=1
        + bisect_left(
            seconds, True, key=lambda second: _offset_at(start + timedelta(seconds=second), timezone) != before
        )
    )


def year_of(day: int) -> int:
    return (datetime.min + min(max(day, 0), LAST_DAY) * DAY).year


def _offset_at(age: timedelta, timezone: str) -> timedelta:
    """Return the offset at an instant; at the calendar's ends, that of the nearest day with local times."""
    at = datetime.min + min(max(age, DAY), LAST_DAY * DAY - DAY)
    return at.replace(tzinfo=UTC).astimezone(_zone(timezone)).utcoffset() or timedelta()


def _offset(local: datetime, timezone: str) -> timedelta:
    return local.replace(tzinfo=_zone(timezone)).utcoffset() or timedelta()


@lru_cache(maxsize=1024)
def _zone(timezone: str) -> ZoneInfo:
    return ZoneInfo(timezone)
