"""Reading schedules: the grammar of timestamps and what blocks may be."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockaxle.core.rule_errors import MalformedSchedule
from mockaxle.core.schedule import read_schedule
from mockaxle.core.timestamps import read_timestamp, spell_utc

LATER = "2026-01-21T06:00:00Z"


@pytest.mark.rule("F8")
@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-01-20T22:00:00Z", "2026-01-20T22:00:00"),
        ("2026-01-20T22:00Z", "2026-01-20T22:00:00"),
        ("2026-01-20 22:00:00z", "2026-01-20T22:00:00"),
        ("2026-01-20t22:00:00-00:00", "2026-01-20T22:00:00"),
        ("2026-01-20T22:00:00+05:45", "2026-01-20T16:15:00"),
        ("2026-01-20T22:00:00-23:59", "2026-01-21T21:59:00"),
        ("2026-01-20T22:00:00.1234567Z", "2026-01-20T22:00:00.123456"),
        ("2024-02-29T00:00:00.5Z", "2024-02-29T00:00:00.500000"),
        ("9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59"),
    ],
)
def test_what_a_timestamp_is(text: str, utc: str) -> None:
    read = read_timestamp(text)
    assert read
    assert read.at == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.rule("F8")
@pytest.mark.parametrize(
    "text",
    [
        "", "tonight", "2026-01-20", "2026-01-20T22:00:00", "2026-01-20T22Z", "2026-1-20T22:00:00Z",
        "2026-01-20T22:00:60Z", "2026-01-20T24:00:00Z", "2026-02-29T00:00:00Z", "2026-01-20T22:00:00+24:00",
        "2026-01-20T22:00:00+01:60", "2026-01-20T22:00:00+0100", "2026-01-20T22:00:00 Z", "2026-01-20T22:00:00Z ",
        " 2026-01-20T22:00:00Z", "2026-01-20T22:00:00Z\n", "2026-01-20T22:00:00.Z", "2026-01-20T22:00:00,5Z",
        "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:00-00:01", "1768946400",
        "\uff12026-01-20T22:00:00Z", "2026-01-20T22:00:00Z\x00", "-2026-01-20T22:00:00Z",
    ],
)  # fmt: skip
def test_what_no_timestamp_is(text: str) -> None:
    assert read_timestamp(text) is None


@pytest.mark.rule("G10")
def test_instants_leave_with_their_offset_and_whole_seconds() -> None:
    assert spell_utc(datetime(2026, 1, 20, 22, tzinfo=UTC)) == "2026-01-20T22:00:00+00:00"
    assert spell_utc(datetime(2026, 1, 20, 22, 0, 0, 500_000, UTC)) == "2026-01-20T22:00:00.500000+00:00"


def faults(*pairs: tuple[str, str]) -> list[tuple[int | str, ...]]:
    with pytest.raises(MalformedSchedule) as refusal:
        read_schedule(pairs)
    return [fault.loc[2:] for fault in refusal.value.faults]


@pytest.mark.rule("F8")
def test_every_bad_timestamp_is_named() -> None:
    assert faults(("x", "y"), (LATER, "2026-01-21T05:00:00Z"), (LATER, "z")) == [
        (0, "start_timestamp"), (0, "end_timestamp"), (1, "end_timestamp"), (2, "end_timestamp"),
    ]  # fmt: skip


@pytest.mark.rule("F8")
def test_a_block_ends_after_it_starts() -> None:
    assert faults((LATER, LATER)) == [(0, "end_timestamp")]
    assert faults(("2026-01-21T06:00:00Z", "2026-01-21T06:30:00+01:00")) == [(0, "end_timestamp")]


@pytest.mark.rule("F8")
def test_of_two_blocks_that_overlap_the_one_sent_later_is_named() -> None:
    early, late = ("2026-01-20T22:00Z", "2026-01-21T02:00Z"), ("2026-01-21T01:59Z", "2026-01-21T06:00Z")
    assert faults(early, late) == faults(late, early) == [(1, "start_timestamp")]
    assert faults(("2026-01-20T00:00Z", LATER), early, late) == [(1, "start_timestamp"), (2, "start_timestamp")]


@pytest.mark.rule("F8", "E1")
def test_every_fault_is_listed_in_the_order_of_the_blocks() -> None:
    pairs = [
        (f"2026-01-21T{start:02}:00Z", f"2026-01-21T{end:02}:00Z") for start, end in ((0, 2), (1, 5), (3, 4), (9, 8))
    ]
    assert faults(*pairs) == [(1, "start_timestamp"), (2, "start_timestamp"), (3, "end_timestamp")]


@pytest.mark.property
@pytest.mark.rule("F8")
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6)), max_size=8))
def test_just_the_blocks_that_overlap_an_earlier_one_are_named(spans: list[tuple[int, int]]) -> None:
    first = datetime(2026, 1, 21, tzinfo=UTC)
    ends = [(first + timedelta(hours=start), first + timedelta(hours=start + length)) for start, length in spans]
    expected = {i for i, (s, e) in enumerate(ends) for start, end in ends[:i] if start < e and s < end}
    pairs = [(start.isoformat(), end.isoformat()) for start, end in ends]
    assert {loc[0] for loc in (faults(*pairs) if expected else [])} == expected


@pytest.mark.rule("F8")
def test_blocks_may_touch_and_come_in_any_order() -> None:
    late, early = ("2026-01-21T02:00Z", LATER), ("2026-01-20T22:00Z", "2026-01-21T02:00Z")
    assert [block.start.text for block in read_schedule([late, early])] == [late[0], early[0]]


def test_ten_thousand_blocks_are_read_in_less_than_quadratic_time() -> None:
    def fastest(count: int) -> float:
        first = datetime(2026, 1, 1, tzinfo=UTC)
        ends = [(first + timedelta(minutes=i)).isoformat() for i in range(count + 1)]
        pairs = list(pairwise(ends))
        times = []
        for _ in range(3):
            started = process_time()
            read_schedule(pairs)
            times.append(process_time() - started)
        return min(times)

    assert fastest(10_000) < 40 * fastest(1_000)  # 10 times as many: 100 were quadratic
