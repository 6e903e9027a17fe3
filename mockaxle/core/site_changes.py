"""A change of a site, with the plans that follow from its tariff."""

from datetime import datetime

from mockaxle.core.records import Site
from mockaxle.core.sessions import replan
from mockaxle.core.sites import SiteChange, change_site
from mockaxle.core.state import Outcome, State, site_of


def change_site_and_plans(state: State, site_id: str, *, change: SiteChange, now: datetime) -> Outcome[Site]:
    """Change the fields that were sent. A new tariff makes new plans. Source: U14, N3.

    Raises: SiteUnknown, ChangeNotTaken with every fault.
    """
    before = site_of(state, site_id)
    state, changed = change_site(state, site_id, change=change)
    if changed.tariff != before.tariff:
        state = replan(state, [one for one in changed.asset_ids if _follows_site(state, one)], now=now)
    return Outcome(state, changed)


def _follows_site(state: State, asset_id: str) -> bool:
    """Tell whether a car has no tariff of its own. Source: C10."""
    session = state.sessions.get(asset_id)
    return session is not None and session.off_peak is None
