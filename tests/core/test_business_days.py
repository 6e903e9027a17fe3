"""Business days: weekends, bank holidays, the nights on which the clocks change, and the calendar's ends."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mockaxle.core.business_days import BANK_HOLIDAYS, LAST_YEAR, is_business_day, noon_after

EASTERS = ["2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2028-04-16", "2029-04-01", "2030-04-21"]


def noon(at: str, days: int = 1) -> str:
    found = noon_after(datetime.fromisoformat(f"{at}+00:00"), days)
    assert found
    return found.strftime("%Y-%m-%d %H:%M")


@pytest.mark.rule("B10")
@pytest.mark.parametrize(
    ("at", "days", "expected"),
    [
        ("2026-01-20T18:00", 1, "2026-01-21 12:00"),
        ("2026-01-20T00:00", 1, "2026-01-21 12:00"),
        ("2026-01-20T18:00", 2, "2026-01-22 12:00"),
        ("2026-01-23T09:00", 1, "2026-01-26 12:00"),  # a Friday
        ("2026-01-24T09:00", 1, "2026-01-26 12:00"),
        ("2026-01-25T09:00", 2, "2026-01-27 12:00"),
        ("2026-07-01T22:59", 1, "2026-07-02 11:00"),  # summer time
        ("2026-07-01T23:00", 1, "2026-07-03 11:00"),  # the next day in the UK
        ("2026-03-27T12:00", 1, "2026-03-30 11:00"),  # the clocks go forward on the Sunday
        ("2026-10-23T12:00", 1, "2026-10-26 12:00"),  # and back
        ("2026-04-02T12:00", 1, "2026-04-07 11:00"),  # Easter
        ("2026-12-24T12:00", 1, "2026-12-29 12:00"),  # Boxing Day is a Saturday
        ("2027-12-24T12:00", 1, "2027-12-29 12:00"),
        ("2027-12-31T12:00", 1, "2028-01-04 12:00"),
        ("2030-12-24T12:00", 2, "2030-12-30 12:00"),
        ("2031-12-24T12:00", 1, "2031-12-25 12:00"),  # only weekends are known
    ],
)
def test_money_arrives_at_noon_in_the_uk(at: str, days: int, expected: str) -> None:
    assert noon(at, days) == expected


@pytest.mark.rule("B10")
def test_after_the_calendars_end_there_is_no_business_day() -> None:
    assert noon_after(datetime(9999, 12, 30, 9, tzinfo=UTC)) == datetime(9999, 12, 31, 12, tzinfo=UTC)
    assert noon_after(datetime(9999, 12, 31, 9, tzinfo=UTC)) is None
    assert noon_after(datetime.min.replace(tzinfo=UTC)) is not None


@pytest.mark.rule("B10")
def test_each_year_of_the_table_has_eight_bank_holidays_on_weekdays() -> None:
    years = [day.year for day in BANK_HOLIDAYS]
    assert {year: years.count(year) for year in years} == dict.fromkeys(range(2024, LAST_YEAR + 1), 8)
    assert {day.weekday() for day in BANK_HOLIDAYS} <= {0, 1, 2, 3, 4}
    for text in EASTERS:
        easter = date.fromisoformat(text)
        assert {easter - timedelta(days=2), easter + timedelta(days=1)} < BANK_HOLIDAYS


@pytest.mark.rule("B10")
def test_other_holidays_can_be_given() -> None:
    tuesday = date(2026, 1, 20)
    assert is_business_day(tuesday)
    assert not is_business_day(tuesday, frozenset({tuesday}))
    assert noon_after(datetime(2026, 1, 19, tzinfo=UTC), holidays=frozenset({tuesday})) == datetime(
        2026, 1, 21, 12, tzinfo=UTC
    )
