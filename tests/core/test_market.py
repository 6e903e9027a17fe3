"""Flex windows in local time."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from mockaxle.core.market import SingleWindow
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
