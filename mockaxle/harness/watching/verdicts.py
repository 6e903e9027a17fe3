"""Predicts which readings are accepted: by their ranges, and by the registers as they were accepted before. Source: R2.

A prediction is made for assets of this run only, since the earlier readings of others are not known.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from mockaxle.harness.answer import Answer
from mockaxle.harness.call import MadeCall
from mockaxle.harness.json_values import JsonObject
from mockaxle.harness.operations import SEND_READINGS
from mockaxle.harness.watching.checked import Checked
from mockaxle.harness.watching.memory import Memory
from mockaxle.harness.watching.values import instant, objects, same

SIGNED = frozenset(("boundary_import_kw", "battery_inverter_import_kw"))
"""The labels whose values may be negative."""

CHARGE, MOST_PERCENT = "battery_state_of_charge_pct", 100
PER_HALF_HOUR, HALF_HOUR = "charger_consumption_energy_kwh", timedelta(minutes=30)

OF_A_READING = ("asset_id", "label", "start_timestamp", "end_timestamp")
"""The fields of a reading that its result repeats."""

Expected = tuple[str, bool, str] | None
"""The statement of a verdict, the verdict and why; None if it cannot be predicted."""


class SentReading(NamedTuple):
    asset_id: str
    label: str
    value: float
    start_at: datetime
    end_at: datetime


def verdicts(memory: Memory, call: MadeCall, *, answer: Answer) -> Iterator[Checked]:
    """Yield a case for each reading whose verdict can be predicted, and note what was accepted."""
    if call.operation != SEND_READINGS or not answer.is_good or not call.is_full:
        return
    sent = objects(call.object_at().get("readings"))
    for reading, said in zip(map(_read, sent), in_order(sent, answer.objects_at("responses")), strict=False):
        if reading is None or reading.asset_id not in memory.created:
            continue
        yield from _compared(_expected(memory, reading), said)
        if said.get("accepted") is True and "_lifetime_" in reading.label:
            memory.registers.setdefault((reading.asset_id, reading.label), {})[reading.end_at] = reading.value


def in_order(sent: Sequence[JsonObject], said: Sequence[JsonObject]) -> Sequence[JsonObject]:
    """Return the results in the order of their readings; as they came if one of them belongs to no reading."""
    left, found = [*said], []
    for reading in sent:
        own = next((one for one in left if is_of(one, reading)), None)
        if own is None:
            return said
        left.remove(own)
        found.append(own)
    return found


def is_of(result: JsonObject, reading: JsonObject) -> bool:
    """Tell whether a result belongs to a reading."""
    return all(same(name, reading.get(name), other=result.get(name)) for name in OF_A_READING)


def _read(sent: JsonObject) -> SentReading | None:
    value, start_at, end_at = (
        sent.get("value"),
        instant(sent.get("start_timestamp")),
        instant(sent.get("end_timestamp")),
    )
    if start_at is None or end_at is None or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return SentReading(str(sent.get("asset_id")), str(sent.get("label")), value, start_at, end_at)


def _compared(expected: Expected, said: JsonObject) -> Iterator[Checked]:
    accepted = said.get("accepted")
    if expected is not None:
        of, verdict, why = expected
        verb = "refused" if verdict else "accepted"
        yield Checked(of, accepted is verdict, f"a reading is {verb}: {why}", f"accepted {verdict}".lower())
    if accepted is False:
        title = "a reading is not accepted, without a reason"
        yield Checked("R2e", bool(said.get("error")), title, "an error that says why")


def _expected(memory: Memory, reading: SentReading) -> Expected:
    """Return the verdict that a reading must get. Source: R2, R3."""
    asset = memory.assets.get(reading.asset_id)
    if asset is None or asset.gone:
        return "R2e", False, "its asset does not exist"
    if reading.end_at <= reading.start_at:
        return "R2e", False, "it ends before it starts"
    if reading.label == CHARGE and not 0 <= reading.value <= MOST_PERCENT:
        return "R2b", False, "a state of charge beyond 0 to 100"
    if reading.value < 0 and reading.label not in SIGNED:
        return "R2a", False, f"a negative {reading.label}"
    if "_lifetime_" in reading.label:
        return _in_register(memory.registers.get((reading.asset_id, reading.label), {}), reading)
    if reading.label == PER_HALF_HOUR and reading.end_at - reading.start_at != HALF_HOUR:
        return None
    site = memory.sites.get(str(asset.fields.get("site_id")))
    is_out = site is not None and "dispatch_methods" in site.fields and not site.texts("dispatch_methods")
    return "R3a" if is_out else "R2f", True, f"a {reading.label} in range"


def _in_register(register: dict[datetime, float], reading: SentReading) -> Expected:
    """Compare a reading with the accepted ones. Only one that is later than all of them is compared by the document."""
    before = [value for at, value in register.items() if at < reading.end_at]
    after = [value for at, value in register.items() if at > reading.end_at]
    latest = not after and reading.end_at not in register
    if before and reading.value < max(before):
        return "R2c" if latest else "R2e", False, f"a {reading.label} that decreases"
    if after and reading.value > min(after):
        return "R2e", False, f"a {reading.label} above a later one"
    return "R2f" if latest else "R2e", True, f"a {reading.label} that does not decrease"
