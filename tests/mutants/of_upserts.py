"""Faults of onboard and initialise, their reports, and the deprecated registration: U1 to U6 and U11."""

from typing import Any
from uuid import NAMESPACE_URL, uuid5

from mockaxle.harness.operations import CREATE_ASSET, ENROL, FIND_ASSET, INITIALISE, ONBOARD, READ_ASSET, REGISTER
from tests.mutants.caller import without
from tests.mutants.lookups import site_at
from tests.mutants.planting import fault, in_answers, in_requests, nth
from tests.mutants.proxy import Call, Mock, Reply, Seen

UPSERTS = (ONBOARD, INITIALISE)
CONSENT_AT = "gave_boundary_meter_consent_at"
REPORTED = ("U3b", "U2a", "U2b")


@in_requests("U1a", *UPSERTS, also=("U2a", "L13d"))
def only_the_first_asset_is_upserted(sent: Any, call: Call, seen: Seen) -> None:
    sent["assets"] = sent["assets"][:1]


@fault("U1a", INITIALISE, also=("U1c", "U2b", "L13d"))
async def initialise_adds_no_assets_to_a_known_site(call: Call, mock: Mock) -> Reply:
    known = await site_at(call, mock, call.json["site"]["mpan"])
    if known is None:
        return await mock(call)
    reply = await mock(call.sending({**call.json, "assets": []}))
    assets = [
        {"asset_id": id, "external_id": asset["external_id"], "asset_created": False, "fields_updated": []}
        for asset, id in zip(call.json["assets"], known["asset_ids"], strict=False)
    ]
    return reply.saying({**reply.json, "assets": assets})


@in_requests("U1c", *UPSERTS, also=("U5a", "U2b", "L13d"))
def a_repeated_call_creates_assets_again(sent: Any, call: Call, seen: Seen) -> None:
    for asset in sent["assets"]:
        turn = nth(seen, (sent["site"]["mpan"], asset["external_id"]))
        asset["external_id"] += f"-{turn}" if turn > 1 else ""


@fault("U1d", ONBOARD, also=("L0k",))
async def a_site_that_is_refused_is_stored(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if reply.status == 422 and reply.rules & {"Q1", "Q2", "Q4"}:
        await mock(call.to(INITIALISE, {"site": call.json["site"], "assets": call.json["assets"]}))
    return reply


@fault("U1d", *UPSERTS, also=("U6b",))
async def a_site_is_stored_without_its_refused_assets(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if reply.status == 409 and "U6" in reply.rules:
        await mock(call.to(INITIALISE, {"site": call.json["site"], "assets": []}))
    return reply


@fault("U1d", ONBOARD, also=("L5a", "U3a"))
async def a_withdrawn_site_is_filled_in(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if reply.status == 422 and "L5" in reply.rules:
        await mock(call.to(INITIALISE, {"site": call.json["site"], "assets": call.json["assets"]}))
    return reply


@in_answers("U2d", *UPSERTS)
def assets_are_reported_in_reverse(said: Any, call: Call, seen: Seen) -> None:
    said["assets"] = said["assets"][::-1]


@in_answers("U2a", *UPSERTS)
def created_assets_only_are_reported(said: Any, call: Call, seen: Seen) -> None:
    said["assets"] = [one for one in said["assets"] if one["asset_created"]]


@in_answers("U2a", INITIALISE)
def an_external_id_is_reported_in_capitals(said: Any, call: Call, seen: Seen) -> None:
    for one in said["assets"]:
        one["external_id"] = one["external_id"].upper()


@in_answers("U2b", INITIALISE, also=("L1b",))
def an_initialised_site_is_never_created(said: Any, call: Call, seen: Seen) -> None:
    said["site"]["site_created"] = False


@in_answers("U2b", *UPSERTS, also=("L7a",))
def an_asset_is_created_only_with_its_site(said: Any, call: Call, seen: Seen) -> None:
    for one in said["assets"]:
        one["asset_created"] = said["site"]["site_created"]


@in_answers("U2c", *UPSERTS, also=("U3b",))
def a_new_site_lists_its_fields(said: Any, call: Call, seen: Seen) -> None:
    if said["site"]["site_created"]:
        said["site"]["fields_updated"] = [name for name in call.json["site"] if name != "mpan"]


@in_answers("U2c", *UPSERTS, also=("U3b",))
def a_new_asset_lists_its_fields(said: Any, call: Call, seen: Seen) -> None:
    for one, sent in zip(said["assets"], call.json["assets"], strict=True):
        if one["asset_created"]:
            one["fields_updated"] = [name for name in sent if name not in ("external_id", "type")]


@in_answers("U2c", *UPSERTS)
def a_new_site_has_a_warning(said: Any, call: Call, seen: Seen) -> None:
    if said["site"]["site_created"]:
        said["site"]["warnings"] = ["email is not verified"]


async def _unfilled(call: Call, mock: Mock, name: str) -> Reply:
    """Upsert a known site without one of its fields, and report it as filled."""
    if await site_at(call, mock, call.json["site"]["mpan"]) is None or name not in call.json["site"]:
        return await mock(call)
    site = {key: value for key, value in call.json["site"].items() if key != name}
    reply = await mock(call.sending({**call.json, "site": site}))
    said = reply.json
    said["site"]["fields_updated"].append(name)
    return reply.saying(said)


@fault("U3a", *UPSERTS, also=REPORTED)
async def a_missing_address_is_not_filled_in(call: Call, mock: Mock) -> Reply:
    return await _unfilled(call, mock, "street_address")


@fault("U3a", *UPSERTS, also=REPORTED)
async def a_missing_consent_is_not_filled_in(call: Call, mock: Mock) -> Reply:
    return await _unfilled(call, mock, CONSENT_AT)


@in_requests("U3a", *UPSERTS, also=REPORTED)
def missing_properties_are_not_filled_in(sent: Any, call: Call, seen: Seen) -> None:
    for asset in sent["assets"]:
        if nth(seen, asset["external_id"]) > 1:
            asset.pop("properties", None)


@in_requests("U3a", *UPSERTS, also=("Q3a", "Q3d", *REPORTED))
def a_missing_model_is_not_filled_in(sent: Any, call: Call, seen: Seen) -> None:
    for asset in sent["assets"]:
        if nth(seen, asset["external_id"]) > 1:
            asset.pop("asset_model", None)
            asset.pop("installation_date", None)


@in_answers("U3b", *UPSERTS)
def filled_fields_are_not_reported(said: Any, call: Call, seen: Seen) -> None:
    for one in (said["site"], *said["assets"]):
        one["fields_updated"] = []


@in_answers("U3b", *UPSERTS)
def an_address_is_reported_by_its_name_in_answers(said: Any, call: Call, seen: Seen) -> None:
    fields = said["site"]["fields_updated"]
    said["site"]["fields_updated"] = ["address" if name == "street_address" else name for name in fields]


@in_answers("U3b", *UPSERTS)
def properties_are_reported_one_by_one(said: Any, call: Call, seen: Seen) -> None:
    for one, sent in zip(said["assets"], call.json["assets"], strict=True):
        if "properties" in one["fields_updated"]:
            others = [name for name in one["fields_updated"] if name != "properties"]
            one["fields_updated"] = [*others, *sent["properties"]]


@in_answers("U3b", *UPSERTS)
def every_field_sent_is_reported(said: Any, call: Call, seen: Seen) -> None:
    if not said["site"]["site_created"]:
        said["site"]["fields_updated"] = [name for name in call.json["site"] if name != "mpan"]


@fault("U3e", *UPSERTS, also=("U3b",))
async def further_properties_are_dropped(call: Call, mock: Mock) -> Reply:
    """They are reported as filled in, but an asset that has properties keeps only these."""
    assets = [(one, await _further(call, mock, one)) for one in call.json["assets"]]
    kept = [without(one, "properties") if further else one for one, further in assets]
    reply = await mock(call.sending({**call.json, "assets": kept}))
    if not reply.is_good:
        return reply
    said = reply.json
    for one, (_, further) in zip(said["assets"], assets, strict=True):
        one["fields_updated"] = [*one.get("fields_updated", []), *(["properties"] if further else [])]
    return reply.saying(said)


async def _further(call: Call, mock: Mock, sent: Any) -> bool:
    """Tell whether a known asset with properties is sent others."""
    read = await mock.quietly(call.to(FIND_ASSET, external_id=sent["external_id"]))
    known = (read.json.get("properties") or {}) if read.is_good else {}
    return bool(known) and bool((sent.get("properties") or {}).keys() - known.keys())


@in_requests("U4a", ENROL)
def a_consent_of_enrol_is_dropped(sent: Any, call: Call, seen: Seen) -> None:
    sent.pop(CONSENT_AT, None)


@fault("U6a", *UPSERTS)
async def a_known_asset_of_another_type_is_taken(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if reply.status != 409:
        return reply
    known = await site_at(call, mock, call.json["site"]["mpan"])
    reads = [await mock.quietly(call.to(READ_ASSET, asset_id=id)) for id in known["asset_ids"]]
    types = {read.json["external_id"]: read.json["type"] for read in reads}
    assets = [{**one, "type": types.get(one["external_id"], one["type"])} for one in call.json["assets"]]
    return await mock(call.sending({**call.json, "assets": assets}))


@fault("U6b", *UPSERTS, also=("U5a",))
async def a_name_of_another_site_is_taken(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if reply.status != 409 or await site_at(call, mock, call.json["site"]["mpan"]) is not None:
        return reply
    assets = [{**one, "external_id": f"{one['external_id']} "} for one in call.json["assets"]]
    done = await mock(call.sending({**call.json, "assets": assets}))
    return done.saying(
        {**done.json, "assets": [{**one, "external_id": one["external_id"].strip()} for one in done.json["assets"]]}
    )


@fault("U6b", CREATE_ASSET, also=("U13d", "U5a"))
async def an_asset_is_created_twice(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if reply.status != 409:
        return reply
    done = await mock(call.sending({**call.json, "external_id": f"{call.json['external_id']} "}))
    return done.saying({**done.json, "external_id": call.json["external_id"]})


@in_requests("U11a", REGISTER, also=("L0g", "L13a"))
def registration_ignores_the_methods(sent: Any, call: Call, seen: Seen) -> None:
    sent["dispatch_consent"]["dispatch_methods"] = []


@in_requests("U11b", REGISTER, also=("L0g", "L13a"))
def registration_without_methods_enrols(sent: Any, call: Call, seen: Seen) -> None:
    methods = sent["dispatch_consent"]["dispatch_methods"]
    sent["dispatch_consent"]["dispatch_methods"] = methods or ["vpp_limited_control"]


@fault("U11c", REGISTER, also=("L0g",))
async def registration_takes_a_known_site(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    known = await site_at(call, mock, call.json["site"]["mpan"])
    if reply.status != 409 or known is None or not known["asset_ids"]:
        return reply
    asset = await mock.quietly(call.to(READ_ASSET, asset_id=known["asset_ids"][0]))
    return reply.saying({"site": known, "asset": asset.json}, 200)


@fault("U11c", REGISTER, also=("U1d", "L0g"))
async def a_site_with_a_known_asset_is_registered_without_it(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if reply.status == 409 and await site_at(call, mock, call.json["site"]["mpan"]) is None:
        await mock(call.to(INITIALISE, {"site": call.json["site"], "assets": []}))
    return reply


@in_answers("U11d", REGISTER, also=("U13d",))
def a_registered_asset_is_of_another_site(said: Any, call: Call, seen: Seen) -> None:
    said["asset"]["site_id"] = str(uuid5(NAMESPACE_URL, said["site"]["id"]))
