"""How a site goes: offboarded with all that it has, or deleted when nothing hangs on it."""

from mockaxle.core.enrolment import SiteWithAsset
from mockaxle.core.errors import SiteInUse, SiteWithoutAssets
from mockaxle.core.lifecycle import Trigger
from mockaxle.core.outcome import Outcome
from mockaxle.core.records import DispatchMethod, Site, Standing
from mockaxle.core.rewards import transactions_of
from mockaxle.core.state import State, assets_at, drop_site, site_of
from mockaxle.core.transition import look_up


def offboard(state: State, site_id: str) -> Outcome[SiteWithAsset]:
    """Every proposition ended, site and assets removed; what they were. Source: L6, L7.

    Raises: SiteUnknown, SiteWithoutAssets.
    """
    site = _leaving(state, site_id, Trigger.OFFBOARD)
    if not site.asset_ids:
        raise SiteWithoutAssets(site_id)
    left = SiteWithAsset(site, assets_at(state, site)[0])
    return Outcome(drop_site(state, site), left)


def delete_site(state: State, site_id: str) -> Outcome[None]:
    """The site removed, if nothing hangs on it. Raises: SiteUnknown, SiteInUse. Source: L10."""
    site = _leaving(state, site_id, Trigger.DELETE)
    if site.asset_ids:
        raise SiteInUse(site_id)
    if sum(one.credit_pence for one in transactions_of(state, site_id)) > 0:
        raise SiteInUse(site_id, "a balance")
    return Outcome(drop_site(state, site), None)


def _leaving(state: State, site_id: str, call: Trigger) -> Site:
    """The site, when the table takes it to `absent` for every method. Raises: OutOfTurn. Source: L0."""
    moves = [look_up(state, site_id, call=call, method=method) for method in DispatchMethod]
    assert all(found.to is Standing.ABSENT for found in moves), "the call removes a site"
    return site_of(state, site_id)
