"""With plan_follows_market a plan leaves out what the market pays most for, as long as the need is met."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockaxle.core.dear_times import without_dear
from mockaxle.core.half_hours import HALF_HOUR
from mockaxle.core.market import DailyWindow, Market, SingleWindow
from mockaxle.core.planner import ChargingMode, Need, length
from mockaxle.core.tariffs import Span, joined

MIDNIGHT = datetime(2026, 1, 21, tzinfo=UTC)
NIGHT = (MIDNIGHT - HALF_HOUR, MIDNIGHT + 11 * HALF_HOUR)


def at(hour: float) -> datetime:
    return MIDNIGHT + timedelta(hours=hour)


def market(*windows: tuple[float, float, int]) -> Market:
    return Market(single=tuple(SingleWindow(at(start), at(end), Decimal(price)) for start, end, price in windows))


def hours(spans: tuple[Span, ...]) -> list[tuple[float, float]]:
    return [((start - MIDNIGHT) / timedelta(hours=1), (end - MIDNIGHT) / timedelta(hours=1)) for start, end in spans]


@pytest.mark.rule("N3")
@pytest.mark.parametrize(
    ("windows", "wanted", "mode", "expected"),
    [
        ([], 3, ChargingMode.MAXIMISE, [(-0.5, 5.5)]),
        ([(1, 2, 250)], 3, ChargingMode.MAXIMISE, [(-0.5, 1), (2, 5.5)]),
        ([(1, 2, 250)], 11, ChargingMode.MAXIMISE, [(-0.5, 1.5), (2, 5.5)]),
        ([(1, 2, 250)], 12, ChargingMode.MAXIMISE, [(-0.5, 5.5)]),
        ([(1, 2, 250)], None, ChargingMode.MAXIMISE, [(-0.5, 5.5)]),
        ([(1, 2, -250)], 3, ChargingMode.MAXIMISE, [(-0.5, 5.5)]),
        ([(-1, 6, 250)], 3, ChargingMode.MAXIMISE, [(-0.5, 5.5)]),
        ([(-1, 6, 100), (1, 2, 250)], 11, ChargingMode.MAXIMISE, [(-0.5, 1.5), (2, 5.5)]),
        ([(1, 2, 100), (3, 4, 250)], 10, ChargingMode.MAXIMISE, [(-0.5, 3), (4, 5.5)]),
        ([], 3, ChargingMode.MINIMISE, [(-0.5, 1)]),
        ([(0, 2, 250)], 3, ChargingMode.MINIMISE, [(-0.5, 0), (2, 3)]),
        ([(0, 5, 250)], 3, ChargingMode.MINIMISE, [(-0.5, 0.5), (5, 5.5)]),
        ([(0.25, 0.75, 250)], 3, ChargingMode.MINIMISE, [(-0.5, 1)]),
    ],
)
def test_the_dearest_time_is_left_out(
    windows: list[tuple[float, float, int]],
    wanted: int | None,
    mode: ChargingMode,
    expected: list[tuple[float, float]],
) -> None:
    assert hours(without_dear([NIGHT], market(*windows), need=Need(wanted, mode))) == expected


def test_a_daily_window_counts_as_a_single_one_does() -> None:
    daily = Market(daily=(DailyWindow(time(1), time(2), Decimal(250)),))
    assert without_dear([NIGHT], daily, need=Need(3)) == without_dear([NIGHT], market((1, 2, 250)), need=Need(3))


def test_the_end_of_the_calendar_is_no_error() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    assert without_dear([(last - HALF_HOUR, last)], market((1, 2, 250)), need=Need(1)) == ((last - HALF_HOUR, last),)


BLOCKS = st.lists(st.integers(0, 40), min_size=1, max_size=20, unique=True)
WINDOWS = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9), st.integers(-50, 300)), max_size=5)


@pytest.mark.rule("N3")
@given(BLOCKS, WINDOWS, st.integers(0, 25), st.sampled_from(ChargingMode), st.integers(0, 29))
def test_the_need_is_met_whenever_it_was_and_nothing_is_added(
    blocks: list[int], windows: list[tuple[int, int, int]], wanted: int, mode: ChargingMode, minutes: int
) -> None:
    late = timedelta(minutes=minutes)
    spans = joined(sorted((at(block / 2) + late, at((block + 1) / 2)) for block in blocks))
    prices = market(*((start, start + long, price) for start, long, price in windows))
    kept = without_dear(spans, prices, need=Need(wanted, mode))
    assert length(kept) >= min(length(spans), wanted * HALF_HOUR)
    assert all(any(start <= first and last <= end for start, end in spans) for first, last in kept)
    assert list(kept) == sorted(kept)
