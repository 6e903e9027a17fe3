"""Dispatch of devices over HTTP."""

from mockaxle.core import dispatch
from mockaxle.server.call import Call, Handler, Reply
from mockaxle.wire.dispatch import BatteryScheduleResponse, TodaysDispatchSchedule


def get_battery_schedule(call: Call[None]) -> Reply:
    planned_at = dispatch.battery_planned_at(call.state, call.values["asset_id"])
    body = BatteryScheduleResponse(schedule_steps=[], schedule_last_updated=planned_at)
    return Reply(body, rules=("V5",))


def get_todays_dispatch(call: Call[None]) -> Reply:
    dispatch.todays_dispatch(call.state, call.values["asset_id"])
    return Reply(TodaysDispatchSchedule(periods=[]), rules=("G3",))


HANDLERS = (
    Handler("GET /entities/asset/{asset_id}/battery-schedule", get_battery_schedule),
    Handler("GET /entities/asset/{asset_id}/todays-dispatch-schedule", get_todays_dispatch),
)
