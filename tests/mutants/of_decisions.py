"""Faults against decisions of the mock (M), which are no vendor's. They are counted apart."""

from typing import Any

from mockaxle.harness.bodies import SMART_CHARGING
from mockaxle.harness.operations import (
    ASSET_PRICES,
    BATTERY_SCHEDULE,
    CALL_BACK,
    COMPONENT_TOKEN,
    CONSENT,
    CREATE_SITE,
    DELETE_SITE,
    ELIGIBILITY,
    EVENT,
    INITIALISE,
    LINK,
    LIST_SITES,
    METER_BY_MPAN,
    OFFBOARD,
    ONBOARD,
    PLUG_IN_SCHEDULE,
    READ_SITE,
    SEND_READINGS,
    VALIDATE_MPAN,
)
from mockaxle.harness.target import LOG_IN
from tests.mutants.lookups import site_at
from tests.mutants.planting import fault, in_answers, in_requests, misjudging
from tests.mutants.proxy import Call, Mock, Reply, Seen, refusal
from tests.mutants.tokens import note_log_in

UPSERTS = (ONBOARD, INITIALISE)


@fault("E2c")
async def a_401_names_no_scheme(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if reply.status != 401:
        return reply
    return Reply(401, tuple(pair for pair in reply.headers if pair[0] != b"www-authenticate"), reply.body)


@in_answers("A1f", LOG_IN)
def a_token_type_is_jwt(said: Any, call: Call, seen: Seen) -> None:
    said["token_type"] = "JWT"


@in_answers("A7f", COMPONENT_TOKEN)
def a_user_gets_another_site_each_time(said: Any, call: Call, seen: Seen) -> None:
    said["id"] = said["id"][::-1] if call.form["external_user_id"] in seen else said["id"]
    seen[call.form["external_user_id"]] = True


@fault("A7g")
async def a_component_token_reads_other_sites(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    note_log_in(call, reply, seen=mock.seen)
    _, issuer = mock.seen.get("component tokens", {}).get(call.bearer, ("", ""))
    return (
        await mock(call.with_token(issuer)) if issuer and reply.status == 404 and call.operation == READ_SITE else reply
    )


@fault("L6g", OFFBOARD)
async def a_site_without_assets_cannot_be_found(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return reply.refusing(404) if reply.status == 400 else reply


@fault("L10c", DELETE_SITE, also=("L0i", "L10b"))
async def a_site_with_methods_is_said_to_be_deleted(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    site = (await mock.quietly(call.to(READ_SITE, **call.ids))).json or {}
    return Reply(204) if reply.status == 400 and not site["asset_ids"] else reply


@fault("L12c", CONSENT)
async def an_empty_list_is_refused(call: Call, mock: Mock) -> Reply:
    return refusal(422, []) if call.json["dispatch_methods"] == [] else await mock(call)


@in_answers("L13e", READ_SITE)
def methods_are_in_reverse(said: Any, call: Call, seen: Seen) -> None:
    said["dispatch_methods"] = said["dispatch_methods"][::-1]


@in_answers("U3d", *UPSERTS)
def differences_are_not_reported(said: Any, call: Call, seen: Seen) -> None:
    for one in (said["site"], *said["assets"]):
        one["warnings"] = []


@in_answers("U9a", READ_SITE, LIST_SITES, also=("U3c", "U10f"))
def a_postcode_is_in_lower_case(said: Any, call: Call, seen: Seen) -> None:
    for site in said.get("sites", [said]):
        site["postcode"] = site["postcode"].lower()


@fault("U10e", CREATE_SITE)
async def a_taken_mpan_is_400(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    taken = reply.status == 409 and await site_at(call, mock, call.json["mpan"]) is not None
    return reply.refusing(400) if taken else reply


@in_answers("U12g", LIST_SITES)
def pages_are_numbered_from_0(said: Any, call: Call, seen: Seen) -> None:
    said["page_number"] -= 1


@in_answers("U12h", LIST_SITES)
def the_latest_site_is_first(said: Any, call: Call, seen: Seen) -> None:
    said["sites"] = said["sites"][::-1]


@in_answers("U15d", LINK)
def an_authorization_url_is_a_path(said: Any, call: Call, seen: Seen) -> None:
    said["authorization_url"] = "/" + said["authorization_url"].partition("://")[2].partition("/")[2]


@in_answers("Q3g", ELIGIBILITY)
def consent_is_never_known(said: Any, call: Call, seen: Seen) -> None:
    said["site_properties"]["has_meter_consent"] = False


@in_answers("Q4b", ELIGIBILITY, INITIALISE, also=("Q3g",))
def a_heat_pump_is_eligible_for_smart_charging(said: Any, call: Call, seen: Seen) -> None:
    sent = call.json["assets"] if call.operation == INITIALISE else ()
    seen |= {asset["external_id"]: asset["type"] for asset in sent}
    for asset in said.get("eligibility", said)["assets"]:
        for verdict in asset["propositions"]:
            is_meant = verdict["proposition"] == SMART_CHARGING and seen.get(asset["external_id"]) == "heat pump"
            verdict["is_eligible"] = verdict["is_eligible"] or is_meant


@in_answers("Q8b", METER_BY_MPAN)
def a_meter_without_half_hours_has_wholesale(said: Any, call: Call, seen: Seen) -> None:
    if said["half_hourly_settled"] is False:
        said["eligible_markets"] = sorted({*said["eligible_markets"], "wholesale"})


@fault("Q10a", VALIDATE_MPAN, also=("Q9b",))
async def a_check_digit_is_not_tested(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return reply.saying({"isValid": True}, 200) if reply.status == 400 and len(call.json["mpan"]) == 13 else reply


@in_answers("F3b", PLUG_IN_SCHEDULE, also=("F5c",))
def instants_are_written_in_utc(said: Any, call: Call, seen: Seen) -> None:
    for block in said["modified_charging_schedule"]:
        block |= {name: text.replace("Z", "+00:00") for name, text in block.items()}


@fault("F8a", PLUG_IN_SCHEDULE)
async def a_backward_block_is_taken(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    said = {"modified_charging_schedule": call.json["charging_schedule"]}
    return reply.saying(said, 200) if reply.status == 422 else reply


misjudging("a_battery_with_a_schedule_is_403", "F9c", PLUG_IN_SCHEDULE, status=404, to=403, also=("F9b",))
misjudging("a_callback_of_an_unknown_asset_is_200", "C9c", CALL_BACK, status=404, to=200, also=("E4b", "G1c"))
misjudging("a_schedule_without_control_is_404", "V5c", BATTERY_SCHEDULE, status=403, to=404)
misjudging("a_curve_of_a_heat_pump_is_404", "P1d", ASSET_PRICES, status=403, to=404)


@fault("C1c", f"{EVENT}/plug-in", f"{EVENT}/intent")
async def an_event_is_answered_by_an_object(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return reply.saying({}) if reply.is_good else reply


@in_answers("R2e", SEND_READINGS)
def a_rejected_reading_has_no_reason(said: Any, call: Call, seen: Seen) -> None:
    for one in said["responses"]:
        one.pop("error", None)


@in_requests("U6c", *UPSERTS)
def a_repeated_external_id_is_taken_once(sent: Any, call: Call, seen: Seen) -> None:
    sent["assets"] = list({asset["external_id"]: asset for asset in sent["assets"]}.values())
