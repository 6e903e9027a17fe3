"""Business days: neither weekends nor the bank holidays of England and Wales."""

from datetime import date

BANK_HOLIDAYS: frozenset[date] = frozenset()


def is_business_day(day: date, holidays: frozenset[date]) -> bool:
    return day.weekday() < 5 and day not in holidays
