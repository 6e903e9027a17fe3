"""Charging schedules over HTTP."""

from mockaxle.core import charging
from mockaxle.core.optimiser import Plan
from mockaxle.core.schedule import read_schedule
from mockaxle.server.call import Call, Handler, Reply, reply
from mockaxle.wire.charging import ChargingScheduleBlock, PlugInScheduleEventRequest, PlugInScheduleEventResponse


def plug_in_schedule(call: Call[PlugInScheduleEventRequest]) -> Reply:
    pairs = [(block.start_timestamp, block.end_timestamp) for block in call.body.charging_schedule]
    outcome = charging.plug_in_schedule(
        call.state, call.values["asset_id"], schedule=read_schedule(pairs), now=call.now
    )
    plan = outcome.value
    if plan.reason is None:
        return reply(outcome, schedule_response(plan), rules=("F5",))
    return reply(outcome, schedule_response(plan), rules=(plan.reason.rule,), hint=f"Unchanged: {plan.reason.text}.")


def schedule_response(plan: Plan) -> PlugInScheduleEventResponse:
    blocks = [
        ChargingScheduleBlock(start_timestamp=block.start.text, end_timestamp=block.end.text) for block in plan.schedule
    ]
    return PlugInScheduleEventResponse(modified_charging_schedule=blocks)


HANDLERS = (
    Handler("POST /entities/asset/{asset_id}/event/plug-in-schedule", plug_in_schedule, PlugInScheduleEventRequest),
)
