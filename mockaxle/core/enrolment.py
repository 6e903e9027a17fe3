"""Enrolment: the steps that take a site along the arrows of the vendor's lifecycle diagram (L1)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mockaxle.core.assets import AssetDetails, check_external_ids, upsert_asset
from mockaxle.core.eligibility import admit, takes_cop11_route
from mockaxle.core.errors import ConsentMissing
from mockaxle.core.events import Event, SiteEnrolled
from mockaxle.core.lifecycle import Call, Status, move
from mockaxle.core.outcome import Outcome
from mockaxle.core.records import DispatchMethod, Standing
from mockaxle.core.reference import Reference
from mockaxle.core.sites import SiteDetails, check_email, check_mpan, upsert_site
from mockaxle.core.state import State, put_site, site_at, site_of
from mockaxle.core.upsert import Upserted


@dataclass(frozen=True, slots=True)
class Initialised:
    """Shape: assets in the order of the request."""

    site: Upserted
    assets: tuple[Upserted, ...]


@dataclass(frozen=True, slots=True)
class Onboarded:
    initialised: Initialised
    status: Status


def onboard(
    state: State,
    details: SiteDetails,
    *,
    assets: Sequence[AssetDetails],
    proposition: DispatchMethod,
    override_withdrawal: bool,
    now: datetime,
) -> Outcome[Onboarded]:
    """Initialise, then enrol; what the second refuses leaves no trace of the first. Source: U1, L1.

    Raises: what `initialise` and `enrol` raise.
    """
    first = initialise(state, details, assets=assets, now=now)
    call = Call.ONBOARD_AGAIN if override_withdrawal else Call.ONBOARD
    second = enter(first.state, first.value.site.id, call=call, method=proposition, now=now)
    return Outcome(second.state, Onboarded(first.value, second.value), first.events + second.events)


def initialise(
    state: State, details: SiteDetails, *, assets: Sequence[AssetDetails], now: datetime
) -> Outcome[Initialised]:
    """The site and its assets, created or filled in. Source: U1-U9; checks in the order of E3.

    Raises: InvalidMpan, Conflict, InvalidEmail, ConsentMissing.
    """
    check_mpan(details.mpan)
    known = site_at(state, details.mpan)
    check_external_ids(state, assets, site_id=known.id if known else None)
    check_email(details.email)
    if known is None and details.consent_at is None and not _any_takes_cop11_route(assets, state.reference):
        raise ConsentMissing()
    outcome = upsert_site(state, details)
    site, state, events = outcome.value, outcome.state, outcome.events
    upserted: list[Upserted] = []
    for asset in assets:
        step = upsert_asset(state, asset, site_id=site.id)
        state, events = step.state, events + step.events
        upserted.append(step.value)
    return Outcome(state, Initialised(site, tuple(upserted)), events)


def enter(state: State, site_id: str, *, call: Call, method: DispatchMethod, now: datetime) -> Outcome[Status]:
    """The site goes where the lifecycle's table takes it. Raises: SiteUnknown, Withdrawn, NotEligible. Source: L0."""
    site = site_of(state, site_id)
    found = move(call, site, method=method)
    if found.tested:
        admit(state, site, method=method)
    if site.standing(method) is found.to:
        return Outcome(state, found.status)
    moved = replace(site, standings=site.moved(method, found.to))
    events: tuple[Event, ...] = (SiteEnrolled(site_id, method),) if found.to is Standing.IN else ()
    return Outcome(put_site(state, moved), found.status, events)


def _any_takes_cop11_route(assets: Sequence[AssetDetails], reference: Reference) -> bool:
    return any(takes_cop11_route(asset, reference) for asset in assets)
