"""Charging schedules as they are sent and answered. Their timestamps are plain strings (F1)."""

from typing import Annotated

from mockaxle.core.limits import MAX_BLOCKS
from mockaxle.wire.shape import Component, at_most


class ChargingScheduleBlock(Component):
    start_timestamp: str
    end_timestamp: str


class PlugInScheduleEventRequest(Component):
    charging_schedule: Annotated[list[ChargingScheduleBlock], at_most(MAX_BLOCKS)]


class PlugInScheduleEventResponse(Component):
    modified_charging_schedule: list[ChargingScheduleBlock]
