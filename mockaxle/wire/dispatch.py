"""Battery schedules, today's dispatch and dispatch events as they are answered."""

from enum import StrEnum
from typing import Annotated

from pydantic import WithJsonSchema

from mockaxle.wire.shape import Component, Id, Instant


class BatteryScheduleAction(StrEnum):
    CHARGE_MAX = "charge_max"
    DISCHARGE_MAX = "discharge_max"
    AVOID_EXPORT = "avoid_export"
    AVOID_IMPORT = "avoid_import"


class BatteryScheduleStep(Component):
    start_timestamp: Instant
    end_timestamp: Instant
    action: BatteryScheduleAction
    allow_deviation: bool


class BatteryScheduleResponse(Component):
    schedule_steps: list[BatteryScheduleStep]
    schedule_last_updated: Instant


class DispatchAction(StrEnum):
    CHARGE = "CHARGE"
    DISCHARGE = "DISCHARGE"
    LOCK = "LOCK"
    FEED_IN = "FEED_IN"
    SELF_USE = "SELF_USE"
    PAUSE = "PAUSE"


class DispatchPeriod(Component):
    start_timestamp: Instant
    end_timestamp: Instant
    action: DispatchAction


class TodaysDispatchSchedule(Component):
    periods: list[DispatchPeriod]


Address = Annotated[
    str,
    WithJsonSchema(
        {"anyOf": [{"type": "string"}, {"type": "string", "maxLength": 2083, "minLength": 1, "format": "uri"}]}
    ),
]


class DispatchEvent(Component):
    """Units: level in kW, positive for import."""

    asset_id: Id
    event_id: Id
    issued_timestamp: Instant
    event_timestamp: Instant
    market_id: str
    level_kw: float
    from_time: Instant
    to_time: Instant
    update_status_callback: Address
