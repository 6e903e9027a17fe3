"""Simulated chargers, cars and batteries.

A device's power is a function of time: a dispatch that is running, else its plan, else 0. So a device does nothing at
the receipt of a dispatch, and needs nothing to return to its former mode afterwards. Its readings are the intervals
between two changes of that function, cut where they are reported and where a new order came.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ev_partner.messages import Dispatch
from ev_partner.plans import NEVER, Plan


@dataclass(frozen=True)
class Asset:
    """A device as Axle knows it. Units: rated power in kW, infinite if it is not known."""

    id: str
    external_id: str
    type: str
    rated_kw: float = math.inf


@dataclass(frozen=True)
class Reading:
    """A measurement over [start_at, end_at). Units: value as the label ends."""

    asset_id: str
    start_at: datetime
    end_at: datetime
    value: float
    label: str


class Device:
    """One simulated device. It is switched on at an instant, and runs by its orders from then on."""

    def __init__(self, asset: Asset, *, on_at: datetime) -> None:
        self.asset = asset
        self._plan = Plan()
        self._dispatches: list[Dispatch] = []
        self._read_until = on_at
        self._unreported: list[Reading] = []

    def dispatch(self, order: Dispatch, *, received_at: datetime) -> None:
        """Run at the order's power from its start to its end."""
        self._measure(received_at)
        self._dispatches.append(order)

    def follow(self, plan: Plan, *, received_at: datetime) -> None:
        """Follow a plan in place of the last one."""
        self._measure(received_at)
        self._plan = plan

    def can_follow(self, order: Dispatch) -> bool:
        """Whether the order's power is one that the device can run at."""
        asked = order.power_kw[self.asset.id]
        return self._within_limits(asked) == asked

    def power_kw(self, at: datetime) -> float:
        """Return the power at an instant. Of two dispatches at one time, the one that was issued later holds."""
        running = [order for order in self._dispatches if order.is_running(at)]
        if not running:
            return self._within_limits(self._plan.power_kw(at))
        newest = max(running, key=lambda order: order.issued_at)
        return self._within_limits(newest.power_kw[self.asset.id])

    def next_change(self, after: datetime) -> datetime:
        """Return the next instant at which the power may change."""
        return min((at for at in self._changes() if at > after), default=NEVER)

    def take_readings(self, until: datetime) -> list[Reading]:
        """Return the readings that were not returned before."""
        self._measure(until)
        self._dispatches = [order for order in self._dispatches if order.end_at > until]
        taken, self._unreported = self._unreported, []
        return taken

    def _changes(self) -> Iterator[datetime]:
        yield from self._plan.changes()
        for order in self._dispatches:
            yield order.start_at
            yield order.end_at

    def _measure(self, until: datetime) -> None:
        while self._read_until < until:
            start_at, end_at = self._read_until, min(self.next_change(self._read_until), until)
            self._unreported.append(self._reading(start_at, end_at))
            self._read_until = end_at

    def _reading(self, start_at: datetime, end_at: datetime) -> Reading:
        power_kw = self.power_kw(start_at)
        if self._is_battery:
            return Reading(self.asset.id, start_at, end_at, power_kw, "battery_inverter_import_kw")
        energy_kwh = power_kw * (end_at - start_at).total_seconds() / 3600
        return Reading(self.asset.id, start_at, end_at, energy_kwh, "charger_consumption_energy_kwh")

    def _within_limits(self, power_kw: float) -> float:
        """Return the nearest power that the device can run at: only a battery can discharge."""
        lowest = -self.asset.rated_kw if self._is_battery else 0.0
        return max(lowest, min(power_kw, self.asset.rated_kw))

    @property
    def _is_battery(self) -> bool:
        return self.asset.type == "battery"
