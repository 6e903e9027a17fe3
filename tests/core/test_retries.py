"""Retries: the instants of the attempts at a message, and what an attempt does to it."""

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockaxle.core.messages import Attempt, DeliveryOutcome, Message, MessageKind, MessageStatus, MessageType
from mockaxle.core.outbox import Outbox
from mockaxle.core.retries import after_attempt, delay_after, gives_up_at, jitter_of, without_attempt
from tests.clocks import START

TENTH = 100_000
DAY = timedelta(hours=24)
VECTOR = [0, 30, 90, 210, 450, 930, 1890, 3810, 7650, 15330, 29730, 44130, 58530, 72930]
SEED = b"seed"
jitters = st.integers(-TENTH, TENTH)


def message(**changes: Any) -> Message:
    made = Message(1, "id", MessageType.DISPATCH, MessageKind.WEBHOOKS, START, b"{}", receiver="partner")
    return made._replace(status=MessageStatus.WAITING, next_at=START)._replace(**changes)


def attempt(number: int, outcome: DeliveryOutcome, *, at: datetime = START) -> Attempt:
    return Attempt(number, at, at, outcome, status=500)


def attempted(before: Message, *attempts: Attempt, seed: bytes = SEED) -> Message:
    box = Outbox().put(before)
    for one in attempts:
        found = box.find(before.id)
        assert found is not None
        box = after_attempt(box, found, attempt=one, seed=seed)
    after = box.find(before.id)
    assert after is not None
    return after


def seconds_of_attempts(jitters: list[int]) -> list[int]:
    """The instants of the attempts within 24 hours, each failed; the jitters are repeated."""
    lapse, found = timedelta(), list[int]()
    while lapse < DAY:
        found.append(int(lapse.total_seconds()))
        lapse += delay_after(len(found), jitters[len(found) % len(jitters)])
    return found


@pytest.mark.rule("N10")
def test_without_jitter_the_attempts_are_those_of_the_rule_to_the_second() -> None:
    assert seconds_of_attempts([0]) == VECTOR


@pytest.mark.rule("N10")
@pytest.mark.parametrize(("jitter", "count"), [(-TENTH, 15), (0, 14), (TENTH, 14)])
def test_the_jitter_decides_on_the_last_attempt(jitter: int, count: int) -> None:
    assert len(seconds_of_attempts([jitter])) == count


@pytest.mark.property
@pytest.mark.rule("N10")
@given(st.lists(jitters, min_size=1, max_size=20))
def test_no_jitters_make_more_than_15_attempts_or_fewer_than_14(drawn: list[int]) -> None:
    assert len(seconds_of_attempts(drawn)) in (14, 15)


@pytest.mark.property
@pytest.mark.rule("N10")
@given(st.integers(1, 100_000), jitters)
def test_a_delay_is_in_whole_seconds_rounded_down(number: int, jitter: int) -> None:
    exact = min(30 << min(number - 1, 100), 4 * 3600) * Fraction(1_000_000 + jitter, 1_000_000)
    assert delay_after(number, jitter) == timedelta(seconds=exact // 1)


@pytest.mark.rule("N10")
@pytest.mark.parametrize(("number", "jitter", "seconds"), [(1, -1, 29), (1, 1, 30), (1, -TENTH, 27), (1, TENTH, 33)])
def test_a_part_of_a_second_does_not_count(number: int, jitter: int, seconds: int) -> None:
    assert delay_after(number, jitter) == timedelta(seconds=seconds)


@pytest.mark.property
@pytest.mark.rule("N10")
@given(st.binary(max_size=64), st.text(), st.integers(1, 20))
def test_a_jitter_is_within_a_tenth_and_drawn_once(seed: bytes, id: str, number: int) -> None:
    drawn = jitter_of(seed, id, attempt=number)
    assert -TENTH <= drawn <= TENTH
    assert jitter_of(seed, id, attempt=number) == drawn


@pytest.mark.rule("N10")
def test_jitters_differ_by_seed_message_and_attempt_over_the_whole_range() -> None:
    keys = [(seed, id, number) for seed in (b"a", b"b") for id in ("c", "d") for number in range(1, 101)]
    drawn = [jitter_of(seed, id, attempt=number) for seed, id, number in keys]
    assert len(set(drawn)) > len(drawn) - 3
    assert (min(drawn) < -0.9 * TENTH, max(drawn) > 0.9 * TENTH) == (True, True)
    assert len(drawn) / 3 < sum(one > 0 for one in drawn) < 2 * len(drawn) / 3
    assert jitter_of(b"a", "c1", attempt=1) != jitter_of(b"a", "c", attempt=11)


@pytest.mark.rule("N9", "N10")
@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (DeliveryOutcome.ACCEPTED, MessageStatus.ACCEPTED),
        (DeliveryOutcome.REFUSED, MessageStatus.REFUSED),
        (DeliveryOutcome.FAILED, MessageStatus.WAITING),
    ],
)
def test_an_attempt_is_kept_and_its_outcome_decides(outcome: DeliveryOutcome, status: MessageStatus) -> None:
    at = START + timedelta(seconds=7)
    made = attempt(1, outcome, at=at)
    found = attempted(message(), made)
    next_at = at + delay_after(1, jitter_of(SEED, "id", attempt=1)) if status is MessageStatus.WAITING else None
    assert found == message(attempts=(made,), status=status, next_at=next_at)


@pytest.mark.rule("N1", "N10")
@pytest.mark.parametrize(
    ("outcome", "status"),
    [(DeliveryOutcome.GIVEN_UP, MessageStatus.GIVEN_UP), (DeliveryOutcome.HELD, MessageStatus.HELD)],
)
def test_an_attempt_that_is_not_made_leaves_a_reason(outcome: DeliveryOutcome, status: MessageStatus) -> None:
    tried = message(attempts=(attempt(1, DeliveryOutcome.FAILED),))
    box = without_attempt(Outbox().put(tried), tried, outcome=outcome, reason="why")
    assert box.find("id") == tried._replace(status=status, next_at=None, reason="why")
    assert (box.waiting, box.next_due) == (0, None)


@pytest.mark.rule("N10")
def test_an_attempt_due_at_the_end_of_the_day_or_later_is_due_at_its_end() -> None:
    delay = delay_after(12, jitter_of(SEED, "id", attempt=12))
    second = timedelta(seconds=1)
    for before_end, left in ((delay + second, second), (delay, timedelta()), (delay - second, timedelta())):
        found = attempted(message(), attempt(12, DeliveryOutcome.FAILED, at=START + DAY - before_end))
        assert found.next_at == START + DAY - left
    assert gives_up_at(message()) == START + DAY


@pytest.mark.property
@pytest.mark.rule("N10")
@given(st.binary(max_size=64))
def test_a_message_that_always_fails_is_due_14_or_15_times_and_then_at_the_end_of_its_day(seed: bytes) -> None:
    found, instants = message(), list[datetime]()
    while found.next_at is not None and found.next_at < START + DAY:
        instants.append(found.next_at)
        found = attempted(found, attempt(len(instants), DeliveryOutcome.FAILED, at=found.next_at), seed=seed)
    assert (found.next_at, found.status) == (START + DAY, MessageStatus.WAITING)
    assert len(instants) in (14, 15)
    for at, base in zip(instants, VECTOR, strict=False):
        assert abs((at - START).total_seconds() - base) <= base / 10 + len(VECTOR)


@pytest.mark.rule("N9", "N14")
@pytest.mark.parametrize("status", [MessageStatus.SUPERSEDED, MessageStatus.HELD, MessageStatus.GIVEN_UP])
def test_an_answer_that_comes_late_counts_unless_it_is_a_failure(status: MessageStatus) -> None:
    before = message(status=status, next_at=None, reason="why")
    for outcome, after in (
        (DeliveryOutcome.ACCEPTED, MessageStatus.ACCEPTED),
        (DeliveryOutcome.REFUSED, MessageStatus.REFUSED),
        (DeliveryOutcome.FAILED, status),
    ):
        late = attempt(1, outcome)
        found = attempted(before, late)
        assert (found.status, found.due_at, found.attempts) == (after, None, (late,))
        is_claimed_again = outcome is DeliveryOutcome.FAILED and status is MessageStatus.HELD
        assert (found.next_at is not None) == is_claimed_again
