"""Flex windows in local time."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from mockaxle.core.local_time import changes, offset_on
from mockaxle.core.market import Search, SingleWindow
from mockaxle.core.offers import PriceTable
from tests.core.markets import daily

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


@pytest.mark.rule("F4")
@pytest.mark.parametrize(
    ("window", "day", "expected"),
    [
        (("01:00", "02:00"), SPRING, None),
        (("00:30", "02:30"), SPRING, ("2026-03-29T00:30", "2026-03-29T01:30")),
        (("01:00", "02:00"), AUTUMN, ("2026-10-25T00:00", "2026-10-25T02:00")),
        (("01:30", "02:30"), AUTUMN, ("2026-10-25T00:30", "2026-10-25T02:30")),
        (("17:30", "19:00"), date(2026, 7, 1), ("2026-07-01T16:30", "2026-07-01T18:00")),
        (("23:00", "01:00"), date(2026, 1, 20), ("2026-01-20T23:00", "2026-01-21T01:00")),
    ],
)
def test_local_times_are_read_as_rfc_5545_says(
    window: tuple[str, str], day: date, expected: tuple[str, str] | None
) -> None:
    ends = daily(*window).on(day.toordinal() - 1)
    found = ends and tuple((datetime.min + end).isoformat(timespec="minutes") for end in ends)
    assert found == expected


@pytest.mark.rule("F4")
def test_a_window_needs_two_different_ends() -> None:
    at = datetime(2026, 1, 20, tzinfo=UTC)
    with pytest.raises(ValueError, match="two different times"):
        daily("01:00", "01:00")
    with pytest.raises(ValueError, match="ends after it starts"):
        SingleWindow(at, at, Decimal(1))


@pytest.mark.rule("F4")
def test_a_window_off_the_calendar_does_not_happen() -> None:
    assert daily("23:00", "01:00").on(date.max.toordinal() - 1) is None
    assert daily("23:00", "01:00").on(-1) is None


@pytest.mark.rule("F4")
@pytest.mark.parametrize(
    ("timezone", "year"),
    [
        ("Europe/London", 1847), ("Europe/London", 1947), ("Europe/London", 2026), ("Africa/Freetown", 1939),
        ("America/Recife", 2000), ("Asia/Gaza", 2053), ("Australia/Lord_Howe", 2100), ("Europe/London", 9999),
        ("UTC", 2026), ("Europe/London", 1), ("Pacific/Apia", 2011),
    ],
)  # fmt: skip
def test_no_clock_change_is_missed(timezone: str, year: int) -> None:
    first = datetime(year, 1, 1).toordinal() - (2 if year > 1 else 1)
    days = range(first, datetime(year, 12, 31).toordinal() - 1)
    changing = [d for d in days if offset_on(d, timezone=timezone) != offset_on(d + 1, timezone=timezone)]
    assert [change.day for change in changes(year, timezone=timezone)] == changing


@pytest.mark.rule("F4", "F7")
@pytest.mark.parametrize("year", [1, 2, 1847, 1939, 2026, 2089, 2090, 2091, 9998, 9999])
def test_days_that_share_a_table_are_alike(year: int) -> None:
    """Asked in either order, no day is given the prices of a day that is unlike it."""
    windows = (
        daily("01:00", "02:30"),
        daily("17:10", "19:00", "180"),
        daily("23:30", "00:45", "7", "America/New_York"),
    )
    first, last = datetime(year, 1, 1).toordinal() - 1, datetime(year, 12, 31).toordinal() - 1
    for days in (range(first, last + 1), range(last, first - 1, -1)):
        table = PriceTable(windows, Search(timedelta(minutes=30)))
        table.on(datetime(2026, 6, 1).toordinal() - 1)
        for day in days:
            assert table.on(day) == PriceTable(windows, Search(timedelta(minutes=30)))._price(day)
