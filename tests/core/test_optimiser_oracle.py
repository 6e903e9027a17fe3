"""The optimiser against brute force, around both clock changes, and what holds for every answer."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mockaxle.core.market import Market
from mockaxle.core.optimiser import Plan, optimise
from mockaxle.core.schedule import Schedule, overlapping, read_schedule, total
from tests.core.markets import daily
from tests.core.oracle import Window, best_pause

NIGHTS = [datetime(2026, *day, 12, tzinfo=UTC) for day in ((1, 20), (3, 28), (10, 24), (6, 30))]
OFFSETS = ["Z", "z", "+00:00", "-00:00", "+01:00", "-09:30", "+05:45"]
CLOCK_TIMES = [f"{hour:02}:{minute}" for hour in range(24) for minute in ("00", "10", "30", "45")]


def spell_at(at: datetime, offset: str, form: str) -> str:
    sign, hours, minutes = (1, 0, 0) if offset in "Zz" else (int(offset[0] + "1"), int(offset[1:3]), int(offset[4:]))
    local = at.replace(tzinfo=None) + sign * timedelta(hours=hours, minutes=minutes)
    return local.strftime(form) + offset


@st.composite
def schedules(draw: st.DrawFn) -> list[tuple[str, str]]:
    at = draw(st.sampled_from(NIGHTS))
    pairs: list[tuple[str, str]] = []
    for _ in range(draw(st.integers(1, 4))):
        at += timedelta(minutes=draw(st.sampled_from([0, 0, 1, 15, 30, 125, 300])))
        end = at + timedelta(minutes=draw(st.sampled_from([1, 29, 30, 60, 89, 90, 91, 120, 241, 480, 1440])))
        form = draw(st.sampled_from(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dt%H:%M:%S.000"]))
        start_offset, end_offset = draw(st.sampled_from(OFFSETS)), draw(st.sampled_from(OFFSETS))
        pairs.append((spell_at(at, start_offset, form), spell_at(end, end_offset, form)))
        at = end
    return draw(st.permutations(pairs))


@st.composite
def windows(draw: st.DrawFn) -> Window:
    first, last = draw(st.lists(st.sampled_from(CLOCK_TIMES), min_size=2, max_size=2, unique=True))
    timezone = draw(st.sampled_from(["Europe/London", "UTC", "Australia/Lord_Howe", "America/St_Johns"]))
    return first, last, draw(st.integers(-1, 3)), timezone


def planned(schedule: Schedule, markets: list[Window], minutes: int) -> Plan:
    market = Market(tuple(daily(first, last, str(price), zone) for first, last, price, zone in markets))
    return optimise(schedule, market, pause=timedelta(minutes=minutes))


@pytest.mark.property
@pytest.mark.rule("F4", "F5", "F6")
@settings(max_examples=250)
@given(schedules(), st.lists(windows(), min_size=1, max_size=3), st.sampled_from([30, 30, 60, 90]))
def test_the_pause_is_the_one_that_brute_force_finds(
    pairs: list[tuple[str, str]], markets: list[Window], minutes: int
) -> None:
    schedule, pause = read_schedule(pairs), timedelta(minutes=minutes)
    best = best_pause([(block.start.at, block.end.at) for block in schedule], markets, pause)
    if total(schedule) < 4 * pause:
        best = None
    found = planned(schedule, markets, minutes).pause
    assert (found and (found.start_at, found.price_gbp_per_mwh)) == best


@pytest.mark.property
@pytest.mark.rule("F3", "F5", "F10")
@settings(max_examples=250)
@given(schedules(), windows())
def test_an_answer_is_shorter_by_the_pause_or_the_very_same_strings(
    pairs: list[tuple[str, str]], window: Window
) -> None:
    schedule = read_schedule(pairs)
    plan = planned(schedule, [window], 30)
    if plan.pause is None:
        assert plan.schedule == schedule
        return
    assert total(plan.schedule) == total(schedule) - timedelta(minutes=30)
    assert len(plan.schedule) == len(schedule) + 1
    assert not overlapping(dict(enumerate(plan.schedule)))
    assert [b for b in plan.schedule if b in schedule] == [b for b in schedule if b in plan.schedule]
    texts = [(block.start.text, block.end.text) for block in plan.schedule]
    assert read_schedule(texts) == plan.schedule


@pytest.mark.property
@pytest.mark.rule("F5")
@settings(max_examples=100)
@given(st.data(), schedules(), st.lists(windows(), min_size=1, max_size=3))
def test_the_order_of_the_blocks_does_not_matter(
    data: st.DataObject, pairs: list[tuple[str, str]], markets: list[Window]
) -> None:
    assume(len(pairs) > 1)
    other = data.draw(st.permutations(pairs))
    assert planned(read_schedule(pairs), markets, 30).pause == planned(read_schedule(other), markets, 30).pause
