"""Faults of the surface and of errors: parts G and E."""

from dataclasses import replace
from typing import Any

from mockaxle.contract.document import load_contract
from mockaxle.contract.request_schemas import RequestSchemas
from mockaxle.harness.operations import (
    CHANGE_SITE,
    CREATE_ASSET,
    CREATE_SITE,
    DELETE_ASSET,
    DELETE_SITE,
    DISPATCH_EXAMPLE,
    ELIGIBILITY,
    FIND_ASSET,
    HOME_ASSISTANT,
    LIST_ASSETS,
    LIST_SITES,
    METER_BY_ADDRESS_OLDER,
    METER_BY_MPAN,
    METER_BY_MPAN_OLDER,
    ONBOARD,
    PROFILE_EXAMPLE,
    READ_ASSET,
    READ_SITE,
    REGISTER,
    SEARCH_METERS,
    SEND_READINGS,
    TODAYS_SCHEDULE,
    VALIDATE_MPAN,
    WHO,
)
from mockaxle.harness.target import LOG_IN
from tests.mutants.planting import fault, in_answers, in_requests, misjudging, nth, refusing
from tests.mutants.proxy import Call, Mock, Reply, Seen
from tests.mutants.tokens import as_last_log_in, token_of_the_owner

DOCUMENT = "/openapi.json"
SCHEMAS = RequestSchemas(load_contract().document)
LABELS = load_contract().document["components"]["schemas"]["ReadingDataPointLabel"]["enum"]

misjudging("a_read_of_the_user_is_203", "G1b", WHO, status=200, to=203)
refusing("the_deprecated_registration_is_gone", "G6a", REGISTER, status=410, also=("G1b", "U11a"))
refusing(
    "the_deprecated_look_up_by_address_is_gone", "G6a", METER_BY_ADDRESS_OLDER, status=404, also=("G1b", "Q9b", "Q9c")
)
refusing("the_deprecated_look_up_by_mpan_is_gone", "G6a", METER_BY_MPAN_OLDER, status=404, also=("G1b", "Q9b", "Q9c"))
misjudging("a_created_asset_is_201", "G7a", CREATE_ASSET, status=200, to=201, also=("G1b",))
misjudging("an_onboarded_site_is_201", "G7a", ONBOARD, status=200, to=201, also=("G1b",))
misjudging("a_deleted_asset_is_200", "G7b", DELETE_ASSET, status=204, to=200, also=("G1b",))
misjudging("a_deleted_site_is_202", "G7b", DELETE_SITE, status=204, to=202, also=("G1b", "L10a"))
misjudging("no_meter_is_404", "G7c", METER_BY_MPAN, status=202, to=404, also=("G1b",))
refusing("a_search_for_meters_is_not_allowed", "G1f", SEARCH_METERS, status=405)
refusing("the_home_assistant_event_is_not_there", "G4a", HOME_ASSISTANT, status=404, also=("H1a",))


async def _as_nowhere(call: Call, mock: Mock) -> Reply:
    return await mock(replace(call, path="/nowhere", query="", operation="", ids={}))


@fault("G1f", METER_BY_MPAN)
async def a_look_up_by_mpan_is_not_there(call: Call, mock: Mock) -> Reply:
    return await _as_nowhere(call, mock)


@fault("G1f")
async def the_path_of_an_assets_prices_is_not_there(call: Call, mock: Mock) -> Reply:
    is_gone = call.path.startswith("/entities/asset/") and call.path.endswith("/price-curve")
    return await _as_nowhere(call, mock) if is_gone else await mock(call)


@fault("G1a", READ_SITE)
async def an_answer_breaks_off(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return Reply(reply.status, reply.headers, reply.body[: len(reply.body) // 2]) if reply.is_good else reply


@fault("G1a", LIST_ASSETS)
async def a_page_of_assets_is_empty(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return Reply(200, reply.headers) if reply.is_good else reply


@in_requests("G1g", SEND_READINGS)
def any_label_is_taken(sent: Any, call: Call, seen: Seen) -> None:
    for reading in sent["readings"]:
        reading["label"] = reading["label"] if reading["label"] in LABELS else LABELS[0]


@fault("G1c", ELIGIBILITY)
async def an_answer_is_plain_text(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return Reply(reply.status, ((b"content-type", b"text/plain"),), reply.body) if reply.is_good else reply


@in_answers("G1c", READ_ASSET, LIST_ASSETS, also=("U13d",))
def a_power_is_negative(said: Any, call: Call, seen: Seen) -> None:
    for asset in said.get("assets", [said]):
        asset["properties"] = {**asset.get("properties", {}), "power_kw": -7.4}


@fault("G1d")
async def the_document_needs_a_token(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return reply.refusing(401) if call.path == DOCUMENT and not call.bearer else reply


@in_answers("G3a", TODAYS_SCHEDULE, also=("G1c",))
def a_period_has_no_action(said: Any, call: Call, seen: Seen) -> None:
    said["periods"] = [period("2026-01-20T17:00:00+00:00", "2026-01-20T17:30:00+00:00", action=None)]


@in_answers("G3c", TODAYS_SCHEDULE)
def an_action_is_another(said: Any, call: Call, seen: Seen) -> None:
    said["periods"] = [period("2026-01-20T17:00:00+00:00", "2026-01-20T17:30:00+00:00", action="charge_max")]


@in_answers("G3b", TODAYS_SCHEDULE)
def periods_are_in_reverse(said: Any, call: Call, seen: Seen) -> None:
    early = period("2026-01-20T01:00:00+00:00", "2026-01-20T02:00:00+00:00")
    said["periods"] = [period("2026-01-20T17:00:00+00:00", "2026-01-20T17:30:00+00:00"), early]


def period(start: str, end: str, *, action: str | None = "PAUSE") -> dict[str, str]:
    return {"start_timestamp": start, "end_timestamp": end} | ({"action": action} if action else {})


@fault("G5a", LOG_IN)
async def the_log_in_needs_a_token(call: Call, mock: Mock) -> Reply:
    """The first log-in of an account gets in, as the check cannot begin without it."""
    reply = await mock(call)
    known = nth(mock.seen, call.form.get("username")) > 1
    return reply.refusing(401) if known and not call.bearer else reply


@fault("G5b", DISPATCH_EXAMPLE, PROFILE_EXAMPLE, LOG_IN)
async def examples_are_open(call: Call, mock: Mock) -> Reply:
    return await as_last_log_in(call, mock, when=not call.bearer)


@fault("G5b", LIST_SITES, LOG_IN)
async def the_list_of_sites_is_open(call: Call, mock: Mock) -> Reply:
    return await as_last_log_in(call, mock, when=not call.bearer)


@fault("G7c", METER_BY_MPAN, also=("G1c",))
async def no_meter_has_no_body(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return reply.saying({}) if reply.status == 202 else reply


@fault("G8b", ONBOARD, CHANGE_SITE)
async def an_unknown_key_is_refused(call: Call, mock: Mock) -> Reply:
    unknown = any(True for _ in SCHEMAS.unknown_keys(call.operation, call.json))
    reply = await mock.quietly(call.to(WHO)) if unknown else await mock(call)
    return reply.refusing(422, [{"loc": ["body"], "msg": "extra", "type": "value_error"}]) if unknown else reply


@fault("G8c")
async def a_missing_slash_is_404(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return reply.refusing(404) if reply.status == 307 else reply


@fault("G8d")
async def an_unknown_path_is_400(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return reply.refusing(400) if reply.status == 404 and not call.operation else reply


@fault("G8d")
async def an_unknown_path_is_a_page(call: Call, mock: Mock) -> Reply:
    """As of a single-page application."""
    reply = await mock(call)
    page = Reply(200, ((b"content-type", b"text/html"),), b"<!doctype html><title>Axle</title>")
    return page if reply.status == 404 and not call.operation else reply


@fault("G8e")
async def a_wrong_verb_is_404(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return reply.refusing(404) if reply.status == 405 else reply


@fault("G8e")
async def a_wrong_verb_names_no_others(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if reply.status != 405:
        return reply
    return Reply(405, tuple(pair for pair in reply.headers if pair[0] != b"allow"), reply.body)


@fault("E1a", also=("G1c",))
async def faults_are_under_another_name(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return reply.saying({"errors": reply.json["detail"]}) if reply.status == 422 else reply


@fault("E1a", also=("G1c",))
async def a_fault_has_no_place(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    detail = (reply.json or {}).get("detail")
    if reply.status != 422 or not isinstance(detail, list):
        return reply
    return reply.saying({"detail": [{"msg": item["msg"], "type": item["type"]} for item in detail]})


@fault("E1b", VALIDATE_MPAN, also=("G1c", "Q10a"))
async def an_mpan_without_meter_gets_a_text(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return reply.saying({"detail": "; ".join(reply.json["detail"])}) if reply.status == 404 else reply


@fault("E2b")
async def a_stale_token_gets_another_text(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    stale = reply.status == 401 and reply.json == {"detail": "Could not validate credentials"}
    return reply.refusing(401, "Invalid token") if stale else reply


misjudging("an_unknown_external_id_is_410", "E4b", FIND_ASSET, status=404, to=410, also=("G1b", "U5a"))


@fault("E4a")
async def another_organisations_site_is_readable(call: Call, mock: Mock) -> Reply:
    return await _as_owner(call, mock, READ_SITE, ELIGIBILITY)


@fault("E4a")
async def another_organisations_site_can_be_changed(call: Call, mock: Mock) -> Reply:
    return await _as_owner(call, mock, CHANGE_SITE)


@fault("E4a")
async def another_organisations_site_is_forbidden(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    owner = token_of_the_owner(call, reply, seen=mock.seen)
    return reply.refusing(403) if reply.status == 404 and call.operation == READ_SITE and owner else reply


async def _as_owner(call: Call, mock: Mock, *operations: str) -> Reply:
    """Answer a call for a site or asset that is missing for its caller as if its owner had made it."""
    reply = await mock(call)
    owner = token_of_the_owner(call, reply, seen=mock.seen)
    if reply.status != 404 or call.operation not in operations or owner is None:
        return reply
    return await mock(call.with_token(owner))


@fault("E4a", CREATE_SITE, LIST_SITES, ONBOARD, LOG_IN)
async def a_list_shows_another_organisations_sites(call: Call, mock: Mock) -> Reply:
    """Every account lists what the account that logged in first has."""
    reply = await mock(call)
    if call.operation == LOG_IN and reply.is_good:
        mock.seen.setdefault("first", reply.json["access_token"])
    first = mock.seen.get("first")
    if call.operation != LIST_SITES or not reply.is_good or first is None:
        return reply
    others = await mock.quietly(call.with_token(first))
    return others if others.is_good else reply
