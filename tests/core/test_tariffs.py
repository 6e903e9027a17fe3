"""Off-peak times: what is taken, and when they are, against a wall clock read minute by minute."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockaxle.core.rule_errors import TariffInvalid
from mockaxle.core.tariffs import cheap_times, joined, read_off_peak
from tests.core.oracle import MINUTE, utc_of


@pytest.mark.rule("C3")
@pytest.mark.parametrize(
    ("text", "timezone", "reason"),
    [
        ("", "Europe/London", "'' is not a range"),
        ("23:30-05:30,", "Europe/London", "'' is not a range"),
        ("01:00-01:00", "Europe/London", "is empty"),
        ("25:00-01:00", "Europe/London", "is not a range"),
        ("01:60-02:00", "Europe/London", "is not a range"),
        ("24:00-01:00", "Europe/London", "is not a range"),
        ("1:00-2:00", "Europe/London", "is not a range"),
        ("Mon 01:00-02:00", "Europe/London", "is not a range"),
        ("Saturday", "Europe/London", "is not a range"),
        ("01:00-03:00,02:00-04:00", "Europe/London", "ranges overlap"),
        ("23:00-02:00,01:00-03:00", "Europe/London", "ranges overlap"),
        ("01:00-03:00,23:00-01:30", "Europe/London", "ranges overlap"),
        ("00:00-24:00,01:00-02:00", "Europe/London", "ranges overlap"),
        ("23:30-05:30", "Mars/Olympus", "is not an IANA timezone"),
        ("23:30-05:30", "", "is not an IANA timezone"),
        ("23:30-05:30", "localtime", "is not an IANA timezone"),
        ("23:30-05:30", "../etc/passwd", "is not an IANA timezone"),
    ],
)
def test_what_is_no_tariff_is_refused(text: str, timezone: str, reason: str) -> None:
    with pytest.raises(TariffInvalid) as refused:
        read_off_peak(text, timezone)
    assert reason in refused.value.text


@pytest.mark.rule("C3")
@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("23:30-05:30", 360),
        ("00:00-24:00", 1440),
        ("23:00-24:00, 00:00-01:00", 120),
        ("01:00-02:00,02:00-03:00", 120),
        ("12:00-13:00,22:00-01:00", 240),
    ],
)
def test_ranges_may_wrap_midnight_and_touch(text: str, minutes: int) -> None:
    start = datetime(2026, 1, 20, tzinfo=UTC)
    spans = read_off_peak(text, "UTC").spans(start, start + timedelta(days=1))
    assert sum((end - since for since, end in spans), timedelta()) == minutes * MINUTE
    assert spans == joined(list(spans))


CHANGES = [datetime(2026, 3, 28, 18), datetime(2026, 10, 24, 18), datetime(2026, 1, 20, 22), datetime(2026, 11, 1, 2)]
ZONES = ["Europe/London", "America/New_York"]
quarters = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))


@pytest.mark.property
@pytest.mark.rule("C3", "F4")
@settings(max_examples=60)
@given(
    st.sampled_from(CHANGES),
    st.integers(0, 20),
    quarters,
    quarters,
    st.sampled_from(["Europe/London", "America/New_York"]),
)
def test_a_range_is_read_as_a_wall_clock_shows_it(
    day: datetime, hours: int, opens: time, closes: time, zone: str
) -> None:
    if opens == closes:
        return
    start = day.replace(tzinfo=UTC)
    end = start + timedelta(hours=hours)
    expected = []
    for days in range(-2, 4):
        date = (start + timedelta(days=days)).date()
        until = date + timedelta(days=closes < opens)
        span = utc_of(datetime.combine(date, opens), zone), utc_of(datetime.combine(until, closes), zone)
        if span[0] < span[1] and max(span[0], start) < min(span[1], end):
            expected.append((max(span[0], start), min(span[1], end)))
    found = read_off_peak(f"{opens:%H:%M}-{closes:%H:%M}", zone).spans(start, end)
    assert found == joined(expected)


@pytest.mark.rule("C10")
def test_a_sites_own_tariff_parts_the_day_only_where_it_says_both_times() -> None:
    assert cheap_times(time(1), None) is None
    assert cheap_times(time(1), time(1)) is None
    cheap = cheap_times(time(23, 30), time(5, 30))
    assert cheap is not None
    assert cheap.ranges == read_off_peak("23:30-05:30", "Europe/London").ranges


def test_the_calendars_ends_cut_a_range_off() -> None:
    first = datetime(1, 1, 1, tzinfo=UTC)
    hours = [first, first + timedelta(hours=3)]
    assert read_off_peak("05:00-11:00", "Etc/GMT-9").spans(*hours) == ((first, first + timedelta(hours=2)),)
    last = datetime(9999, 12, 31, 12, tzinfo=UTC)
    hours = [last, last + timedelta(hours=11)]
    assert read_off_peak("20:00-23:30", "Etc/GMT-9").spans(*hours) == ((last, last + timedelta(hours=2, minutes=30)),)
