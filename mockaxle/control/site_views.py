"""What control tells of sites: a page of those that match a text, and one site with all that concerns it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from mockaxle.core.eligibility import admit, judge
from mockaxle.core.errors import Refusal
from mockaxle.core.records import CARS, PROPOSITIONS, Asset, Proposition, Site, Standing
from mockaxle.core.rewards import balance_pence
from mockaxle.core.sessions import plan_in_force
from mockaxle.core.state import State, assets_at, site_of
from mockaxle.core.timestamps import spell_utc
from mockaxle.world.commands.money import describe_money
from mockaxle.world.commands.withdrawals import describe_withdrawals
from mockaxle.world.entries import Entry, Exchange
from mockaxle.world.json_bodies import object_in

STATES = {
    Standing.ABSENT: "Unseen",
    Standing.OUT: "Inactive",
    Standing.IN: "Active",
    Standing.WITHDRAWN: "Inactive, withdrawn",
}
"""The states of the vendor's lifecycle, by the standing in a dispatch method. Source: L0."""

LIFECYCLE_CALLS = {
    "POST /entities/site": "create",
    "POST /entities/site/initialise": "initialise",
    "POST /entities/site/onboard": "onboard",
    "POST /entities/site/onboard-site-and-asset": "onboard-site-and-asset",
    "POST /entities/site/{site_id}/enrol": "enrol",
    "POST /entities/site/{site_id}/unenrol": "unenrol",
    "POST /entities/site/{site_id}/dispatch-consent": "dispatch-consent",
    "POST /entities/site/{site_id}/dispatch-deconsent": "dispatch-deconsent",
    "POST /entities/site/{site_id}/offboard-site-and-assets": "offboard",
    "DELETE /entities/site/{site_id}": "delete",
}
"""The calls that can move a site, by operation."""


def state_of(site: Site) -> str:
    """Return a site's state in the vendor's words: Active if it is enrolled in anything."""
    return "Active" if site.methods_in else "Inactive"


def describe_sites(state: State, *, text: str, offset: int, limit: int) -> dict[str, Any]:
    """Shape: a page of the sites that match, in creation order; total and by_state count all that match."""
    found = list(matching_sites(state, text))
    by_state = {"Inactive": 0, "Active": 0}
    for site in found:
        by_state[state_of(site)] += 1
    shown = [describe_site_briefly(state, site) for site in found[offset : offset + limit]]
    return {"sites": shown, "total": len(found), "by_state": by_state}


def matching_sites(state: State, text: str) -> Iterator[Site]:
    """Yield the sites with a text in their id, MPAN, address, e-mail or user, or in an asset's id or external id."""
    wanted = text.strip().lower()
    for site_id in state.site_order.page(0, limit=state.site_order.live):
        site = site_of(state, site_id)
        if not wanted or wanted in "\0".join(_said_of(state, site)).lower():
            yield site


def _said_of(state: State, site: Site) -> list[str]:
    said = [site.id, site.mpan or "", site.postcode or "", site.street_address or "", site.email or "", site.user or ""]
    for asset in assets_at(state, site):
        said += (asset.external_id, asset.id)
    return said


def describe_site_briefly(state: State, site: Site) -> dict[str, Any]:
    return {
        "site_id": site.id,
        "mpan": site.mpan,
        "postcode": site.postcode,
        "street_address": site.street_address,
        "state": state_of(site),
        "dispatch_methods": [method.value for method in site.methods_in],
        "asset_count": len(site.asset_ids),
        "balance_pence": balance_pence(state, site.id),
    }


def describe_site(state: State, site_id: str, *, entries: Iterable[tuple[int, Entry]], now: datetime) -> dict[str, Any]:
    """Describe a site with its assets, eligibility, money and the logged calls that moved it. Raises: SiteUnknown."""
    site = site_of(state, site_id)
    money = describe_money(state, site_id)
    withdrawals = describe_withdrawals(state)["withdrawals"]
    return {
        **describe_site_briefly(state, site),
        "email": site.email,
        "user": site.user,
        "consent_at": site.consent_at and spell_utc(site.consent_at),
        "propositions": [_proposition(state, site, one) for one in PROPOSITIONS],
        "assets": [_asset(state, site, asset, now=now) for asset in assets_at(state, site)],
        "transitions": transitions(site_id, entries),
        "transactions": money["transactions"],
        "flex_events": money["flex_events"],
        "withdrawals": [one for one in withdrawals if one["site_id"] == site_id],
    }


def _proposition(state: State, site: Site, method: Proposition) -> dict[str, Any]:
    """Tell whether a site may enter a proposition, and if not, why and what would have worked."""
    told: dict[str, Any] = {"dispatch_method": method.value, "state": STATES[site.standing(method)]}
    try:
        admit(site, assets_at(state, site), method=method, reference=state.reference)
    except Refusal as refusal:
        return {**told, "eligible": False, "rule": refusal.rule, "reason": refusal.text, "remedy": refusal.remedy}
    return {**told, "eligible": True, "rule": None, "reason": None, "remedy": None}


def _asset(state: State, site: Site, asset: Asset, *, now: datetime) -> dict[str, Any]:
    verdicts = {one: judge(asset, site, method=one, reference=state.reference) for one in PROPOSITIONS}
    session = state.sessions.get(asset.id)
    is_in = session is not None and session.plugged_in_at is not None
    return {
        "asset_id": asset.id,
        "external_id": asset.external_id,
        "type": asset.type.value,
        "model": asset.model,
        "power_kw": asset.power_kw,
        "capacity_kwh": asset.capacity_kwh,
        "eligible_for": [one.value for one, verdict in verdicts.items() if verdict.eligible],
        "issues": sorted({issue.value for verdict in verdicts.values() for issue in verdict.issues}),
        "plugged_in": is_in if asset.type in CARS else None,
        "has_plan": plan_in_force(state, asset.id, now=now) is not None,
    }


def transitions(site_id: str, entries: Iterable[tuple[int, Entry]]) -> list[dict[str, Any]]:
    """List the logged calls that tried to move a site, oldest first, with what came of them."""
    id, found = site_id.encode(), list[dict[str, Any]]()
    for number, entry in entries:
        if not isinstance(entry, Exchange) or entry.operation not in LIFECYCLE_CALLS:
            continue
        if site_id in entry.request.path.lower() or id in entry.response.body:
            found.append({"entry": number, "at": spell_utc(entry.at), **_moved(entry, entry.operation)})
    return found


def _moved(exchange: Exchange, operation: str) -> dict[str, Any]:
    answered, sent = object_in(exchange.response.body), object_in(exchange.request.body)
    outcome = _object_in(answered, "enrolment").get("status") or answered.get("status")
    methods: Sequence[Any] = sent.get("dispatch_methods") or [sent.get("proposition")]
    return {
        "call": LIFECYCLE_CALLS[operation],
        "dispatch_methods": [method for method in methods if isinstance(method, str)],
        "status": exchange.response.status,
        "outcome": outcome if isinstance(outcome, str) else None,
        "created": _object_in(answered, "site").get("site_created") is True or _creates(exchange, operation),
        "enrolled_in": _methods_in(_object_in(answered, "site") or answered),
        "rules": list(exchange.response.why.rules),
    }


def _creates(exchange: Exchange, operation: str) -> bool:
    return exchange.response.status == 200 and LIFECYCLE_CALLS[operation] in ("create", "onboard-site-and-asset")


def _methods_in(site: dict[str, Any]) -> list[str]:
    """Return the dispatch methods of a site in an answer."""
    found = site.get("dispatch_methods")
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _object_in(outer: dict[str, Any], name: str) -> dict[str, Any]:
    value = outer.get(name)
    return value if isinstance(value, dict) else {}
