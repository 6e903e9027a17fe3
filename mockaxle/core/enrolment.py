"""Enrolment: the steps that take a site along the arrows of the vendor's lifecycle diagram (L1)."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from mockaxle.core.announcing import announce_entry
from mockaxle.core.assets import (
    AssetDetails,
    check_external_id,
    check_external_ids,
    check_models,
    new_asset,
    upsert_assets,
)
from mockaxle.core.credits import welcome
from mockaxle.core.eligibility import takes_cop11_route
from mockaxle.core.lifecycle import Move, Status, Trigger, move
from mockaxle.core.records import PROPOSITIONS, Asset, DispatchMethod, Site, Standing
from mockaxle.core.rewards import balance_pence
from mockaxle.core.rule_errors import ConsentMissing, NotAdmitted, OutOfTurn, SiteInUse, SiteWithoutAssets
from mockaxle.core.sites import SiteDetails, check_email, check_mpan, fill_in_site, new_site
from mockaxle.core.state import Outcome, State, add_site, assets_at, drop_site, id_at, put_site, site_at, site_of
from mockaxle.core.transition import check_admitted, go, go_all, look_up, moved
from mockaxle.core.upsert import Upserted


class Initialised(NamedTuple):
    """Shape: assets in the order of the request."""

    site: Upserted
    assets: tuple[Upserted, ...]


class Onboarded(NamedTuple):
    initialised: Initialised
    status: Status | None


class Home(NamedTuple):
    """A site with its assets."""

    site: Site
    assets: tuple[Asset, ...]


class SiteWithAsset(NamedTuple):
    """A site and the first of its assets."""

    site: Site
    asset: Asset


def onboard(
    state: State,
    details: SiteDetails,
    *,
    assets: Sequence[AssetDetails],
    proposition: DispatchMethod,
    override_withdrawal: bool,
    now: datetime,
) -> Outcome[Onboarded]:
    """Initialise, then enrol. If enrolment is refused, nothing is stored. Source: U1, L1.

    Raises: all errors of `initialise`, Withdrawn, NotAdmitted.
    """
    call = Trigger.ONBOARD_AGAIN if override_withdrawal else Trigger.ONBOARD
    known = _checked(state, details, assets)
    if known is None:
        return _onboard_new(state, details, assets=assets, call=call, proposition=proposition, now=now)
    first = _fill_in(state, known, details=details, assets=assets, now=now)
    second = go(first.state, known.id, call=call, method=proposition, now=now)
    return Outcome(second.state, Onboarded(first.value, second.value))


def initialise(
    state: State, details: SiteDetails, *, assets: Sequence[AssetDetails], now: datetime
) -> Outcome[Initialised]:
    """Create the site and its assets, or fill in their missing fields. Source: U1-U9, Q5; checks in the order of E3.

    Raises: ModelUnknown, InvalidMpan, Conflict, InvalidEmail, ConsentMissing.
    """
    known = _checked(state, details, assets)
    if known is not None:
        return _fill_in(state, known, details=details, assets=assets, now=now)
    home = _new_home(state, details, assets=assets, now=now)
    return Outcome(add_site(state, home.site, assets=home.assets), _created(home))


def register(
    state: State, details: SiteDetails, *, asset: AssetDetails, methods: Sequence[DispatchMethod], now: datetime
) -> Outcome[SiteWithAsset]:
    """Create a site with one asset, in the dispatch methods named. Source: U11.

    Raises: InvalidMpan, SiteExists, ExternalIdTaken, InvalidEmail, ConsentMissing, NotAdmitted.
    """
    check_mpan(details.mpan)
    known = site_at(state, details.mpan)
    moves = {method: _register_move(known, method) for method in DispatchMethod}
    check_external_id(state, asset.external_id)
    check_email(details.email)
    if any(method in PROPOSITIONS for method in methods):
        _check_consent(state, details, assets=[asset])
    home = _new_home(state, details, assets=[asset], now=now)
    moving = [(method, moves[method]) for method in methods]
    state, site = go_all(add_site(state, home.site, assets=home.assets), home.site.id, moves=moving, now=now)
    return Outcome(state, SiteWithAsset(site, home.assets[0]))


def enrol(
    state: State,
    site_id: str,
    *,
    proposition: DispatchMethod,
    override_withdrawal: bool,
    consent_at: datetime | None,
    now: datetime,
) -> Outcome[Status | None]:
    """Enrol an eligible site in a proposition. A consent sent along overwrites the stored one. Source: L4, L5, U4.

    Raises: SiteUnknown, Withdrawn, NotAdmitted.
    """
    call = Trigger.ENROL_AGAIN if override_withdrawal else Trigger.ENROL
    enters = look_up(state, site_id, call=call, method=proposition).tested
    if enters and consent_at is not None:
        state = put_site(state, site_of(state, site_id)._replace(consent_at=consent_at))
    return go(state, site_id, call=call, method=proposition, now=now)


def unenrol(state: State, site_id: str, *, proposition: DispatchMethod, now: datetime) -> Outcome[Status | None]:
    """Withdraw the proposition; everything else stays. Raises: SiteUnknown. Source: L3, L4."""
    return go(state, site_id, call=Trigger.UNENROL, method=proposition, now=now)


def offboard(state: State, site_id: str) -> Outcome[SiteWithAsset]:
    """End every proposition and remove site and assets; return them as they were. Source: L6, L7.

    Raises: SiteUnknown, SiteWithoutAssets.
    """
    site = _leaving(state, site_id, Trigger.OFFBOARD)
    if not site.asset_ids:
        raise SiteWithoutAssets(site_id)
    left = SiteWithAsset(site, assets_at(state, site)[0])
    return Outcome(drop_site(state, site), left)


def delete_site(state: State, site_id: str) -> Outcome[None]:
    """Remove the site, if it has no assets, enrolment or balance. Raises: SiteUnknown, SiteInUse. Source: L10, B11."""
    site = _leaving(state, site_id, Trigger.DELETE)
    if site.asset_ids:
        raise SiteInUse(site_id)
    if balance_pence(state, site_id) > 0:
        raise SiteInUse(site_id, "a balance")
    return Outcome(drop_site(state, site), None)


def meter_consent(state: State, site_id: str, *, consent_at: datetime) -> Outcome[Site]:
    """Store the consent to the boundary meter; the newest one wins. Raises: SiteUnknown. Source: L0."""
    site = site_of(state, site_id)._replace(consent_at=consent_at)
    return Outcome(put_site(state, site), site)


def dispatch_consent(state: State, site_id: str, *, methods: Sequence[DispatchMethod], now: datetime) -> Outcome[Site]:
    """Add the dispatch methods. Raises: SiteUnknown. Source: L12."""
    moves = [(method, look_up(state, site_id, call=Trigger.CONSENT, method=method)) for method in methods]
    return go_all(state, site_id, moves=moves, now=now)


def dispatch_deconsent(
    state: State, site_id: str, *, methods: Sequence[DispatchMethod], now: datetime
) -> Outcome[Site]:
    """Remove the dispatch methods; a proposition counts as withdrawn. Raises: SiteUnknown. Source: L12."""
    calls = [(method, Trigger.DECONSENT if method in PROPOSITIONS else Trigger.DECONSENT_OTHER) for method in methods]
    moves = [(method, look_up(state, site_id, call=call, method=method)) for method, call in calls]
    return go_all(state, site_id, moves=moves, now=now)


def would_accept(state: State, site_id: str, *, method: DispatchMethod) -> bool:
    """Tell whether `enrol` would accept the proposition now. Raises: SiteUnknown. Source: Q3."""
    site = site_of(state, site_id)
    try:
        found = look_up(state, site_id, call=Trigger.ENROL, method=method)
        check_admitted(site, assets_at(state, site), found=found, method=method, reference=state.reference)
    except (OutOfTurn, NotAdmitted):
        return False
    return True


def _register_move(known: Site | None, method: DispatchMethod) -> Move:
    """Raises: SiteExists. Source: L0."""
    standing = known.standing(method) if known else Standing.ABSENT
    return move(Trigger.REGISTER, standing, site_id=known.id if known else "", method=method)


def _leaving(state: State, site_id: str, call: Trigger) -> Site:
    """Check that the table takes the site to `absent` for every method. Raises: OutOfTurn. Source: L0."""
    moves = [look_up(state, site_id, call=call, method=method) for method in DispatchMethod]
    assert all(found.to is Standing.ABSENT for found in moves), "the call removes a site"
    return site_of(state, site_id)


def _checked(state: State, details: SiteDetails, assets: Sequence[AssetDetails]) -> Site | None:
    """Check an initialise, and return its site if it is known. Source: E3.

    Raises: ModelUnknown, InvalidMpan, Conflict, InvalidEmail, ConsentMissing.
    """
    check_models(state, assets)
    check_mpan(details.mpan)
    known = site_at(state, details.mpan)
    check_external_ids(state, assets, site_id=known.id if known else None)
    check_email(details.email)
    if known is None:
        _check_consent(state, details, assets=assets)
    return known


def _onboard_new(
    state: State,
    details: SiteDetails,
    *,
    assets: Sequence[AssetDetails],
    call: Trigger,
    proposition: DispatchMethod,
    now: datetime,
) -> Outcome[Onboarded]:
    """Add a site that is enrolled already, so that it is written once. Raises: NotAdmitted."""
    home = _new_home(state, details, assets=assets, now=now)
    found = move(call, Standing.ABSENT, site_id=home.site.id, method=proposition)
    check_admitted(home.site, home.assets, found=found, method=proposition, reference=state.reference)
    site = moved(home.site, found=found, method=proposition, now=now)
    state = welcome(add_site(state, site, assets=home.assets), home.site, after=site, now=now)
    state = announce_entry(state, home.site, after=site, now=now)
    return Outcome(state, Onboarded(_created(home), found.status))


def _fill_in(
    state: State, site: Site, *, details: SiteDetails, assets: Sequence[AssetDetails], now: datetime
) -> Outcome[Initialised]:
    first = fill_in_site(state, site, details=details)
    second = upsert_assets(first.state, assets, site_id=site.id, now=now)
    return Outcome(second.state, Initialised(first.value, second.value))


def _new_home(state: State, details: SiteDetails, *, assets: Sequence[AssetDetails], now: datetime) -> Home:
    """Make the next site with its assets, to be added."""
    ids = tuple(id_at(state.seed, state.minted + number) for number in range(1, len(assets) + 1))
    site = new_site(state, details, asset_ids=ids)
    first = state.asset_order.places
    made = (
        new_asset(one, id=id, place=place, site_id=site.id, now=now)
        for place, (id, one) in enumerate(zip(ids, assets, strict=True), start=first)
    )
    return Home(site, tuple(made))


def _created(home: Home) -> Initialised:
    """Source: U2."""
    return Initialised(Upserted(home.site.id, True), tuple(Upserted(asset.id, True) for asset in home.assets))


def _check_consent(state: State, details: SiteDetails, *, assets: Sequence[AssetDetails]) -> None:
    """Raises: ConsentMissing. Source: U7, Q2."""
    if details.consent_at is None and not any(takes_cop11_route(asset, state.reference) for asset in assets):
        raise ConsentMissing()
