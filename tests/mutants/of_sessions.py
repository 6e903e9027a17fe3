"""Faults of Smart Charging, of the power plant and of examples: parts C and V."""

from collections.abc import Callable
from typing import Any

from mockaxle.harness.operations import (
    BATTERY_SCHEDULE,
    CALL_BACK,
    DISPATCH_EXAMPLE,
    EVENT,
    PROFILE_EXAMPLE,
    READ_INTENT,
)
from tests.mutants.planting import BY_HAND, Fault, add, fault, in_answers, misjudging, refusing
from tests.mutants.proxy import Call, Mock, Reply, Seen, refusal

PLUG_IN, INTENT, TARIFF = f"{EVENT}/plug-in", f"{EVENT}/intent", f"{EVENT}/tariff-update"
INTENTS = (EVENT, PLUG_IN, INTENT)
MALFORMED: list[Any] = []

refusing("a_plug_in_is_refused", "C1a", PLUG_IN, status=400, also=("C3a", "C4e"))
refusing("a_plug_out_is_refused", "C1a", f"{EVENT}/plug-out", status=422)
refusing("a_charge_now_is_refused", "C1a", f"{EVENT}/charge-now", status=404)
misjudging("a_wrong_tariff_is_422", "C3a", PLUG_IN, TARIFF, EVENT, status=400, to=422, also=())
misjudging("a_missing_intent_is_400", "C4f", READ_INTENT, status=404, to=400, also=("G1b", "E4b"))
misjudging("a_schedule_of_a_charger_is_403", "V5b", BATTERY_SCHEDULE, status=404, to=403)
misjudging("a_schedule_of_a_charger_is_400", "V5b", BATTERY_SCHEDULE, status=404, to=400, also=("G1b",))


def refused_if(name: str, statement: str, *of: str, fits: Callable[[Any], bool], also: tuple[str, ...] = ()) -> None:
    """Register a fault that refuses some of the bodies that the mock takes."""

    async def answer(call: Call, mock: Mock) -> Reply:
        return refusal(422, MALFORMED) if fits(call.json) else await mock(call)

    add(Fault(name, statement, BY_HAND, also, frozenset(of), answer, effect=lambda fired: fired.given.status == 422))


def taken_if(name: str, statement: str, *of: str, fits: Callable[[Any], bool], also: tuple[str, ...] = ()) -> None:
    """Register a fault that takes some of the bodies that the mock refuses."""

    async def answer(call: Call, mock: Mock) -> Reply:
        reply = await mock(call)
        return reply.saying(None, 200) if reply.status in (400, 422) and fits(call.json) else reply

    add(Fault(name, statement, BY_HAND, also, frozenset(of), answer, effect=lambda fired: fired.given.is_good))


def times(sent: Any) -> str:
    return str(sent["tariff"]["off_peak_times"])


refused_if("a_combined_plug_out_is_refused", "C1b", EVENT, fits=lambda sent: sent["event_type"] == "plug_out")
refused_if("a_combined_charge_now_is_refused", "C1b", EVENT, fits=lambda sent: sent["event_type"] == "charge_now")
refused_if("times_cannot_end_at_24", "C3a", TARIFF, fits=lambda sent: "24:00" in times(sent), also=("C1a",))
refused_if(
    "another_timezone_is_refused",
    "C3b",
    TARIFF,
    PLUG_IN,
    fits=lambda sent: sent["tariff"]["timezone"] != "Europe/London",
    also=("C1a",),
)
refused_if("a_rejection_is_refused", "C9a", CALL_BACK, fits=lambda sent: sent["status"] == "REJECTED")
taken_if("any_times_are_taken", "C3a", TARIFF, PLUG_IN, fits=lambda sent: "tariff" in sent, also=("C3b", "C3c"))
taken_if("names_of_days_are_taken", "C3c", TARIFF, fits=lambda sent: times(sent)[:1].isalpha(), also=("C3a",))
taken_if("any_timezone_is_taken", "C3b", TARIFF, PLUG_IN, fits=lambda sent: "/" not in sent["tariff"]["timezone"])
taken_if("an_intent_needs_no_energy", "C4a", INTENT, fits=lambda sent: "energy_required_kwh" not in sent["intent"])
taken_if("an_intent_needs_no_time", "C4a", INTENT, fits=lambda sent: "ready_by" not in sent["intent"])
taken_if("a_charge_now_needs_no_end", "C1d", f"{EVENT}/charge-now", fits=lambda sent: "end_at" not in sent)
taken_if("a_tariff_update_needs_no_tariff", "C1d", TARIFF, fits=lambda sent: "tariff" not in sent)
taken_if("a_combined_event_needs_no_type", "C1d", EVENT, fits=lambda sent: "event_type" not in sent)
taken_if("any_status_is_called_back", "C9a", CALL_BACK, fits=lambda sent: "status" in sent, also=("G1c",))


def defaulting(name: str, field: str, value: Any) -> None:
    """Register a fault with another default of a field of intents."""

    async def answer(call: Call, mock: Mock) -> Reply:
        reply = await mock(call)
        if call.method == "POST" and reply.is_good and "intent" in call.json:
            mock.seen[call.ids["asset_id"]] = field in call.json["intent"]
        if call.method == "POST" or not reply.is_good or mock.seen.get(call.ids["asset_id"], True):
            return reply
        return reply.saying({**reply.json, "intent": {**reply.json["intent"], field: value}})

    add(Fault(name, "C4d", BY_HAND, ("C4e",), frozenset((*INTENTS, READ_INTENT)), answer))


defaulting("peak_charging_is_allowed_by_default", "may_charge_peak", True)
defaulting("charging_is_minimised_by_default", "charging_mode", "minimise_charging_time")


@in_answers("C4e", READ_INTENT)
def an_energy_is_rounded(said: Any, call: Call, seen: Seen) -> None:
    said["intent"]["energy_required_kwh"] = round(said["intent"]["energy_required_kwh"])


@fault("C4e", PLUG_IN, EVENT, also=("C4f",))
async def an_intent_of_a_plug_in_is_dropped(call: Call, mock: Mock) -> Reply:
    plugs = call.operation == PLUG_IN or call.json["event_type"] == "plug_in"
    sent = {name: value for name, value in call.json.items() if name != "intent"}
    return await mock(call.sending(sent) if plugs and "intent" in call.json else call)


@fault("C4f", READ_INTENT, also=("G1c", "E4b"))
async def no_intent_is_null(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return reply.saying(None, 200) if reply.status == 404 and "C4" in reply.rules else reply


def in_profile(name: str, change: Callable[[Any, Any], None]) -> None:
    """Register a fault of the example of a plan. Shape: change gets the profile and its schedule."""

    async def answer(call: Call, mock: Mock) -> Reply:
        reply = await mock(call)
        said = reply.json
        change(said["csChargingProfiles"], said["csChargingProfiles"]["chargingSchedule"])
        return reply.saying(said)

    add(Fault(name, "C6a", BY_HAND, ("V6a", "G1c"), frozenset((PROFILE_EXAMPLE,)), answer))


in_profile("a_plan_has_another_stack_level", lambda profile, schedule: profile.update(stackLevel=1))
in_profile("a_plan_is_in_amperes", lambda profile, schedule: schedule.update(chargingRateUnit="A"))
in_profile(
    "a_plan_limits_the_power", lambda profile, schedule: schedule["chargingSchedulePeriod"][0].update(limit=7400.0)
)


@fault("C9b", CALL_BACK)
async def an_external_id_is_not_looked_up(call: Call, mock: Mock) -> Reply:
    return await mock(call.asking(asset_id_is_external=None))


@in_answers("V5a", BATTERY_SCHEDULE, also=("G1c",))
def a_step_has_another_action(said: Any, call: Call, seen: Seen) -> None:
    said["schedule_steps"] = [_step(action="charge")]


@in_answers("V5a", BATTERY_SCHEDULE, also=("G1c",))
def a_step_has_no_leeway(said: Any, call: Call, seen: Seen) -> None:
    said["schedule_steps"] = [{name: value for name, value in _step().items() if name != "allow_deviation"}]


@in_answers("V5a", BATTERY_SCHEDULE, also=("G1c",))
def steps_have_another_name(said: Any, call: Call, seen: Seen) -> None:
    said["steps"] = said.pop("schedule_steps")


def _step(action: str = "charge_max") -> dict[str, Any]:
    times = {"start_timestamp": "2026-01-20T17:00:00+00:00", "end_timestamp": "2026-01-20T17:30:00+00:00"}
    return {**times, "action": action, "allow_deviation": False}


@in_answers("V5a", BATTERY_SCHEDULE, also=("G1c",))
def a_schedule_was_never_updated(said: Any, call: Call, seen: Seen) -> None:
    said["schedule_last_updated"] = None


@fault("V5b", BATTERY_SCHEDULE)
async def a_charger_has_the_schedule_of_a_battery(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    said = {"schedule_steps": [], "schedule_last_updated": "2026-01-05T09:00:00+00:00"}
    return reply.saying(said, 200) if reply.status == 404 else reply


@in_answers("V6a", DISPATCH_EXAMPLE, also=("G1c",))
def a_dispatch_example_is_empty(said: Any, call: Call, seen: Seen) -> None:
    said.clear()


@in_answers("V6a", DISPATCH_EXAMPLE)
def a_dispatch_example_is_not_filled_in(said: Any, call: Call, seen: Seen) -> None:
    said["market_id"] = ""


@in_answers("V6a", PROFILE_EXAMPLE, also=("C6a",))
def a_plan_has_no_periods(said: Any, call: Call, seen: Seen) -> None:
    said["csChargingProfiles"]["chargingSchedule"]["chargingSchedulePeriod"] = []
