"""The model of the market that the optimiser suite judges by: as the mock plans, though it shares no code with it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockaxle.core.schedule import read_schedule
from mockaxle.harness.optimiser.market import Forecast, Period, RecurringWindow, forecast, read_windows
from mockaxle.harness.optimiser.schedules import ENDS, periods, read
from tests.core.oracle import Window
from tests.core.test_optimiser_oracle import planned, schedules, windows

HALF_HOUR = timedelta(minutes=30)
DEFAULT: list[Any] = [
    {"from_time": "01:00", "to_time": "02:00", "timezone": "UTC", "price_gbp_per_mwh": 90},
    {"from_time": "17:30", "to_time": "19:00", "timezone": "Europe/London", "price_gbp_per_mwh": 180},
]


def told(window: Window) -> dict[str, Any]:
    first, last, price, timezone = window
    return {"from_time": first, "to_time": last, "timezone": timezone, "price_gbp_per_mwh": price}


def of_default(text: str) -> tuple[str, str]:
    """The start of the predicted pause, and the statement that it is judged by."""
    blocks = periods(read(text))
    assert blocks is not None
    found = forecast(blocks, read_windows(DEFAULT), pause=HALF_HOUR, not_before=None)
    assert found is not None
    return found.pause.start.strftime("%d %H:%M") if found.pause else "", found.of


@pytest.mark.property
@settings(max_examples=250)
@given(schedules(), st.lists(windows(), min_size=1, max_size=3), st.sampled_from([30, 30, 60, 90]))
def test_the_model_places_pauses_as_the_mock_does(
    pairs: list[tuple[str, str]], markets: list[Window], minutes: int
) -> None:
    blocks = periods([dict(zip(ENDS, pair, strict=True)) for pair in pairs])
    assert blocks is not None
    known = read_windows([told(window) for window in markets])
    found = forecast(blocks, known, pause=timedelta(minutes=minutes), not_before=None)
    pause = planned(read_schedule(pairs), markets, minutes).pause
    assert found is not None
    assert found.pause == (pause and Period(pause.start_at, pause.end_at))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-20T17:00:00Z/2026-01-21T07:00:00Z", ("20 17:30", "F2c")),
        ("2026-01-21T00:45:00Z/2026-01-21T03:00:00Z", ("21 01:30", "F5b")),
        ("2026-01-21T08:00:00Z/2026-01-21T16:00:00Z", ("", "F3a")),
        ("2026-01-20T20:00:00Z/2026-01-20T20:01:00Z", ("", "F3a")),
        ("2026-01-20T22:00:00Z/2026-01-21T01:45:00Z", ("", "F5a")),
        ("2026-01-21T00:15:00Z/2026-01-21T02:14:00Z", ("", "F6b")),
        ("2026-06-27T17:00:00Z/2026-06-27T22:00:00Z", ("27 17:30", "F5b")),
    ],
)
def test_a_forecast_names_the_statement_that_it_is_judged_by(text: str, expected: tuple[str, str]) -> None:
    assert of_default(text) == expected


@pytest.mark.parametrize(
    ("text", "is_dearest"),
    [
        ("2026-01-20T16:00:00Z/2026-01-21T07:00:00Z", True),
        ("2026-01-20T17:30:00Z/2026-01-21T07:00:00Z", False),
        ("2026-01-20T16:00:00Z/2026-01-20T20:00:00Z", True),
        ("2026-01-20T16:30:00Z/2026-01-20T20:00:00Z", False),
    ],
)
def test_a_forecast_says_whether_a_pause_has_the_highest_price_by_any_reading(text: str, is_dearest: bool) -> None:
    found = forecast(periods(read(text)) or [], read_windows(DEFAULT), pause=HALF_HOUR, not_before=None)
    assert found is not None
    assert found.is_dearest is is_dearest


def test_a_pause_that_would_start_before_now_breaks_strict_time() -> None:
    blocks, now = [Period(*(datetime(2026, 1, day, 22, tzinfo=UTC) for day in (20, 21)))], datetime(2026, 1, 21, 18, 1)
    early = [Period(blocks[0].start, datetime(2026, 1, 21, 6, tzinfo=UTC))]
    known, now = read_windows(DEFAULT), now.replace(tzinfo=UTC)
    later = forecast(blocks, known, pause=HALF_HOUR, not_before=now)
    assert later is not None
    assert later.pause is not None
    assert later.pause.start == datetime(2026, 1, 21, 18, 30, tzinfo=UTC)
    assert forecast(early, known, pause=HALF_HOUR, not_before=now) == Forecast(None, "F7c")


def test_without_a_market_only_schedules_without_room_are_predicted() -> None:
    short, long = (periods(read(f"2026-01-20T20:00:00Z/2026-01-{end}:30:00Z")) for end in ("20T20", "21T01"))
    assert short is not None
    assert long is not None
    assert forecast(short, None, pause=HALF_HOUR, not_before=None) == Forecast(None, "F3a")
    assert forecast([], None, pause=HALF_HOUR, not_before=None) == Forecast(None, "F7b")
    assert forecast(long, None, pause=HALF_HOUR, not_before=None) is None


@pytest.mark.parametrize("market", [None, {}, [7], [{}], [{**DEFAULT[0], "timezone": "Nowhere/Else"}]])
def test_a_market_that_cannot_be_read_is_not_known(market: Any) -> None:
    assert read_windows(market) is None


def test_a_time_that_does_not_exist_takes_the_offset_before_the_change() -> None:
    (window,) = (
        read_windows([{**DEFAULT[0], "from_time": "00:30", "to_time": "02:30", "timezone": "Europe/London"}]) or ()
    )
    assert isinstance(window, RecurringWindow)
    paid = window.first_after(datetime(2026, 3, 29, tzinfo=UTC))
    assert paid is not None
    assert [at.strftime("%H:%M") for at in paid.period] == ["00:30", "01:30"]
