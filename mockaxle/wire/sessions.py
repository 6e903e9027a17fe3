"""Events of a charging session as they are sent."""

from datetime import time
from enum import StrEnum
from typing import Annotated

from mockaxle.core.planner import ChargingMode
from mockaxle.core.tariffs import TariffType
from mockaxle.wire.shape import Component, Instant, Optional, Wrapped

__all__ = ["ChargingMode"]  # the core's own, under the component's name


class AssetEventType(StrEnum):
    PLUG_IN = "plug_in"
    PLUG_OUT = "plug_out"
    INTENT_UPDATE = "intent_update"
    CHARGE_NOW = "charge_now"
    CHARGE_NOW_DELETED = "charge_now_deleted"


class EventStatus(StrEnum):
    RECEIVED = "RECEIVED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    FAILED = "FAILED"
    EXECUTED = "EXECUTED"


class Intent(Component):
    energy_required_kwh: float
    ready_by: Instant
    ready_by_local_time: Optional[time] = None
    energy_estimated: Optional[bool] = None
    may_charge_peak: bool = False
    charging_mode: Annotated[ChargingMode, Wrapped] = ChargingMode.MAXIMISE


class Vehicle(Component):
    charging_rate_kw: float


class Tariff(Component):
    off_peak_times: str
    timezone: str
    tariff_type: Optional[TariffType] = None


class PlugInEventRequest(Component):
    intent: Optional[Intent] = None
    vehicle: Optional[Vehicle] = None
    tariff: Optional[Tariff] = None


class PlugOutEventRequest(Component):
    pass


class IntentEventRequest(Component):
    intent: Intent


class ChargeNowEventRequest(Component):
    end_at: Instant


class ChargeNowDeletedEventRequest(Component):
    pass


class TariffUpdateEventRequest(Component):
    tariff: Tariff


class AssetEventRequest(Component):
    event_type: AssetEventType
    intent: Optional[Intent] = None
    vehicle: Optional[Vehicle] = None
    tariff: Optional[Tariff] = None
    end_at: Optional[Instant] = None


class IntentResponse(Component):
    intent: Intent
    received_at: Instant


class EventResponse(Component):
    timestamp: Instant
    status: EventStatus
