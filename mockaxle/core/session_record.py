"""What the state keeps of a charging session."""

from dataclasses import dataclass
from datetime import datetime, time

from mockaxle.core.charging_profile import ChargingPlan
from mockaxle.core.off_peak import OffPeak


@dataclass(frozen=True, slots=True)
class Intent:
    """What a driver wants. Units: energy in kWh. Source: C4."""

    energy_required_kwh: float
    ready_by: datetime
    ready_by_local_time: time | None = None
    energy_estimated: bool | None = None
    may_charge_peak: bool = False
    charging_mode: str = "maximise_charging_time"


@dataclass(frozen=True, slots=True)
class Session:
    """The last intent stands from when it came until a plug-out. Units: rate in kW.

    Shape: `plans` counts them; charge_now_at is when the charge-now came, None where a scenario does not say it.
    """

    plugged_in_at: datetime | None = None
    rate_kw: float | None = None
    intent: Intent | None = None
    intent_at: datetime | None = None
    intent_stands: bool = False
    charge_now_at: datetime | None = None
    charge_now_until: datetime | None = None
    off_peak: OffPeak | None = None
    plan: ChargingPlan | None = None
    plans: int = 0
