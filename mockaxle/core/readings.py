"""Readings: each is checked by itself and against its register; those that measure events are kept. Source: R1-R3."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar

from mockaxle.core.flex_events import measure_again, settled_in
from mockaxle.core.half_hours import HALF_HOUR
from mockaxle.core.reading_labels import ReadingDataPointLabel
from mockaxle.core.records import Transaction
from mockaxle.core.state import Interval, Outcome, State

V = TypeVar("V")
MEASURING = (
    ReadingDataPointLabel.BOUNDARY_IMPORT_KW,
    ReadingDataPointLabel.CHARGER_CONSUMPTION_ENERGY_KWH,
    ReadingDataPointLabel.BATTERY_INVERTER_IMPORT_KW,
)
"""The labels, besides registers, whose readings measure flex events. Source: B3."""

MAX_INTERVALS = 5_000
"""The readings of an asset that are kept for each of these labels: the latest ones."""

MOST_MEASURED = 10**9
"""A larger value is accepted, but measures nothing."""


class Reading(NamedTuple):
    """A measurement over a half-open interval. Units: value as the label ends. Shape: aware UTC."""

    asset_id: str
    start_at: datetime
    end_at: datetime
    value: float
    label: ReadingDataPointLabel


class Taken(NamedTuple):
    """Shape: verdicts has None for each reading that was accepted, else the reason; settled are the events on which
    an accepted reading no longer counts, since their revenue is final.
    """

    verdicts: tuple[str | None, ...]
    settled: tuple[Transaction, ...] = ()


def take_readings(state: State, readings: Sequence[Reading], *, site_id: str | None = None) -> Outcome[Taken]:
    """Check each reading, keep those that measure something, and measure the events that they touch.

    Readings are checked in order, against those accepted before. With `site_id`, assets of other sites are unknown.
    Source: R1, R2, A7, B6.
    """
    ledger = _Ledger(state)
    verdicts = tuple(_fault(state, reading, site_id=site_id) or ledger.enter(reading) for reading in readings)
    after, settled = ledger.state(), dict[str, Transaction]()
    for asset_id, (since, until) in ledger.touched.items():
        after = measure_again(after, asset_id, since=since, until=until)
        settled |= {event.id: event for event in settled_in(after, asset_id, since=since, until=until)}
    return Outcome(after, Taken(verdicts, tuple(settled.values())))


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
    """The readings of a state while a batch is entered. `touched` has the time of each asset that they tell about."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._registers: dict[tuple[str, str], list[tuple[datetime, float]]] = {}
        self._intervals: dict[tuple[str, str], list[Interval]] = {}
        self.touched: dict[str, tuple[datetime, datetime]] = {}

    def enter(self, reading: Reading) -> str | None:
        """Enter a reading; return why it does not fit, or None. It replaces a reading of the same time."""
        if reading.label.is_register:
            return self._enter_register(reading)
        if reading.label in MEASURING and abs(reading.value) <= MOST_MEASURED:
            known = self._open_intervals(reading.asset_id, reading.label)
            one = Interval(reading.start_at, reading.end_at, reading.value)
            at = bisect_left(known, (one.end_at, one.start_at), key=lambda other: (other.end_at, other.start_at))
            known[at : at + (at < len(known) and known[at][:2] == one[:2])] = [one]
            self._touch(reading.asset_id, reading.start_at, until=reading.end_at)
        return None

    def _enter_register(self, reading: Reading) -> str | None:
        known = self._open_register(reading.asset_id, reading.label)
        at = bisect_left(known, reading.end_at, key=lambda entry: entry[0])
        after = at + (at < len(known) and known[at][0] == reading.end_at)
        if at > 0 and reading.value < known[at - 1][1]:
            return f"{reading.label} never decreases: it was {known[at - 1][1]:g} at {known[at - 1][0].isoformat()}"
        if after < len(known) and reading.value > known[after][1]:
            return f"{reading.label} never decreases: it is {known[after][1]:g} at {known[after][0].isoformat()}"
        known[at:after] = [(reading.end_at, reading.value)]
        since = known[at - 1][0] if at > 0 else reading.end_at
        self._touch(reading.asset_id, since, until=known[at + 1][0] if at + 1 < len(known) else reading.end_at)
        return None

    def _touch(self, asset_id: str, since: datetime, *, until: datetime) -> None:
        first, last = self.touched.get(asset_id, (since, until))
        self.touched[asset_id] = (min(first, since), max(last, until))

    def _open_register(self, asset_id: str, label: str) -> list[tuple[datetime, float]]:
        if (asset_id, label) not in self._registers:
            kept = dict(self._state.registers.get(asset_id) or ())
            self._registers[asset_id, label] = list(kept.get(label, ()))
        return self._registers[asset_id, label]

    def _open_intervals(self, asset_id: str, label: str) -> list[Interval]:
        if (asset_id, label) not in self._intervals:
            kept = dict(self._state.intervals.get(asset_id) or ())
            self._intervals[asset_id, label] = list(kept.get(label, ()))
        return self._intervals[asset_id, label]

    def state(self) -> State:
        """Return the state with the readings entered, the latest intervals of each label."""
        registers, intervals = self._state.registers, self._state.intervals
        for (asset_id, label), entries in self._registers.items():
            found = {**dict(registers.get(asset_id) or ()), label: tuple(entries)}
            registers = registers.put(asset_id, in_order(found))
        for (asset_id, label), series in self._intervals.items():
            kept = {**dict(intervals.get(asset_id) or ()), label: tuple(series[-MAX_INTERVALS:])}
            intervals = intervals.put(asset_id, in_order(kept))
        return self._state._replace(registers=registers, intervals=intervals) if self.touched else self._state


def in_order(by_label: Mapping[Any, tuple[V, ...]]) -> tuple[tuple[str, tuple[V, ...]], ...]:
    """Return what is kept by label as a tuple, in the order of the labels."""
    return tuple((label.value, by_label[label]) for label in ReadingDataPointLabel if by_label.get(label))
