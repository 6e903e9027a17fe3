"""Business days of England and Wales, on which payments arrive: weekdays that are not bank holidays. Source: B10."""

from collections.abc import Set
from datetime import date, datetime, time, timedelta

from mockaxle.core.half_hours import DAWN, since_dawn
from mockaxle.core.local_time import LONDON, instant_of, local_day_and_time

LAST_YEAR = 2030
"""The last year of the table below. After it, only weekends are left out."""

BANK_HOLIDAYS: Set[date] = frozenset(
    date(year, int(day[:2]), int(day[3:]))
    for year, days in {
        2024: "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
        2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
        2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
        2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
        2028: "01-03 04-14 04-17 05-01 05-29 08-28 12-25 12-26",
        2029: "01-01 03-30 04-02 05-07 05-28 08-27 12-25 12-26",
        2030: "01-01 04-19 04-22 05-06 05-27 08-26 12-25 12-26",
    }.items()
    for day in days.split()
)
"""Those of England and Wales, with the substitutes for those that fall on a weekend."""

NOON, SATURDAY = time(12), 5


def is_business_day(day: date, holidays: Set[date] = BANK_HOLIDAYS) -> bool:
    return day.weekday() < SATURDAY and day not in holidays


def noon_after(at: datetime, business_days: int = 1, *, holidays: Set[date] = BANK_HOLIDAYS) -> datetime | None:
    """Return noon in the UK on the nth business day after an instant's UK date; None after the end of the calendar.

    Source: B10.
    """
    day = date.min + timedelta(days=local_day_and_time(since_dawn(at), timezone=LONDON)[0])
    left = business_days
    while left:
        if day == date.max:
            return None
        day += timedelta(days=1)
        left -= is_business_day(day, holidays)
    age = instant_of(day.toordinal() - 1, NOON, timezone=LONDON)
    return None if age is None else DAWN + age


def is_beyond_table(at: datetime | None) -> bool:
    """Tell whether an instant is in a year whose bank holidays are unknown."""
    return at is not None and at.year > LAST_YEAR
