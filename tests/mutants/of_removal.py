"""Faults of the lifecycle: what leaves, returns, moves and is listed. L6 to L13."""

from typing import Any

from mockaxle.harness.operations import (
    BALANCE,
    CHANGE_SITE,
    CREATE_ASSET,
    DELETE_ASSET,
    DELETE_SITE,
    FIND_ASSET,
    LIST_ASSETS,
    LIST_SITES,
    OFFBOARD,
    ONBOARD,
    PLUG_IN_SCHEDULE,
    READ_ASSET,
    READ_SITE,
)
from tests.mutants.lookups import methods_of, read
from tests.mutants.planting import fault, in_answers, misjudging
from tests.mutants.proxy import Call, Mock, Reply, Seen, refusal


@fault("L6a", OFFBOARD, LIST_SITES, also=("U12d", "U12f"))
async def an_offboarded_site_is_still_listed(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if not reply.is_good:
        return reply
    gone: list[Any] = mock.seen.setdefault("gone", [])
    if call.operation == OFFBOARD:
        gone.append(reply.json["site"])
        return reply
    wanted = call.asked.get("mpan")
    more = [site for site in gone if wanted in (None, site["mpan"])]
    sites = (reply.json["sites"] + more)[: int(call.asked.get("limit", 10))]
    return reply.saying({**reply.json, "sites": sites, "total_num_sites": reply.json["total_num_sites"] + len(more)})


@fault("L6b", OFFBOARD, FIND_ASSET)
async def an_offboarded_asset_is_found_by_its_name(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if call.operation == OFFBOARD and reply.is_good:
        mock.seen[reply.json["asset"]["external_id"]] = reply.json["asset"]
    gone = mock.seen.get(call.ids.get("external_id"))
    return reply.saying(gone, 200) if gone and reply.status == 404 else reply


@fault("L6b", OFFBOARD, LIST_ASSETS, also=("U12d", "U12f"))
async def an_offboarded_asset_is_still_listed(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    gone: list[Any] = mock.seen.setdefault("gone", [])
    if call.operation == OFFBOARD:
        gone += [reply.json["asset"]] if reply.is_good else []
        return reply
    assets = (reply.json["assets"] + gone)[: int(call.asked.get("limit", 10))]
    total = reply.json["total_num_assets"] + len(gone)
    return reply.saying({**reply.json, "assets": assets, "total_num_assets": total})


@fault("L6c", OFFBOARD, BALANCE)
async def an_offboarded_site_has_a_balance(call: Call, mock: Mock) -> Reply:
    if call.operation == OFFBOARD:
        mock.seen[call.ids["site_id"]] = await read(call, mock, BALANCE, **call.ids) or mock.seen.get(
            call.ids["site_id"]
        )
    reply = await mock(call)
    kept = mock.seen.get(call.ids["site_id"]) if call.operation == BALANCE else None
    return reply.saying(kept, 200) if kept and reply.status == 404 else reply


misjudging("offboard_is_204", "L0h", OFFBOARD, status=200, to=204, also=("L6e", "G1b"))


@fault("L1e", OFFBOARD, also=("L0h", "L6a"))
async def an_active_site_cannot_be_offboarded(call: Call, mock: Mock) -> Reply:
    return refusal(400) if await methods_of(call, mock, call.ids["site_id"]) else await mock(call)


@fault("L6d", OFFBOARD, also=("L0h", "E4b"))
async def a_repeated_offboard_is_answered_again(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if reply.is_good:
        mock.seen[call.ids["site_id"]] = reply.json
    former = mock.seen.get(call.ids["site_id"])
    return reply.saying(former, 200) if former and reply.status == 404 else reply


@in_answers("L6e", OFFBOARD, also=("L0h", "L13a"))
def offboard_answers_the_site_afterwards(said: Any, call: Call, seen: Seen) -> None:
    said["site"] |= {"asset_ids": [], "dispatch_methods": [], "markets": []}


@in_answers("L6e", OFFBOARD, also=("L0h", "U13d"))
def offboard_answers_another_sites_asset(said: Any, call: Call, seen: Seen) -> None:
    former, seen["asset"] = seen.get("asset"), said["asset"]
    said["asset"] = former or said["asset"]


@fault("L7a", also=("L11b",))
async def a_site_that_returns_has_its_old_id(call: Call, mock: Mock) -> Reply:
    """The new ids of sites are written as the first ones of their MPANs, in all answers and requests."""
    firsts: dict[str, str] = mock.seen.setdefault("firsts", {})
    olds: dict[str, str] = mock.seen.setdefault("olds", {})
    meant = {old: new for new, old in olds.items()}
    site_id = call.ids.get("site_id", "")
    ids = {**call.ids, "site_id": meant[site_id]} if site_id in meant else call.ids
    reply = await mock.quietly(call.to(call.operation, call.json, **ids)) if ids != call.ids else await mock(call)
    if reply.is_good and call.operation == ONBOARD:
        site_id = reply.json["site"]["site_id"]
        first = firsts.setdefault(call.json["site"]["mpan"], site_id)
        olds |= {site_id: first} if first != site_id else {}
    body = reply.body
    for new, old in olds.items():
        body = body.replace(new.encode(), old.encode())
    return Reply(reply.status, reply.headers, body)


@fault("L8a", CHANGE_SITE, also=("L0j", "U14a"))
async def an_inactive_site_cannot_be_changed(call: Call, mock: Mock) -> Reply:
    site = await read(call, mock, READ_SITE, **call.ids)
    return refusal(422, []) if site and not site["dispatch_methods"] else await mock(call)


@fault("L8b", CREATE_ASSET, also=("L0j", "U13a"))
async def an_inactive_site_takes_no_asset(call: Call, mock: Mock) -> Reply:
    site = await read(call, mock, READ_SITE, site_id=call.json["site_id"])
    return refusal(400) if site and not site["dispatch_methods"] else await mock(call)


@fault("L8b", DELETE_ASSET, also=("L0j", "L6b", "L9b", "L13d", "G7b"))
async def an_inactive_site_keeps_its_assets(call: Call, mock: Mock) -> Reply:
    asset = await read(call, mock, READ_ASSET, **call.ids)
    stays = asset and not await methods_of(call, mock, asset["site_id"])
    return Reply(204) if stays else await mock(call)


@fault("L9b", CREATE_ASSET, PLUG_IN_SCHEDULE, also=("F1a", "F9a"))
async def a_later_asset_takes_no_schedule(call: Call, mock: Mock) -> Reply:
    reply = await mock(call)
    if call.operation == CREATE_ASSET and reply.is_good:
        mock.seen[reply.json["id"]] = True
    later = call.operation == PLUG_IN_SCHEDULE and call.ids["asset_id"] in mock.seen
    return reply.refusing(403) if later and reply.is_good else reply


@fault("L10a", DELETE_SITE, also=("L0i", "G7b"))
async def a_free_site_cannot_be_deleted(call: Call, mock: Mock) -> Reply:
    site = await read(call, mock, READ_SITE, **call.ids)
    return refusal(400) if site else await mock(call)


@fault("L0i", DELETE_SITE, also=("L10a", "E4b"))
async def a_deleted_site_stays(call: Call, mock: Mock) -> Reply:
    site = await read(call, mock, READ_SITE, **call.ids)
    free = site and not site["asset_ids"] and not site["dispatch_methods"]
    return Reply(204) if free else await mock(call)


misjudging("a_site_in_use_is_409", "L10b", DELETE_SITE, status=400, to=409, also=("L0i", "G1b"))


@fault("L11a", OFFBOARD, ONBOARD, also=("L7a", "U5a", "U6b"))
async def a_charger_cannot_move(call: Call, mock: Mock) -> Reply:
    gone: set[str] = mock.seen.setdefault("gone", set())
    if call.operation == ONBOARD and gone & {asset["external_id"] for asset in call.json["assets"]}:
        return refusal(409)
    reply = await mock(call)
    if reply.is_good and call.operation == OFFBOARD:
        gone.add(reply.json["asset"]["external_id"])
    return reply


@fault("L11b", OFFBOARD, ONBOARD, also=("L7a",))
async def an_mpan_is_onboarded_once(call: Call, mock: Mock) -> Reply:
    if call.operation == ONBOARD and call.json["site"]["mpan"] in mock.seen:
        return refusal(409)
    reply = await mock(call)
    if reply.is_good and call.operation == OFFBOARD:
        mock.seen[reply.json["site"]["mpan"]] = True
    return reply


@in_answers("L13b", READ_SITE)
def the_capacity_market_is_left_out(said: Any, call: Call, seen: Seen) -> None:
    said["markets"] = [market for market in said["markets"] if market != "cm"]


@in_answers("L13b", READ_SITE, also=("L1b", "L1d"))
def an_inactive_site_has_a_market(said: Any, call: Call, seen: Seen) -> None:
    said["markets"] = said["markets"] or ["wholesale"]


@in_answers("L13c", READ_SITE)
def no_methods_are_left_out(said: Any, call: Call, seen: Seen) -> None:
    if not said["dispatch_methods"]:
        del said["dispatch_methods"]


@in_answers("L13c", CHANGE_SITE)
def markets_are_left_out_after_a_change(said: Any, call: Call, seen: Seen) -> None:
    del said["markets"]


@in_answers("L13d", READ_SITE, also=("L9a", "L9b", "U1a"))
def a_site_lists_its_first_asset_only(said: Any, call: Call, seen: Seen) -> None:
    said["asset_ids"] = said["asset_ids"][:1]


@in_answers("L13d", READ_SITE, also=("L6b", "L8b", "L9b"))
def a_site_lists_a_deleted_asset(said: Any, call: Call, seen: Seen) -> None:
    known = seen.setdefault(said["id"], [])
    known += [id for id in said["asset_ids"] if id not in known]
    said["asset_ids"] = list(known)
