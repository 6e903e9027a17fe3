"""The optimiser: F12's examples literally, and what holds for every schedule."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from time import process_time

import pytest

from mockaxle.core.market import Market, SingleWindow
from mockaxle.core.optimiser import optimise
from mockaxle.core.schedule import read_schedule
from tests.core.markets import DEFAULT, daily, plan, spelt

NIGHT = ("2026-01-20T22:00:00Z", "2026-01-21T06:00:00Z")


@pytest.mark.rule("F12", "F2", "F1")
@pytest.mark.parametrize(
    ("start", "end", "pause", "resume"),
    [
        (*NIGHT, "2026-01-21T01:00:00Z", "2026-01-21T01:30:00Z"),
        ("2026-01-21T00:45:00Z", "2026-01-21T03:00:00Z", "2026-01-21T01:30:00Z", "2026-01-21T02:00:00Z"),
        ("2026-01-21T01:00:00Z", "2026-01-21T04:00:00Z", "2026-01-21T01:30:00Z", "2026-01-21T02:00:00Z"),
        ("2026-01-20T17:00:00Z", "2026-01-21T07:00:00Z", "2026-01-20T17:30:00Z", "2026-01-20T18:00:00Z"),
        ("2026-01-21T00:15:00Z", "2026-01-21T02:15:00Z", "2026-01-21T01:00:00Z", "2026-01-21T01:30:00Z"),
        (
            "2026-10-24T22:00:00+01:00",
            "2026-10-25T06:00:00+00:00",
            "2026-10-25T02:00:00+01:00",
            "2026-10-25T01:30:00+00:00",
        ),
    ],
)
def test_the_examples_with_a_pause(start: str, end: str, pause: str, resume: str) -> None:
    assert spelt(plan((start, end))) == [(start, pause), (resume, end)]


@pytest.mark.rule("F12", "F2")
def test_the_example_with_a_pause_of_an_hour() -> None:
    found = plan(("2025-06-27T22:00:00+00:00", "2025-06-28T06:00:00+00:00"), minutes=60)
    assert spelt(found) == [
        ("2025-06-27T22:00:00+00:00", "2025-06-28T01:00:00+00:00"),
        ("2025-06-28T02:00:00+00:00", "2025-06-28T06:00:00+00:00"),
    ]


HALF_HOURS = [f"2026-01-{20 + n // 48}T{n % 48 // 2:02}:{n % 2 * 30:02}Z" for n in range(44, 93)]
TOUCHING = list(pairwise(HALF_HOURS))


@pytest.mark.rule("F12", "F3", "F13")
@pytest.mark.parametrize(
    ("pairs", "reason"),
    [
        ([("2026-01-21T01:00:00Z", "2026-01-21T02:00:00Z")], "F5"),
        ([("2026-01-20T22:00:00Z", "2026-01-21T01:45:00Z")], "F5"),
        ([("2026-01-20T22:00Z", "2026-01-21T01:30Z"), ("2026-01-21T01:30Z", "2026-01-21T06:00Z")], "F5"),
        ([("2026-01-21T00:15:00Z", "2026-01-21T02:14:00Z")], "F6"),
        (TOUCHING, "F5"),
        ([("2026-01-20T10:00:00Z", "2026-01-20T16:00:00Z")], "F4"),
        ([], "F7"),
    ],
)
def test_the_examples_that_come_back_unchanged(pairs: list[tuple[str, str]], reason: str) -> None:
    found = plan(*pairs)
    assert spelt(found) == pairs
    assert found.reason
    assert found.reason.rule == reason


@pytest.mark.rule("F6", "F13")
def test_a_tight_schedule_says_both_figures() -> None:
    reason = plan(("2026-01-21T00:15:00Z", "2026-01-21T02:14:00Z")).reason
    assert reason
    assert reason.text == "tight: the blocks total 1:59:00, and a pause needs 2:00:00 (h:mm:ss)"


@pytest.mark.rule("F6")
def test_all_blocks_count_towards_a_schedules_length() -> None:
    short = ("2026-01-21T00:15:00Z", "2026-01-21T02:14:00Z")
    assert plan(short, ("2026-01-21T04:00:00Z", "2026-01-21T04:01:00Z")).pause


@pytest.mark.rule("F5")
@pytest.mark.parametrize(
    ("offset", "kept"),
    [("Z", "Z"), ("z", "z"), ("-00:00", "-00:00"), ("+00:00", "+00:00")],
)
def test_new_timestamps_keep_the_spelling_of_the_offset(offset: str, kept: str) -> None:
    found = plan((f"2026-01-20 22:00{offset}", f"2026-01-21t06:00:00.123456789{offset}"))
    assert spelt(found) == [
        (f"2026-01-20 22:00{offset}", f"2026-01-21T01:00:00{kept}"),
        (f"2026-01-21T01:30:00{kept}", f"2026-01-21t06:00:00.123456789{offset}"),
    ]


@pytest.mark.rule("F5")
def test_each_half_is_spelt_with_the_offset_of_its_own_end() -> None:
    found = plan(("2026-01-20T22:00:00-05:30", "2026-01-21T20:00:00+05:45"), market=Market((daily("05:00", "06:00"),)))
    assert spelt(found) == [
        ("2026-01-20T22:00:00-05:30", "2026-01-20T23:30:00-05:30"),
        ("2026-01-21T11:15:00+05:45", "2026-01-21T20:00:00+05:45"),
    ]


@pytest.mark.rule("F5")
def test_the_dearest_candidate_wins_whatever_the_order_of_the_blocks() -> None:
    blocks = [NIGHT, ("2026-01-20T16:00:00Z", "2026-01-20T20:00:00Z"), ("2026-01-21T16:00:00Z", "2026-01-21T20:00:00Z")]
    pauses = {p.start_at for order in (blocks, blocks[::-1]) if (p := plan(*order).pause)}
    assert pauses == {datetime(2026, 1, 20, 17, 30, tzinfo=UTC)}


@pytest.mark.rule("F5")
def test_windows_that_touch_are_two_windows() -> None:
    market = Market((daily("01:00", "01:45"), daily("01:45", "02:30")))
    assert plan(NIGHT, market=market, minutes=60).pause is None


@pytest.mark.rule("F5")
def test_of_windows_that_overlap_the_highest_price_counts() -> None:
    market = Market((daily("01:00", "03:00", "50"), daily("02:30", "03:30", "70"), daily("02:00", "03:00", "70")))
    pause = plan(NIGHT, market=market).pause
    assert pause
    assert (pause.start_at.hour, pause.price_gbp_per_mwh) == (2, Decimal(70))


@pytest.mark.rule("F4")
@pytest.mark.parametrize("price", ["0", "-5"])
def test_a_window_that_does_not_pay_is_none(price: str) -> None:
    reason = plan(NIGHT, market=Market((daily("01:00", "02:00", price),))).reason
    assert reason
    assert reason.rule == "F4"


@pytest.mark.rule("F4")
def test_a_one_off_window_counts_once() -> None:
    window = SingleWindow(datetime(2026, 1, 21, 3, tzinfo=UTC), datetime(2026, 1, 21, 4, tzinfo=UTC), Decimal(200))
    market = Market(single=(window,))
    assert plan(NIGHT, market=market).pause
    assert plan(("2026-01-21T22:00:00Z", "2026-01-22T06:00:00Z"), market=market).pause is None


@pytest.mark.rule("F7")
def test_not_before_holds_candidates_back() -> None:
    now = datetime(2026, 1, 21, 1, 10, tzinfo=UTC)
    found = optimise(read_schedule([NIGHT]), DEFAULT, pause=timedelta(minutes=30), not_before=now)
    assert found.pause
    assert found.pause.start_at == datetime(2026, 1, 21, 1, 30, tzinfo=UTC)


@pytest.mark.rule("F5")
@pytest.mark.parametrize(
    ("start", "end"),
    [("9999-12-31T20:00:00+23:59", "9999-12-31T23:59:00Z"), ("0001-01-01T00:00:00Z", "0001-01-01T00:01:00-23:59")],
)
def test_a_pause_that_the_offsets_cannot_spell_is_no_candidate(start: str, end: str) -> None:
    window = SingleWindow(datetime(1, 1, 1, tzinfo=UTC), datetime.max.replace(tzinfo=UTC), Decimal(1))
    found = plan((start, end), market=Market(single=(window,)))
    for first, last in spelt(found):
        assert read_schedule([(first, last)])


@pytest.mark.rule("F7")
def test_one_schedule_never_changes_the_answer_to_another() -> None:
    summer = ("2026-06-27T14:00:00Z", "2026-06-27T21:00:00Z")
    plan(("9999-10-31T14:00:00Z", "9999-10-31T21:00:00Z"))
    pause = plan(summer).pause
    assert pause
    assert pause.start_at == datetime(2026, 6, 27, 16, 30, tzinfo=UTC)


@pytest.mark.rule("F8")
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("0001-01-01T00:00:00Z", "0001-01-01T06:00:00Z"),
        ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"),
        ("9999-12-31T12:00:00Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_the_calendars_edges_are_planned_like_any_day(start: str, end: str) -> None:
    assert plan((start, end)).pause


@pytest.mark.rule("F13")
def test_the_last_half_hour_of_the_calendar_is_met() -> None:
    end = datetime.max.replace(tzinfo=UTC)
    market = Market(single=(SingleWindow(end - timedelta(minutes=5), end, Decimal(1)),))
    reason = plan(("9999-12-31T23:50:00Z", "9999-12-31T23:59:59Z"), market=market).reason
    assert reason
    assert reason.rule == "F5"


def seconds(schedule: list[tuple[str, str]], market: Market) -> float:
    blocks = read_schedule(schedule)
    started = process_time()
    optimise(blocks, market, pause=timedelta(minutes=30))
    return process_time() - started


def test_a_block_of_8000_years_is_as_fast_as_one_of_8_hours() -> None:
    short = min(seconds([NIGHT], DEFAULT) for _ in range(20))
    long = min(seconds([("0100-01-01T00:00Z", "8100-01-01T00:00Z")], DEFAULT) for _ in range(20))
    assert long < 10 * short


def test_a_block_a_year_for_8000_years_is_no_campaign() -> None:
    years = [(f"{year:04}-07-01T12:00Z", f"{year:04}-07-01T12:01Z") for year in range(1800, 9800)]
    few = seconds(years[:100], DEFAULT)
    assert seconds(years, DEFAULT) < 200 * few + 3


def test_many_blocks_and_many_windows_are_not_quadratic() -> None:
    def fastest(count: int) -> float:
        first = datetime(2026, 1, 1, 22, tzinfo=UTC)
        days = [first + timedelta(days=day) for day in range(count)]
        blocks = [(day.isoformat(), (day + timedelta(hours=8)).isoformat()) for day in days]
        windows = tuple(
            daily(f"{8 + i % 7:02}:{i % 60:02}", f"{15 + i % 5:02}:{i % 59:02}", str(i + 1)) for i in range(count)
        )
        singles = tuple(
            SingleWindow(d - timedelta(hours=9), d - timedelta(hours=8), Decimal(i + 1)) for i, d in enumerate(days)
        )
        return min(seconds(blocks, Market(windows, singles)) for _ in range(5))

    assert fastest(1600) < 20 * fastest(200)  # 8 times as many: 64 were quadratic
