"""When a car charges: the rule's examples, and a brute-force oracle minute by minute."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockaxle.core.charging_profile import periods
from mockaxle.core.planner import ChargingMode, Need, half_hours_for, plan
from mockaxle.core.records import ChargingPlan
from mockaxle.core.tariffs import read_off_peak
from tests.core.oracle import MINUTE

EVENING = datetime(2026, 1, 20, 22, tzinfo=UTC)
MORNING = EVENING + timedelta(hours=9)
NIGHT = read_off_peak("23:30-05:30", "UTC").spans(EVENING, MORNING)
RATE = Fraction("7.4")
MAXIMISE, MINIMISE = ChargingMode.MAXIMISE, ChargingMode.MINIMISE


@pytest.mark.rule("C5", "C6")
@pytest.mark.parametrize(
    ("energy_kwh", "mode", "may_charge_peak", "expected"),
    [
        ("30", MAXIMISE, False, ((0, 0.0), (5400, 99999.0), (27000, 0.0))),
        ("10", MINIMISE, False, ((0, 0.0), (5400, 99999.0), (10800, 0.0))),
        ("45", MAXIMISE, True, ((0, 0.0), (5400, 99999.0), (28800, 0.0))),
        ("45", MAXIMISE, False, ((0, 0.0), (5400, 99999.0), (27000, 0.0))),
        ("45", MINIMISE, True, ((0, 0.0), (5400, 99999.0), (28800, 0.0))),
        ("0", MINIMISE, True, ((0, 0.0),)),
        ("60", MAXIMISE, True, ((0, 0.0), (1800, 99999.0))),
        ("1000", MAXIMISE, True, ((0, 99999.0),)),
    ],
)
def test_the_examples_of_the_rule(
    energy_kwh: str, mode: ChargingMode, may_charge_peak: bool, expected: tuple[tuple[int, float], ...]
) -> None:
    need = Need(half_hours_for(Fraction(energy_kwh), RATE), mode, may_charge_peak)
    charging = plan(EVENING, MORNING, off_peak=NIGHT, need=need)
    assert periods(ChargingPlan(1, EVENING, MORNING, charging)) == expected


@pytest.mark.rule("C5")
@pytest.mark.parametrize(
    ("energy_kwh", "rate_kw", "count"),
    [("3.7", "7.4", 1), ("3.7000001", "7.4", 2), ("0.3", "0.1", 6), ("-1", "7", 0), ("1e308", "1e-308", 366 * 48)],
)
def test_half_hours_are_counted_exactly(energy_kwh: str, rate_kw: str, count: int) -> None:
    assert half_hours_for(Fraction(energy_kwh), Fraction(rate_kw)) == count


def brute_force(cheap: list[bool], need: Need) -> set[int]:
    """The minutes charged, taken one by one as C5 tells."""
    off = [minute for minute, is_off in enumerate(cheap) if is_off]
    if need.half_hours is None:
        return set(off)
    wanted = need.half_hours * 30
    taken = off[:wanted] if need.mode is MINIMISE else off
    if need.may_charge_peak and len(off) < wanted:
        last, first = (off[-1], off[0]) if off else (-1, 0)
        after = range(last + 1, len(cheap))
        before = range(first - 1, -1, -1)
        between = [minute for minute in range(first, last) if not cheap[minute]]
        taken = [*taken, *[*after, *before, *between][: wanted - len(off)]]
    return set(taken)


def spans_of(cheap: list[bool]) -> list[tuple[datetime, datetime]]:
    edges = [n for n in range(len(cheap) + 1) if (n > 0 and cheap[n - 1]) != (n < len(cheap) and cheap[n])]
    return [(EVENING + a * MINUTE, EVENING + b * MINUTE) for a, b in zip(edges[::2], edges[1::2], strict=True)]


nights = st.lists(st.tuples(st.booleans(), st.integers(1, 60)), max_size=7).map(
    lambda runs: [is_off for is_off, minutes in runs for _ in range(minutes)]
)
needs = st.builds(Need, st.none() | st.integers(0, 12), st.sampled_from(ChargingMode), st.booleans())


@pytest.mark.property
@pytest.mark.rule("C5")
@settings(max_examples=400)
@given(nights, needs)
def test_a_plan_charges_the_minutes_that_the_rule_takes_one_by_one(cheap: list[bool], need: Need) -> None:
    end = EVENING + len(cheap) * MINUTE
    charging = plan(EVENING, end, off_peak=spans_of(cheap), need=need)
    minutes = {(start - EVENING) // MINUTE + n for start, stop in charging for n in range((stop - start) // MINUTE)}
    assert minutes == brute_force(cheap, need)
    assert all(early[1] < late[0] for early, late in pairwise(charging))


@pytest.mark.rule("C6")
@given(nights)
def test_periods_start_at_0_and_equal_neighbours_are_merged(cheap: list[bool]) -> None:
    end = EVENING + len(cheap) * MINUTE
    found = periods(ChargingPlan(1, EVENING, end, plan(EVENING, end, off_peak=spans_of(cheap), need=Need())))
    assert found[0][0] == 0
    assert all(early[0] < late[0] and early[1] != late[1] for early, late in pairwise(found))
