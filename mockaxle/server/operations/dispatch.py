"""Dispatch of devices over HTTP."""

from mockaxle.core import dispatch
from mockaxle.server.call import Call, Handler, Reply
from mockaxle.wire.dispatch import (
    BatteryScheduleAction,
    BatteryScheduleResponse,
    BatteryScheduleStep,
    DispatchAction,
    DispatchPeriod,
    TodaysDispatchSchedule,
)


def get_battery_schedule(call: Call[None]) -> Reply:
    schedule = dispatch.battery_schedule(call.state, call.values["asset_id"], now=call.now)
    steps = [
        BatteryScheduleStep(
            start_timestamp=step.start_at,
            end_timestamp=step.end_at,
            action=BatteryScheduleAction.CHARGE_MAX if step.charges else BatteryScheduleAction.DISCHARGE_MAX,
            allow_deviation=True,
        )
        for step in schedule.steps
    ]
    body = BatteryScheduleResponse(schedule_steps=steps, schedule_last_updated=schedule.updated_at)
    return Reply(body, rules=("V5",))


def get_todays_dispatch(call: Call[None]) -> Reply:
    periods = [
        DispatchPeriod(
            start_timestamp=step.start_at,
            end_timestamp=step.end_at,
            action=DispatchAction.CHARGE if step.charges else DispatchAction.DISCHARGE,
        )
        for step in dispatch.todays_dispatch(call.state, call.values["asset_id"], now=call.now)
    ]
    return Reply(TodaysDispatchSchedule(periods=periods), rules=("G3",))


HANDLERS = (
    Handler("GET /entities/asset/{asset_id}/battery-schedule", get_battery_schedule),
    Handler("GET /entities/asset/{asset_id}/todays-dispatch-schedule", get_todays_dispatch),
)
