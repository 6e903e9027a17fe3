"""Battery schedules and today's dispatch as they are answered."""

from enum import StrEnum

from mockaxle.core.dispatch import BatteryAction
from mockaxle.wire.shape import Component, Instant


class BatteryScheduleAction(StrEnum):
    CHARGE_MAX = BatteryAction.CHARGE_MAX.value
    DISCHARGE_MAX = BatteryAction.DISCHARGE_MAX.value
    AVOID_EXPORT = BatteryAction.AVOID_EXPORT.value
    AVOID_IMPORT = BatteryAction.AVOID_IMPORT.value


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
