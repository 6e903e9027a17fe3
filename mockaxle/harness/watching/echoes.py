"""Checks values that an answer repeats from its call, or from an earlier one."""

from collections.abc import Iterator, Mapping
from datetime import UTC, time
from zoneinfo import ZoneInfo

from mockaxle.harness.answer import Answer
from mockaxle.harness.call import MadeCall
from mockaxle.harness.json_values import Json, JsonObject
from mockaxle.harness.operations import (
    BALANCE,
    ELIGIBILITY,
    ENROL,
    EVENT,
    FLEX_EVENTS,
    METER_BY_MPAN,
    METER_BY_MPAN_OLDER,
    READ_INTENT,
    SEND_READINGS,
    TRANSACTIONS,
    UNENROL,
    WHO,
)
from mockaxle.harness.watching.checked import Checked, equal
from mockaxle.harness.watching.memory import Memory
from mockaxle.harness.watching.values import instant, objects, same
from mockaxle.harness.watching.verdicts import OF_A_READING, in_order

ECHOED: Mapping[str, tuple[str, str]] = {
    ENROL: ("site_id", "L0c"),
    UNENROL: ("site_id", "L0d"),
    ELIGIBILITY: ("site_id", "Q3h"),
    FLEX_EVENTS: ("site_id", "W4a"),
    TRANSACTIONS: ("site_id", "W2a"),
    METER_BY_MPAN_OLDER: ("mpan", "Q8a"),
}
"""Operations that repeat an id of their path, with their statements."""

DEFAULTS: Mapping[str, Json] = {"may_charge_peak": False, "charging_mode": "maximise_charging_time"}
BY_TIME_OF_DAY = "ready_by"
"""The field of an intent of which only the time of day counts. Source: C4."""

INTENT_EVENTS = (f"{EVENT}/plug-in", f"{EVENT}/intent")
INTENT_TYPES = ("plug_in", "intent_update")
LONDON = ZoneInfo("Europe/London")


def echoed(memory: Memory, call: MadeCall, *, answer: Answer) -> Iterator[Checked]:
    if not answer.is_good:
        return
    if call.operation in ECHOED:
        name, of = ECHOED[call.operation]
        yield equal(of, answer.value(name), expected=call.ids[name], title=f"{call.operation} answers another {name}")
    if call.operation == METER_BY_MPAN and answer.status == 200:
        mpan = call.object_at().get("mpan")
        yield equal("Q8a", answer.value("mpan"), expected=mpan, title="a meter has another MPAN than was asked for")
    if call.operation == WHO and call.is_full:
        yield equal(
            "A5a", answer.value("username"), expected=call.username, title="username is not that of the account"
        )
    if call.operation == SEND_READINGS:
        yield from _readings(call, answer)
    if call.operation in (BALANCE, TRANSACTIONS):
        yield from _wait(memory, call, answer)
    yield from _intent(memory, call, answer)


def _readings(call: MadeCall, answer: Answer) -> Iterator[Checked]:
    sent, said = objects(call.object_at().get("readings")), answer.objects_at("responses")
    title = "readings and their results differ in number"
    yield equal("R1a" if sent else "R1c", len(said), expected=len(sent), title=title)
    ordered = in_order(sent, said)
    for reading, result in zip(sent, ordered, strict=False):
        other = [name for name in OF_A_READING if not same(name, reading.get(name), other=result.get(name))]
        yield Checked("R1a", not other, "a result belongs to another reading", f"the {', '.join(other)} sent")
    if sent and len(said) == len(sent):
        yield Checked("R1d", ordered == said, "the results are in another order than the readings", "the order sent")


def _wait(memory: Memory, call: MadeCall, answer: Answer) -> Iterator[Checked]:
    """Compare the days left of a wait with the wait that is configured."""
    site_id, days = call.ids["site_id"], answer.value("withdrawal_min_wait_days")
    if call.operation == BALANCE and isinstance(days, int):
        memory.waits[site_id] = days
    if call.operation == TRANSACTIONS and memory.waits.get(site_id) == 0:
        left = answer.value("days_until_minimum_wait_time_met")
        title = "days_until_minimum_wait_time_met is there, though no wait is configured"
        yield Checked("W1c", left is None, title, "no days_until_minimum_wait_time_met")


def _intent(memory: Memory, call: MadeCall, answer: Answer) -> Iterator[Checked]:
    """Compare the intent with the one sent last, or note one."""
    asset_id = call.ids.get("asset_id", "")
    if _holds_intent(call) and (sent := call.object_at("intent")):
        memory.intents[asset_id] = sent
    if call.operation != READ_INTENT or asset_id not in memory.intents:
        return
    found = answer.value("intent")
    yield from _compared(memory.intents[asset_id], found if isinstance(found, dict) else {})


def _holds_intent(call: MadeCall) -> bool:
    """Tell whether an intent of the call's body counts; the combined event ignores it with other types."""
    of_type = call.operation == EVENT and call.object_at().get("event_type") in INTENT_TYPES
    return of_type or call.operation in INTENT_EVENTS


def _compared(sent: JsonObject, found: JsonObject) -> Iterator[Checked]:
    for name, value in sent.items():
        if value is not None:
            other = found.get(name)
            is_right = _same_time(value, other) if name == BY_TIME_OF_DAY else same(name, other, other=value)
            yield Checked("C4e", is_right, f"{name} of an intent differs from the one sent", f"{value!r}")
    for name, default in DEFAULTS.items():
        if sent.get(name) is None:
            title = f"{name} of an intent without one is not the default"
            yield Checked("C4d", found.get(name) in (default, None), title, f"{default!r}")


def _same_time(sent: Json, found: Json) -> bool:
    """Tell whether two instants have the same time of day, on whatever date."""
    return bool(_times(sent) & _times(found))


def _times(value: Json) -> set[time]:
    """Return the times of day of an instant: as spelt, in UTC and in the UK."""
    at = instant(value)
    return {at.time(), at.astimezone(UTC).time(), at.astimezone(LONDON).time()} if at else set()
