"""Readings: both ends of every range and beyond, registers, several assets in one call, gzip. Source: R1, R2.

The watch judges every verdict. This part sends what it can judge.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from mockaxle.harness.bodies import LIMITED_PAUSE
from mockaxle.harness.json_values import JsonObject
from mockaxle.harness.names import NOBODY
from mockaxle.harness.operations import DELETE_ASSET, SEND_READINGS, UNENROL
from mockaxle.harness.products.households import device, household
from mockaxle.harness.products.judging import refusable
from mockaxle.harness.run import Judge

FIRST_AT, HALF_HOUR = datetime(2026, 1, 20, 10, tzinfo=UTC), timedelta(minutes=30)
VALUES: Mapping[str, Sequence[float]] = {
    "boundary_import_kw": (-5.5, 0, 7.4),
    "battery_inverter_import_kw": (-3.25, 0, 3.25),
    "charger_consumption_energy_kwh": (0, 3.7, -0.001),
    "provisional_consumption_kwh": (0, 1.2, -0.001),
    "solar_power_kw": (0, 4, -0.001),
    "battery_stored_energy_kwh": (0, 9.6, -0.001),
    "battery_state_of_charge_pct": (0, 0.5, 50, 100, -1, -0.001, 100.001, 101),
}
REGISTERS = (
    "charger_lifetime_consumption_energy_kwh",
    "boundary_lifetime_import_energy_kwh",
    "boundary_lifetime_export_energy_kwh",
)
COUNTS = (0, 100, 100, 103.5, 90, 103.4, 110, 105, -1, 120, 119.9)
"""The values of a register in the order of time: some of them decrease, and one is negative."""

MANY = 60


def readings(judge: Judge) -> None:
    """Send readings of a charger and a battery. Raises: NotTestable."""
    run = judge.run
    run.needs(SEND_READINGS)
    with household(run, device(run, "metered"), device(run, "stored", type="battery")) as home:
        charger, battery = home.asset_ids
        for label, values in VALUES.items():
            _send(judge, _series(charger, label, values))
        for label in REGISTERS:
            for one in _series(battery, label, COUNTS):
                _send(judge, [one])
            _send(judge, _series(charger, label, COUNTS))
        _send_backwards(judge, charger)
        _send_mixed(judge, home.asset_ids)
        _send_packed(judge, charger)
        _send(judge, [])
        if UNENROL in run.keys:
            run.main.call(UNENROL, {"proposition": LIMITED_PAUSE}, site_id=home.site_id)
            _send(judge, _series(charger, "solar_power_kw", (1,)))
        _send_for_nobody(judge, battery)


def _series(asset_id: str, label: str, values: Sequence[float], *, first_at: datetime = FIRST_AT) -> list[JsonObject]:
    """Make readings of consecutive half-hours."""
    starts = (first_at + number * HALF_HOUR for number in range(len(values)))
    return [_reading(asset_id, label, value, start_at=at) for at, value in zip(starts, values, strict=True)]


def _reading(
    asset_id: str, label: str, value: float, *, start_at: datetime, length: timedelta = HALF_HOUR
) -> JsonObject:
    ends = {"start_timestamp": start_at.isoformat(), "end_timestamp": (start_at + length).isoformat()}
    return {"asset_id": asset_id, "label": label, "value": value, **ends}


def _send(judge: Judge, sent: Sequence[JsonObject]) -> None:
    answer = judge.run.main.call(SEND_READINGS, {"readings": [*sent]})
    of, title = ("R1a", "readings are refused") if sent else ("R1c", "an empty list of readings is refused")
    judge.status(answer, 200, of=of, title=title)


def _send_backwards(judge: Judge, asset_id: str) -> None:
    """Send what ends before it starts, and values of a register between accepted ones."""
    _send(
        judge,
        [
            _reading(asset_id, "solar_power_kw", 1, start_at=FIRST_AT, length=length)
            for length in (-HALF_HOUR, timedelta())
        ],
    )
    between = FIRST_AT + HALF_HOUR / 2
    for value in (50, 99, 101):
        _send(judge, [_reading(asset_id, REGISTERS[0], value, start_at=between)])


def _send_mixed(judge: Judge, asset_ids: Sequence[str]) -> None:
    """Send many readings of several assets and labels in turn, some of them out of range, with a repeated one."""
    labels = tuple(VALUES)
    mixed = [
        _reading(
            asset_ids[number % len(asset_ids)],
            labels[number % len(labels)],
            -1 if number % 5 == 4 else number % 7,
            start_at=FIRST_AT - number * HALF_HOUR,
        )
        for number in range(MANY)
    ]
    _send(judge, [*mixed, mixed[0], mixed[4]])


def _send_packed(judge: Judge, asset_id: str) -> None:
    """Send the same readings plain and packed by gzip."""
    sent = [*_series(asset_id, "solar_power_kw", (0, 4, -1)), *_series(NOBODY, "solar_power_kw", (1,))]
    plain, packed = (
        judge.run.main.call(SEND_READINGS, {"readings": sent}, packed=is_packed) for is_packed in (False, True)
    )
    judge.status(packed, 200, of="R1b", title="readings packed by gzip are refused")
    title = "readings packed by gzip are answered otherwise than plain ones"
    judge.expect(packed.json == plain.json, packed, of="R1b", title=title, expected=plain.shown)


def _send_for_nobody(judge: Judge, removed_id: str) -> None:
    """Send readings of an unknown asset, and of one that was deleted."""
    run = judge.run
    unknown = refusable(run).call(SEND_READINGS, {"readings": _series(NOBODY, "solar_power_kw", (1,))})
    title = "a reading of an unknown asset is accepted"
    said = unknown.value("responses", 0, "accepted")
    judge.expect(said is not True, unknown, of="R2e", title=title, expected="accepted false")
    if DELETE_ASSET in run.keys:
        run.main.call(DELETE_ASSET, asset_id=removed_id)
        _send(judge, _series(removed_id, "solar_power_kw", (1,)))
