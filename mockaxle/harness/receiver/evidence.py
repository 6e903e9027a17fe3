"""What the partner's system did to the mock: callbacks, readings and calls, read over control. Source: N22."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from mockaxle.client.client import USER_AGENT
from mockaxle.client.control import ControlSession
from mockaxle.recordings.bodies import unpacked
from mockaxle.world.entries import Delivery, Exchange, from_json

READINGS, CALLBACK = "POST /data/readings", "/callback/"
POWER, ENERGY = "battery_inverter_import_kw", "charger_consumption_energy_kwh"
MIN_HOURS = 0.1 / 3600
"""Shorter intervals say nothing about power, since energies are rounded."""


class Metered(NamedTuple):
    """The mean power of an asset over an interval. Units: kW, positive to charge."""

    asset_id: str
    start_at: datetime
    end_at: datetime
    power_kw: float


class Evidence:
    """The partner's calls since an entry of the log."""

    def __init__(self, control: ControlSession) -> None:
        self._control = control
        self._calls: list[Exchange] = []
        self._deliveries: list[Delivery] = []

    def look(self) -> None:
        """Read the log anew."""
        lines = map(json.loads, self._control.text("GET", "/recording").splitlines())
        entries = [from_json(line) for line in lines if line.get("kind") in ("exchange", "delivery")]
        self._calls = [entry for entry in entries if isinstance(entry, Exchange)]
        self._deliveries = [entry for entry in entries if isinstance(entry, Delivery)]

    def callbacks(self, event_id: str) -> Mapping[tuple[str, str], int]:
        """Return how often each status of an event was reported. Shape: by asset and status."""
        made = self._control.call("GET", "/dispatches")["dispatches"]
        said = [one for dispatch in made if dispatch["event_id"] == event_id for one in dispatch["callbacks"]]
        return Counter((one["asset_id"], one["status"]) for one in said)

    def metered(self, asset_id: str) -> Sequence[Metered]:
        """Return an asset's power as its readings say, in the order of time."""
        found = [one for call in self._calls if call.operation == READINGS for one in _metered(call)]
        return sorted((one for one in found if one.asset_id == asset_id), key=lambda one: one.start_at)

    @property
    def has_calls(self) -> bool:
        """Whether anybody but the check has called the API."""
        return any(not _is_of_the_check(call) for call in self._calls)

    def calls_during_deliveries(self) -> int:
        """Count the partner's calls that came while it was called."""
        spans = [(one.real_at - timedelta(milliseconds=one.ms), one.real_at) for one in self._deliveries]
        calls = [call for call in self._calls if not _is_of_the_check(call)]
        return sum(any(start <= call.real_at <= end for start, end in spans) for call in calls)

    def says(self, text: str) -> bool:
        """Whether a call of the partner's has a text in it."""
        return any(text in _text(call) for call in self._calls)


def _is_of_the_check(call: Exchange) -> bool:
    return call.request.header(b"user-agent") == USER_AGENT.encode()


def _metered(call: Exchange) -> Iterator[Metered]:
    """Yield the powers that a call's readings say; broken readings are left out."""
    try:
        readings = json.loads(unpacked(call.request))["readings"]
        for reading in readings:
            if (one := _power(reading)) is not None:
                yield one
    except (ValueError, LookupError, TypeError):
        return


def _power(reading: Mapping[str, str]) -> Metered | None:
    start_at, end_at = (datetime.fromisoformat(reading[name]) for name in ("start_timestamp", "end_timestamp"))
    hours = (end_at - start_at).total_seconds() / 3600
    if reading["label"] not in (POWER, ENERGY) or hours < MIN_HOURS:
        return None
    power_kw = float(reading["value"]) / (hours if reading["label"] == ENERGY else 1)
    return Metered(reading["asset_id"], start_at, end_at, power_kw)


def _text(call: Exchange) -> str:
    return f"{call.request.path}?{call.request.query} {unpacked(call.request).decode('utf-8', 'replace')}"
