"""The outbox against a plain list of messages, and the steps that hold, release and end what waits."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from mockaxle.core import outbox
from mockaxle.core.awkward_deliveries import COPIES, fits, made_awkward
from mockaxle.core.messages import (
    Attempt,
    AwkwardKind,
    DeliveryOutcome,
    Message,
    MessageKind,
    MessageStatus,
    MessageType,
)
from mockaxle.core.outbox import Outbox, outbox_of
from mockaxle.core.receivers import Receiver
from mockaxle.core.receiving import (
    followed,
    held,
    receiver_of,
    released,
    without_receiver,
    without_receivers,
    without_secret,
)
from mockaxle.core.reference import Reference
from mockaxle.core.retries import after_attempt, delay_after, gives_up_at, jitter_of, without_attempt
from mockaxle.core.state import State
from mockaxle.core.table import Table
from tests.clocks import START

SEED = b"seed"
WAITING, HELD, KEPT = MessageStatus.WAITING, MessageStatus.HELD, MessageStatus.KEPT
PLAN, HOOK = MessageKind.SCHEDULES, MessageKind.WEBHOOKS
SMALL = {"MAX_ENDED": 6, "MAX_ENDED_BYTES": 25, "MAX_OPEN": 5, "MAX_OPEN_BYTES": 20, "SPARE_DUES": 1}
RECEIVERS = (
    Receiver("held", "http://127.0.0.1:9000/held", HOOK, held=True, has_secret=True),
    Receiver("hooks", "http://127.0.0.1:9000/hook", HOOK, has_secret=True),
    Receiver("plans", "http://127.0.0.1:9000/{asset_id}", PLAN, has_secret=True),
    Receiver("unknown", "http://127.0.0.1:9000/{asset_id}", PLAN),
)
STATE = State(SEED, Reference(receivers=RECEIVERS))
names = st.sampled_from([receiver.name for receiver in RECEIVERS])
outcomes = st.sampled_from([DeliveryOutcome.ACCEPTED, DeliveryOutcome.REFUSED, DeliveryOutcome.FAILED])


def message(number: int, kind: MessageKind = HOOK, status: MessageStatus = WAITING, **changes: Any) -> Message:
    type = MessageType.SCHEDULE if kind is PLAN else MessageType.DISPATCH
    made = Message(number, f"m{number}", type, kind, START, b"body", asset_ids=("a",), receiver="plans", status=status)
    return made._replace(next_at=START if status is WAITING else None)._replace(**changes)


def ended(before: Message, status: MessageStatus = MessageStatus.ACCEPTED) -> Message:
    return before._replace(status=status, next_at=None)


def filled(messages: Iterable[Message]) -> Outbox:
    box = Outbox()
    for one in messages:
        box = box.put(one)
    return box


def rebuilt(box: Outbox) -> Outbox:
    places = range(box.ended_places - len(box.ended), box.ended_places)
    order = [number for number in map(box.ended.get, places) if number is not None]
    return outbox_of(list(box.after(0)), made=box.made, dropped=box.dropped, ended=order)


def statuses(state: State) -> list[MessageStatus]:
    return [one.status for one in state.outbox.after(0)]


def state_of(*messages: Message) -> State:
    return STATE._replace(outbox=filled(messages))


class Plain:
    """An outbox as a dictionary by number, and a list of those that ended, in order."""

    def __init__(self) -> None:
        self.messages: dict[int, Message] = {}
        self.ended: list[int] = []
        self.made = self.dropped = 0
        self.held_back: dict[int, str] = {}

    def where(self, status: MessageStatus) -> list[Message]:
        return [one for one in self.messages.values() if one.status is status]

    @property
    def open(self) -> list[Message]:
        return [one for one in self.messages.values() if one.status in (WAITING, HELD)]

    @property
    def bodies_of_ended(self) -> int:
        return sum(len(self.messages[number].body) for number in self.ended)

    def put(self, added: Message) -> None:
        if added.awkward is AwkwardKind.OUT_OF_ORDER:
            self.held_back[added.number] = f"{added.receiver} {added.asset_ids[0]}"
        for former in self.open:
            same = (former.kind, former.receiver, former.asset_ids) == (added.kind, added.receiver, added.asset_ids)
            if added.kind is PLAN and added.status in (WAITING, HELD) and same:
                self.store(ended(former, MessageStatus.SUPERSEDED))
        self.made = added.number
        self.store(added)
        self.limit()

    def store(self, changed: Message) -> None:
        if changed.status not in (WAITING, HELD) and changed.number not in self.ended:
            self.ended.append(changed.number)
        self.messages[changed.number] = changed
        if changed.status is not HELD:
            self.held_back.pop(changed.number, None)

    def limit(self) -> None:
        while len(self.open) > outbox.MAX_OPEN or (
            len(self.open) > 1 and sum(len(one.body) for one in self.open) > outbox.MAX_OPEN_BYTES
        ):
            self.store(ended(self.open[0], MessageStatus.GIVEN_UP))
        while len(self.ended) > outbox.MAX_ENDED or (
            len(self.ended) > 1 and self.bodies_of_ended > outbox.MAX_ENDED_BYTES
        ):
            del self.messages[self.ended.pop(0)]
            self.dropped += 1

    def attempt(self, before: Message, made: Attempt) -> None:
        after = before._replace(attempts=(*before.attempts, made))
        is_first = DeliveryOutcome.ACCEPTED not in [one.outcome for one in before.attempts]
        is_open = before.status in (WAITING, HELD)
        if made.awkward in COPIES or before.status is MessageStatus.ACCEPTED:
            pass
        elif made.awkward is AwkwardKind.TWICE and is_first and is_open and made.outcome is DeliveryOutcome.ACCEPTED:
            after = after._replace(next_at=made.at)
        elif made.outcome is DeliveryOutcome.ACCEPTED:
            after = ended(after)
        elif made.outcome is DeliveryOutcome.REFUSED:
            after = ended(after, MessageStatus.REFUSED)
        elif is_open:
            number = made.attempt - sum(1 for one in before.attempts if one.awkward in COPIES)
            due_at = made.at + delay_after(number, jitter_of(SEED, before.id, attempt=number))
            after = after._replace(next_at=min(due_at, gives_up_at(before)))
        self.store(after)
        if after.status not in (WAITING, HELD):
            self.follow(after, now=made.at)
        self.limit()

    def follow(self, after: Message, *, now: datetime) -> None:
        for number in [number for number, key in self.held_back.items() if number < after.number]:
            if self.held_back[number] == f"{after.receiver} {after.asset_ids[0]}":
                receiver = receiver_of(STATE, after.receiver)
                del self.held_back[number]
                assert receiver is not None
                self.store(self.messages[number]._replace(status=receiver.first_status, next_at=now))


class Boxes(RuleBasedStateMachine):
    """Every step is made on the outbox and on the plain one, and both must agree."""

    def __init__(self) -> None:
        super().__init__()
        self.state, self.plain, self.now = STATE, Plain(), START

    @property
    def box(self) -> Outbox:
        return self.state.outbox

    def store(self, box: Outbox) -> None:
        self.state = self.state._replace(outbox=box)

    @rule(
        kind=st.sampled_from(MessageKind),
        status=st.sampled_from([WAITING, WAITING, HELD, KEPT]),
        receiver=names,
        asset=st.sampled_from("ab"),
        size=st.integers(0, 8) | st.just(30),
        awkward=st.none() | st.sampled_from(AwkwardKind),
    )
    def put(
        self,
        kind: MessageKind,
        status: MessageStatus,
        receiver: str,
        asset: str,
        size: int,
        awkward: AwkwardKind | None,
    ) -> None:
        about = {"receiver": None if status is KEPT else receiver, "asset_ids": (asset,), "body": b"x" * size}
        due_at = self.now if status is WAITING else None
        added = message(self.plain.made + 1, kind, status, created_at=self.now, next_at=due_at, **about)
        is_taken = awkward is AwkwardKind.OUT_OF_ORDER and self.box.has_held_back(added)
        if awkward is not None and status is not KEPT and fits(awkward, added) and not is_taken:
            added = made_awkward(added, awkward, seed=SEED)
        self.store(self.box.put(added))
        self.plain.put(added._replace(reason=None))

    @rule(minutes=st.integers(0, 600))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @precondition(lambda self: self.plain.where(WAITING))
    @rule(outcome=outcomes)
    def attempt_the_next(self, outcome: DeliveryOutcome) -> None:
        following = self.box.next_due
        assert following is not None
        assert following.next_at is not None
        self.now = max(self.now, following.next_at)
        if self.now >= gives_up_at(following):
            given_up = without_attempt(self.box, following, outcome=DeliveryOutcome.GIVEN_UP, reason=None)
            self.store(given_up.within_limits())
            self.plain.store(ended(following, MessageStatus.GIVEN_UP))
            self.plain.limit()
        else:
            self.answer(following, outcome)

    @precondition(lambda self: self.plain.messages)
    @rule(which=st.integers(0, 99), outcome=outcomes)
    def answer_late(self, which: int, outcome: DeliveryOutcome) -> None:
        self.answer(list(self.plain.messages.values())[which % len(self.plain.messages)], outcome)

    def answer(self, before: Message, outcome: DeliveryOutcome) -> None:
        made = Attempt(len(before.attempts) + 1, self.now, self.now, outcome, awkward=before.next_awkward)
        known = self.box.find(before.id)
        assert known is not None
        self.store(after_attempt(self.box, known, attempt=made, seed=SEED))
        answered = self.box.find(before.id)
        if answered is not None and not answered.is_open:
            self.state = followed(self.state, before, now=self.now)
        self.store(self.box.within_limits())
        self.plain.attempt(before, made)

    @rule()
    def hold(self) -> None:
        self.state = held(self.state)
        for one in self.plain.where(WAITING):
            self.plain.store(one._replace(status=HELD, next_at=None))

    @rule(named=st.sets(names))
    def release(self, named: set[str]) -> None:
        self.state = released(self.state, named, now=self.now)
        for one in self.plain.where(HELD):
            if one.receiver in named & {"hooks", "plans"}:
                self.plain.store(one._replace(status=WAITING, next_at=self.now))

    @rule()
    def remove_all_receivers(self) -> None:
        self.state = without_receivers(self.state)._replace(reference=STATE.reference)
        for one in self.plain.open:
            self.plain.store(ended(one, KEPT)._replace(receiver=None))
        self.plain.limit()

    @rule(name=names)
    def remove_a_receiver(self, name: str) -> None:
        self.state = without_receiver(self.state, name)._replace(reference=STATE.reference)
        for one in self.plain.open:
            if one.receiver == name:
                self.plain.store(ended(one, MessageStatus.GIVEN_UP))
        self.plain.limit()

    @rule()
    def rebuild(self) -> None:
        self.store(rebuilt(self.box))

    @invariant()
    def the_messages_are_those_of_the_list(self) -> None:
        listed = [one._replace(reason=None) for one in self.box.after(0)]
        assert listed == list(self.plain.messages.values())
        assert (self.box.made, self.box.dropped) == (self.plain.made, self.plain.dropped)
        for number in range(self.plain.made + 2):
            assert [one.number for one in self.box.after(number)] == [n for n in self.plain.messages if n > number]
            found = self.box.find(f"m{number}")
            assert (found and found.number) == (number if number in self.plain.messages else None)

    @invariant()
    def the_next_one_is_due_first(self) -> None:
        waiting = self.plain.where(WAITING)
        first = min(waiting, key=lambda one: (one.next_at or datetime.max, one.number), default=None)
        assert (self.box.next_due and self.box.next_due.number) == (first and first.number)

    @invariant()
    def those_held_back_are_known(self) -> None:
        assert self.box.held_back == Table.of({key: number for number, key in self.plain.held_back.items()})

    @invariant()
    def the_counts_are_those_of_the_list(self) -> None:
        box, plain = self.box, self.plain
        assert (box.open_count, box.open_size) == (len(plain.open), sum(len(one.body) for one in plain.open))
        assert (len(box.ended), box.ended_size) == (len(plain.ended), plain.bodies_of_ended)
        assert (box.waiting, len(box.numbers)) == (len(plain.where(WAITING)), len(plain.messages))
        assert box.due.size <= 2 * box.waiting + outbox.SPARE_DUES


def run_boxes() -> None:
    count = max(150, settings().max_examples)
    run_state_machine_as_test(Boxes, settings=settings(max_examples=count, stateful_step_count=40))


@pytest.mark.property
@pytest.mark.rule("N4", "N8", "N11", "N14")
def test_an_outbox_agrees_with_a_list() -> None:
    run_boxes()


@pytest.mark.property
@pytest.mark.rule("N4", "N8", "N11", "N14")
def test_an_outbox_at_its_limits_agrees_with_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, limit in SMALL.items():
        monkeypatch.setattr(outbox, name, limit)
    run_boxes()


@pytest.mark.rule("N8")
@pytest.mark.parametrize(
    ("kind", "former", "change", "is_superseded"),
    [
        (PLAN, WAITING, {}, True),
        (PLAN, HELD, {}, True),
        (PLAN, WAITING, {"status": HELD, "next_at": None}, True),
        (PLAN, KEPT, {}, False),
        (PLAN, WAITING, {"status": KEPT, "next_at": None, "receiver": None}, False),
        (PLAN, WAITING, {"receiver": "other"}, False),
        (PLAN, WAITING, {"asset_ids": ("b",)}, False),
        (HOOK, WAITING, {}, False),
    ],
)
def test_a_plan_that_is_open_is_superseded_by_the_next_of_its_receiver_and_asset(
    kind: MessageKind, former: MessageStatus, change: dict[str, Any], is_superseded: bool
) -> None:
    box = filled([message(1, kind, former), message(2, kind, **change)])
    found = box.find("m1")
    assert found is not None
    assert (found.status is MessageStatus.SUPERSEDED) is is_superseded
    assert found.next_at == (START if former is WAITING and not is_superseded else None)


@pytest.mark.rule("N8")
def test_a_plan_is_not_superseded_by_an_envelope_nor_after_its_end() -> None:
    box = filled([message(1, PLAN), message(2, HOOK)])
    assert [one.status for one in box.after(0)] == [WAITING, WAITING]
    box = box.change(ended(message(1, PLAN))).put(message(3, PLAN))
    assert [one.status for one in box.after(0)] == [MessageStatus.ACCEPTED, WAITING, WAITING]


@pytest.mark.rule("N8")
def test_the_queue_stays_small_when_a_plan_is_superseded_very_often() -> None:
    box = Outbox()
    for number in range(1, 10_001):
        box = box.put(message(number, PLAN))
        failed = Attempt(1, START, START, DeliveryOutcome.FAILED, status=500)
        box = after_attempt(box, message(number, PLAN), attempt=failed, seed=SEED)
        assert box.due.size <= 2 * box.waiting + outbox.SPARE_DUES + 1
    assert (box.waiting, box.open_count, len(box.ended), len(box.latest)) == (1, 1, 9_999, 1)
    assert box.next_due is not None
    assert box.next_due.number == 10_000


@pytest.mark.rule("N8")
def test_the_queue_stays_small_behind_a_message_that_is_due_first() -> None:
    box = filled([message(1, HOOK, next_at=START - timedelta(days=1))])
    for number in range(2, 5_000):
        box = box.put(message(number, PLAN))
        assert box.due.size <= 2 * box.waiting + outbox.SPARE_DUES + 1
    assert [at for at, _ in box.due][:1] == [START - timedelta(days=1)]


@pytest.mark.rule("N4")
@pytest.mark.parametrize(("name", "limit"), [("MAX_OPEN", 2), ("MAX_OPEN_BYTES", 11)])
def test_beyond_a_limit_the_oldest_open_message_is_given_up(
    monkeypatch: pytest.MonkeyPatch, name: str, limit: int
) -> None:
    monkeypatch.setattr(outbox, name, limit)
    box = filled([message(1, status=KEPT), message(2, status=HELD), message(3), message(4)])
    assert [one.status for one in box.after(0)] == [KEPT, MessageStatus.GIVEN_UP, WAITING, WAITING]
    given_up = box.find("m2")
    assert given_up is not None
    assert f"more than {outbox.MAX_OPEN:,} messages, or {outbox.MAX_OPEN_BYTES:,} bytes" in (given_up.reason or "")
    assert (given_up.next_at, given_up.attempts, box.open_count, box.open_size) == (None, (), 2, 8)


@pytest.mark.rule("N4")
def test_a_single_open_message_may_be_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MAX_OPEN_BYTES", 3)
    box = filled([message(1), message(2)])
    assert [one.status for one in box.after(0)] == [MessageStatus.GIVEN_UP, WAITING]


@pytest.mark.rule("N4")
def test_messages_are_dropped_in_the_order_in_which_they_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MAX_ENDED", 2)
    box = filled(message(number) for number in range(1, 5))
    for number in (3, 1, 4):
        box = box.change(ended(message(number))).within_limits()
    assert ([one.number for one in box.after(0)], box.dropped) == ([1, 2, 4], 1)
    box = box.put(message(5, status=KEPT))
    assert ([one.number for one in box.after(0)], box.dropped) == ([2, 4, 5], 2)
    assert (box.find("m1"), box.made) == (None, 5)


@pytest.mark.rule("N4")
def test_messages_that_wait_are_not_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MAX_ENDED", 1)
    box = filled([message(1, status=HELD), message(2), *(message(number, status=KEPT) for number in range(3, 9))])
    assert ([one.number for one in box.after(0)], box.dropped) == ([1, 2, 8], 5)


@pytest.mark.rule("N14")
def test_an_outbox_that_is_rebuilt_goes_on_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MAX_ENDED", 2)
    box = filled([message(1), message(2, PLAN), message(3, PLAN), message(4, status=KEPT), message(5, status=KEPT)])
    box = box.change(ended(message(1))).within_limits()
    again = rebuilt(box)
    assert (list(again.after(0)), again.next_due) == (list(box.after(0)), box.next_due)
    for one in (message(6, PLAN), message(7, status=KEPT), message(8, status=HELD)):
        box, again = box.put(one), rebuilt(again).put(one)
        assert (list(again.after(0)), again.next_due) == (list(box.after(0)), box.next_due)
        assert (again.dropped, again.made, again.due.size) == (box.dropped, box.made, again.waiting)


@pytest.mark.rule("N14")
def test_all_that_waits_is_held() -> None:
    before = state_of(message(1), message(2, status=KEPT), message(3, PLAN))
    state = held(before)
    assert (statuses(state), state.outbox.next_due, state.outbox.waiting) == ([HELD, KEPT, HELD], None, 0)
    assert held(state) is state
    assert statuses(before) == [WAITING, KEPT, WAITING]


@pytest.mark.rule("N1", "N14")
def test_what_is_held_is_due_now_unless_its_receiver_is_held_or_has_no_secret() -> None:
    now = START + timedelta(hours=1)
    state = state_of(*(message(n, status=HELD, receiver=one.name) for n, one in enumerate(RECEIVERS, start=1)))
    everybody = [receiver.name for receiver in RECEIVERS]
    assert statuses(released(state, everybody, now=now)) == [HELD, WAITING, WAITING, HELD]
    assert statuses(released(state, ["hooks", "unknown", "nobody"], now=now)) == [HELD, WAITING, HELD, HELD]
    after = released(state, everybody, now=now).outbox.next_due
    assert after is not None
    assert (after.number, after.next_at) == (2, now)


@pytest.mark.rule("N14")
def test_a_release_leaves_what_waits_and_what_has_ended() -> None:
    state = state_of(message(1), ended(message(2)), message(3, status=HELD, reason="why"))
    after = list(released(state, ["plans"], now=START + timedelta(hours=1)).outbox.after(0))
    assert [(one.status, one.next_at) for one in after[:2]] == [(WAITING, START), (MessageStatus.ACCEPTED, None)]
    assert (after[2].status, after[2].next_at, after[2].reason) == (WAITING, START + timedelta(hours=1), None)


@pytest.mark.rule("N1")
def test_what_waits_for_a_removed_receiver_is_given_up() -> None:
    state = state_of(message(1), message(2, receiver="hooks"), message(3, status=HELD), ended(message(4)))
    state = without_receiver(state, "plans")
    given_up = MessageStatus.GIVEN_UP
    assert statuses(state) == [given_up, WAITING, given_up, MessageStatus.ACCEPTED]
    assert [one.reason for one in state.outbox.after(0)][::2] == ["its receiver was removed"] * 2
    assert (receiver_of(state, "plans"), receiver_of(state, "hooks")) == (None, RECEIVERS[1])


@pytest.mark.rule("N1", "N4")
def test_without_receivers_all_that_is_open_is_kept_for_nobody() -> None:
    state = without_receivers(state_of(message(1), message(2, PLAN, HELD, reason="why"), ended(message(3))))
    assert statuses(state) == [KEPT, KEPT, MessageStatus.ACCEPTED]
    assert [one.receiver for one in state.outbox.after(0)] == [None, None, "plans"]
    assert [one.reason for one in state.outbox.after(0)] == [None, None, None]
    assert (state.reference.receivers, state.outbox.open_count, state.outbox.waiting) == ((), 0, 0)
    assert without_receivers(state) is state


@pytest.mark.rule("N1")
@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda one: one, WAITING),
        (lambda one: one._replace(held=True), HELD),
        (lambda one: one._replace(has_secret=False), HELD),
    ],
)
def test_the_first_status_of_a_message_is_its_receivers(
    change: Callable[[Receiver], Receiver], status: MessageStatus
) -> None:
    assert change(RECEIVERS[1]).first_status is status


@pytest.mark.rule("N1", "N14")
def test_a_receiver_whose_secret_is_lost_is_one_whose_messages_are_held() -> None:
    state = without_secret(state_of(message(1, receiver="hooks")), "hooks")
    assert [(one.name, one.has_secret) for one in state.reference.receivers] == [
        ("held", True),
        ("hooks", False),
        ("plans", True),
        ("unknown", False),
    ]
    hooks = receiver_of(state, "hooks")
    assert hooks is not None
    assert (hooks.first_status, statuses(state)) == (HELD, [WAITING])
    assert statuses(released(held(state), ["hooks"], now=START)) == [HELD]
