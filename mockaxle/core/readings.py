"""Readings: each is checked by itself and against its register. Source: R1-R3."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from mockaxle.core.state import Outcome, Register, State

HALF_HOUR = timedelta(minutes=30)


class ReadingDataPointLabel(StrEnum):
    """Units: as the label ends."""

    BOUNDARY_IMPORT_KW = "boundary_import_kw"
    BATTERY_INVERTER_IMPORT_KW = "battery_inverter_import_kw"
    CHARGER_CONSUMPTION_ENERGY_KWH = "charger_consumption_energy_kwh"
    CHARGER_LIFETIME_CONSUMPTION_ENERGY_KWH = "charger_lifetime_consumption_energy_kwh"
    BOUNDARY_LIFETIME_IMPORT_ENERGY_KWH = "boundary_lifetime_import_energy_kwh"
    BOUNDARY_LIFETIME_EXPORT_ENERGY_KWH = "boundary_lifetime_export_energy_kwh"
    PROVISIONAL_CONSUMPTION_KWH = "provisional_consumption_kwh"
    SOLAR_POWER_KW = "solar_power_kw"
    BATTERY_STATE_OF_CHARGE_PCT = "battery_state_of_charge_pct"
    BATTERY_STORED_ENERGY_KWH = "battery_stored_energy_kwh"

    @property
    def is_register(self) -> bool:
        """Whether the value is a meter register, which only counts up."""
        return "_lifetime_" in self

    @property
    def floor(self) -> float | None:
        return None if self in _SIGNED else 0

    @property
    def ceiling(self) -> float | None:
        return 100 if self is ReadingDataPointLabel.BATTERY_STATE_OF_CHARGE_PCT else None


_SIGNED = (ReadingDataPointLabel.BOUNDARY_IMPORT_KW, ReadingDataPointLabel.BATTERY_INVERTER_IMPORT_KW)


class Reading(NamedTuple):
    """A measurement over a half-open interval. Units: value as the label ends. Shape: aware UTC."""

    asset_id: str
    start_at: datetime
    end_at: datetime
    value: float
    label: ReadingDataPointLabel


def take_readings(
    state: State, readings: Sequence[Reading], *, site_id: str | None = None
) -> Outcome[tuple[str | None, ...]]:
    """Check each reading: None if it is accepted, else the reason. Accepted register readings are kept.

    Readings are checked in order, against those accepted before. With `site_id`, assets of other sites are unknown.
    Source: R1, R2, A7.
    """
    ledger = _Ledger(state)
    verdicts = tuple(_fault(state, reading, site_id=site_id) or ledger.enter(reading) for reading in readings)
    return Outcome(ledger.state(), verdicts)


def _fault(state: State, reading: Reading, *, site_id: str | None) -> str | None:
    """Return what is wrong with a reading by itself, or None."""
    label, length = reading.label, reading.end_at - reading.start_at
    if length <= timedelta():
        return "end_timestamp must be after start_timestamp"
    asset = state.assets.get(reading.asset_id)
    if asset is None or site_id not in (None, asset.site_id):
        return f"Asset {reading.asset_id} not found"
    if label.floor is not None and reading.value < label.floor:
        return f"{label} must be at least {label.floor:g}"
    if label.ceiling is not None and reading.value > label.ceiling:
        return f"{label} must be at most {label.ceiling:g}"
    strict = state.reference.settings.strict_readings
    if strict and label is ReadingDataPointLabel.CHARGER_CONSUMPTION_ENERGY_KWH and length != HALF_HOUR:
        return f"{label} is per 30 minutes, not per {length}"
    return None


class _Ledger:
    """The registers of a state while a batch is entered."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._open: dict[tuple[str, str], list[tuple[datetime, float]]] = {}

    def enter(self, reading: Reading) -> str | None:
        """Enter a reading; return why it does not fit, or None. It replaces a reading with the same end."""
        if not reading.label.is_register:
            return None
        known = self._register(reading.asset_id, reading.label)
        at = bisect_left(known, reading.end_at, key=lambda entry: entry[0])
        after = at + (at < len(known) and known[at][0] == reading.end_at)
        if at > 0 and reading.value < known[at - 1][1]:
            return f"{reading.label} never decreases: it was {known[at - 1][1]:g} at {known[at - 1][0].isoformat()}"
        if after < len(known) and reading.value > known[after][1]:
            return f"{reading.label} never decreases: it is {known[after][1]:g} at {known[after][0].isoformat()}"
        known[at:after] = [(reading.end_at, reading.value)]
        return None

    def _register(self, asset_id: str, label: str) -> list[tuple[datetime, float]]:
        if (asset_id, label) not in self._open:
            kept = dict(self._state.registers.get(asset_id) or ())
            self._open[asset_id, label] = list(kept.get(label, ()))
        return self._open[asset_id, label]

    def state(self) -> State:
        """Return the state with the readings entered."""
        registers = self._state.registers
        for (asset_id, label), entries in self._open.items():
            kept = {**dict(registers.get(asset_id) or ()), label: tuple(entries)}
            ordered: tuple[Register, ...] = tuple((one, kept[one]) for one in ReadingDataPointLabel if kept.get(one))
            registers = registers.put(asset_id, ordered)
        return self._state._replace(registers=registers) if self._open else self._state
