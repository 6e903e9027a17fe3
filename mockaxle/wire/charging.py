"""Charging schedules as they are sent and answered. Timestamps are plain strings here (F1)."""

from mockaxle.wire.shape import Component


class ChargingScheduleBlock(Component):
    start_timestamp: str
    end_timestamp: str


class PlugInScheduleEventRequest(Component):
    charging_schedule: list[ChargingScheduleBlock]


class PlugInScheduleEventResponse(Component):
    modified_charging_schedule: list[ChargingScheduleBlock]
