"""Months in UK time, by which money is settled. Source: B5, B9."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache

from mockaxle.core.clock import LAST
from mockaxle.core.half_hours import DAWN, since_dawn
from mockaxle.core.local_time import LONDON, instant_of, local_day_and_time

LAST_YEAR = datetime.max.year


@lru_cache(maxsize=4096)
def uk_date(at: datetime) -> date:
    """Return the date in the UK at an instant."""
    day, _ = local_day_and_time(since_dawn(at), timezone=LONDON)
    return date.fromordinal(day + 1)


def month_end(at: datetime) -> datetime:
    """Return the end of an instant's UK month, which is the start of the next one; at most the calendar's end."""
    today = uk_date(at)
    return _start_of(today.year + today.month // 12, today.month % 12 + 1)


def month_before(end: datetime) -> datetime:
    """Return the start of the UK month that ends at an instant."""
    last = uk_date(end - timedelta(days=1))
    return _start_of(last.year, last.month)


@lru_cache(maxsize=1024)
def final_at(at: datetime) -> datetime:
    """Return when the revenue of an event in an instant's month is final. Source: B5."""
    return month_end(month_end(at))


def _start_of(year: int, month: int) -> datetime:
    if year > LAST_YEAR:
        return LAST
    age = instant_of(date(year, month, 1).toordinal() - 1, time(), timezone=LONDON)
    return LAST if age is None else DAWN + age
