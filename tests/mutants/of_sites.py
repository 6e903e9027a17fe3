"""Faults of sites and assets that are made, read and changed by hand: U7, U10 and U13 to U15."""

from collections.abc import Callable
from typing import Any

from mockaxle.harness.operations import (
    CHANGE_ASSET,
    CHANGE_SITE,
    CREATE_ASSET,
    CREATE_SITE,
    FIND_ASSET,
    HAND_OVER_TOKEN,
    INITIALISE,
    LIST_ASSETS,
    LIST_SITES,
    ONBOARD,
    READ_ASSET,
    READ_SITE,
)
from tests.mutants.lookups import read, site_at
from tests.mutants.planting import BY_HAND, Fault, add, fault, in_answers, in_requests, misjudging
from tests.mutants.proxy import Call, Mock, Reply, Seen, refusal

UPSERTS = (ONBOARD, INITIALISE)
SITE_READS = (READ_SITE, LIST_SITES)
ASSET_READS = (READ_ASSET, LIST_ASSETS, FIND_ASSET)
CONSENT_AT = "gave_boundary_meter_consent_at"


def sites_in(said: Any) -> list[Any]:
    return list(said.get("sites", [said]))


def assets_in(said: Any) -> list[Any]:
    return list(said.get("assets", [said]))


def without_field(name: str, statement: str, *of: str, path: tuple[str, ...], also: tuple[str, ...] = ()) -> None:
    """Register a fault that ignores a field of the requests."""

    async def answer(call: Call, mock: Mock) -> Reply:
        sent = call.json
        holder = sent
        for key in path[:-1]:
            holder = holder.get(key, {})
        found = holder.pop(path[-1], None)
        return await mock(call if found is None else call.sending(sent))

    add(Fault(name, statement, BY_HAND, also, frozenset(of), answer))


without_field("a_sites_consent_is_dropped", "U10f", CREATE_SITE, path=(CONSENT_AT,), also=("U7a",))
without_field("a_sites_address_is_dropped", "U10f", CREATE_SITE, path=("street_address",), also=("U10c",))
without_field("an_assets_capacity_is_dropped", "U13d", CREATE_ASSET, path=("properties", "capacity_kwh"))
without_field("a_changed_address_is_ignored", "U14a", CHANGE_SITE, path=("address",))
without_field("a_changed_mpan_is_ignored", "U14a", CHANGE_SITE, path=("mpan",))
without_field("a_changed_tariff_is_ignored", "U14a", CHANGE_SITE, path=("tariff",))
without_field("a_changed_capacity_is_ignored", "U14a", CHANGE_ASSET, path=("properties", "capacity_kwh"))
without_field(
    "a_changed_model_is_ignored", "U14a", CHANGE_ASSET, path=("asset_model",), also=("Q3a", "Q3b", "Q3c", "Q1b")
)


@fault("U7a", *UPSERTS, also=("Q2a",))
async def a_missing_consent_is_taken(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    missing = reply.status == 400 and CONSENT_AT not in call.json["site"]
    site = {**call.json["site"], CONSENT_AT: "2026-01-05T09:00:00Z"}
    return await mock(call.sending({**call.json, "site": site})) if missing else reply


@fault("U7b", *UPSERTS)
async def an_invalid_email_is_taken(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    invalid = reply.status == 400 and "email" in call.json["site"]
    site = {**call.json["site"], "email": "ada@example.org"}
    return await mock(call.sending({**call.json, "site": site})) if invalid else reply


@fault("U7b", CREATE_SITE)
async def an_invalid_email_of_a_site_is_taken(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    invalid = reply.status == 400 and "email" in call.json
    return await mock(call.sending({**call.json, "email": "ada@example.org"})) if invalid else reply


misjudging("a_missing_consent_is_422", "U7a", *UPSERTS, status=400, to=422, also=("U7b",))


@fault("U10a", CREATE_SITE)
async def a_taken_address_is_400(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    taken = reply.status == 409 and await site_at(call, mock, call.json["mpan"]) is None
    return reply.refusing(400) if taken else reply


@fault("U10a", CREATE_SITE, also=("U10e",))
async def an_address_is_taken_twice(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    address = call.json.get("street_address", "")
    if reply.status != 409:
        return reply
    done = await mock(call.sending({**call.json, "street_address": f"{address}."}))
    return done.saying({**done.json, "address": address}) if done.is_good else reply


@fault("U10b", CREATE_SITE)
async def a_conflict_names_no_site(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return reply.refusing(409, "The address is taken") if reply.status == 409 else reply


@in_answers("U10c", CREATE_SITE, *SITE_READS, also=("U10f", "U14b"))
def an_address_comes_back_by_its_other_name(said: Any, call: Call, seen: Seen) -> None:
    for site in sites_in(said):
        if "address" in site:
            site["street_address"] = site.pop("address")


@in_answers("U10d", CREATE_SITE)
def a_created_site_has_its_email(said: Any, call: Call, seen: Seen) -> None:
    said |= {"email": call.json["email"]} if "email" in call.json else {}


@fault("U10d", *UPSERTS, *SITE_READS)
async def a_site_is_read_with_its_email(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if reply.is_good and call.operation in UPSERTS:
        mock.seen.setdefault(reply.json["site"]["site_id"], call.json["site"].get("email"))
    elif reply.is_good:
        said = reply.json
        for site in sites_in(said):
            site |= {"email": mock.seen[site["id"]]} if mock.seen.get(site["id"]) else {}
        return reply.saying(said)
    return reply


@in_answers("U10f", READ_SITE, also=("U1a", "U3a", "U4a", "U14a", "U14b", "L0q"))
def a_consent_is_an_hour_off(said: Any, call: Call, seen: Seen) -> None:
    if CONSENT_AT in said:
        said[CONSENT_AT] = said[CONSENT_AT].replace("+00:00", "+01:00").replace("Z", "+01:00")


def unknown_type(name: str, type: str, *of: str) -> None:
    """Register a fault that does not know one of the five types."""

    async def answer(call: Call, mock: Mock) -> Reply:
        assets = call.json.get("assets", [call.json])
        return refusal(422, []) if type in {one.get("type") for one in assets} else await mock(call)

    add(Fault(name, "U13a", BY_HAND, ("Q4a", "Q4b", "L9b"), frozenset(of), answer))


unknown_type("a_hot_water_tank_cannot_be_created", "hot water tank", CREATE_ASSET, *UPSERTS)


@in_requests("U13a", CREATE_ASSET, also=("U13d",))
def an_electric_vehicle_becomes_a_charger(sent: Any, call: Call, seen: Seen) -> None:
    sent["type"] = "charger" if sent.get("type") == "electric_vehicle" else sent["type"]


def further_type(name: str, type: str) -> None:
    """Register a fault that creates assets of a type that exists, but cannot be created."""

    async def answer(call: Call, mock: Mock) -> Reply:
        if call.json.get("type") != type:
            return await mock(call)
        done = await mock(call.sending({**call.json, "type": "battery"}))
        return done.saying({**done.json, "type": type}) if done.is_good else done

    add(Fault(name, "U13b", BY_HAND, ("G1c",), frozenset((CREATE_ASSET,)), answer))


further_type("a_pv_inverter_is_created", "pv inverter")


def shown(name: str, field: str) -> None:
    """Register a fault that returns a field that is only written."""

    async def answer(call: Call, mock: Mock) -> Reply:
        reply = await mock(call)
        if not reply.is_good:
            return reply
        if call.method != "GET" and field in call.json:
            mock.seen[reply.json["id"]] = call.json[field]
        said = reply.json
        for asset in assets_in(said):
            asset |= {field: mock.seen[asset["id"]]} if asset["id"] in mock.seen else {}
        return reply.saying(said)

    add(Fault(name, "U13c", BY_HAND, (), frozenset((CREATE_ASSET, CHANGE_ASSET, *ASSET_READS)), answer))


shown("an_asset_shows_its_model", "asset_model")
shown("an_asset_shows_its_serial_number", "serial_number")


@in_answers("U13d", *ASSET_READS)
def a_power_is_rounded(said: Any, call: Call, seen: Seen) -> None:
    for asset in assets_in(said):
        if "power_kw" in asset.get("properties", {}):
            asset["properties"]["power_kw"] = round(asset["properties"]["power_kw"])


@in_answers("U13d", READ_ASSET)
def properties_are_swapped(said: Any, call: Call, seen: Seen) -> None:
    names = {"power_kw": "capacity_kwh", "capacity_kwh": "power_kw"}
    said["properties"] = {names[name]: value for name, value in said["properties"].items()}


@in_answers("U13d", *ASSET_READS)
def an_external_id_is_in_lower_case(said: Any, call: Call, seen: Seen) -> None:
    for asset in assets_in(said):
        asset["external_id"] = asset["external_id"].lower()


def resetting(name: str, operation: str, reads: str, change: Callable[[Any, Any], Any]) -> None:
    """Register a fault whose changes hide another field of the same object, in later reads too."""

    async def answer(call: Call, mock: Mock) -> Reply:
        reply = await mock(call)
        if not reply.is_good:
            return reply
        if call.operation == operation:
            mock.seen.setdefault(reply.json["id"], set()).update(call.json)
        sent = mock.seen.get(reply.json["id"])
        return reply if sent is None else reply.saying(change(reply.json, sent))

    add(Fault(name, "U14b", BY_HAND, ("U14a", "U14c", "U13d", "U10f"), frozenset((operation, reads)), answer))


def unless_sent(name: str) -> Callable[[Any, Any], Any]:
    """Hide a field if others were changed and it was not."""
    return lambda said, sent: {field: value for field, value in said.items() if field != name or name in sent}


resetting("a_change_clears_the_address", CHANGE_SITE, READ_SITE, unless_sent("address"))
resetting("a_change_of_the_model_clears_the_properties", CHANGE_ASSET, READ_ASSET, unless_sent("properties"))


@fault("U14b", CHANGE_ASSET, READ_ASSET, also=("U14c",))
async def a_changed_property_clears_the_other(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if call.operation == CHANGE_ASSET and reply.is_good and "properties" in call.json:
        mock.seen[reply.json["id"]] = call.json["properties"]
    known = mock.seen.get(call.ids["asset_id"])
    return reply.saying({**reply.json, "properties": known}) if known and reply.is_good else reply


@fault("U14b", CHANGE_SITE, also=("U14a",))
async def a_change_writes_defaults(call: Call, mock: Mock) -> Reply:
    return await mock(call.sending({"postcode": "M1 1AA", **call.json}))


async def _answered_before(call: Call, mock: Mock, reading: str) -> Reply:
    before = await read(call, mock, reading, **call.ids)
    reply = await mock(call)
    return reply.saying(before) if reply.is_good else reply


@fault("U14c", CHANGE_SITE, also=("U14a",))
async def a_change_of_a_site_answers_the_old_one(call: Call, mock: Mock) -> Reply:
    return await _answered_before(call, mock, READ_SITE)


@fault("U14a", CHANGE_SITE, also=("U14c",))
async def a_change_of_a_site_is_only_answered(call: Call, mock: Mock) -> Reply:
    before = await read(call, mock, READ_SITE, **call.ids)
    sent = {name: call.json[name] for name in ("address", "postcode", "mpan", "tariff") if name in call.json}
    return Reply(200).saying({**before, **sent}) if before and sent else await mock(call)


@fault("U15a", HAND_OVER_TOKEN)
async def a_token_needs_nothing(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    return reply.saying(None, 200) if reply.status == 422 and isinstance(call.json, dict) else reply


@fault("U15a", HAND_OVER_TOKEN)
async def an_api_key_needs_a_refresh_token(call: Call, mock: Mock) -> Reply:
    is_key = call.json.get("token_type") == "API_KEY" and "refresh_token" not in call.json
    return refusal(422, []) if is_key else await mock(call)
