"""Charging: a car's schedule comes in at plug-in and goes back, sometimes with a pause."""

from datetime import datetime, timedelta

from mockaxle.core.eligibility import judge
from mockaxle.core.errors import AssetUnknown, NotEnrolled
from mockaxle.core.events import SchedulePlanned
from mockaxle.core.optimiser import Plan, optimise
from mockaxle.core.outcome import Outcome
from mockaxle.core.reasons import NotTakingPart
from mockaxle.core.records import Asset, AssetType, DispatchMethod, Standing
from mockaxle.core.schedule import Schedule
from mockaxle.core.state import State, site_of


def plug_in_schedule(state: State, asset_id: str, *, schedule: Schedule, now: datetime) -> Outcome[Plan]:
    """The plan for a charger's schedule; the clock is read only in strict_time. Source: F7, F9, L9.

    Raises: AssetUnknown, NotEnrolled.
    """
    charger = charger_of(state, asset_id)
    site = site_of(state, charger.site_id)
    method = DispatchMethod.LIMITED_PAUSE
    if site.standing(method) is not Standing.IN:
        raise NotEnrolled(site.id, method)
    if not judge(charger, site, method=method, reference=state.reference).eligible:
        return Outcome(state, Plan(schedule, reason=NotTakingPart(charger.id)))
    settings = state.reference.settings
    plan = optimise(
        schedule,
        state.reference.market,
        pause=timedelta(minutes=settings.pause_minutes),
        not_before=now if settings.strict_time else None,
    )
    return Outcome(state, plan, (SchedulePlanned(asset_id, plan.pause is not None),))


def charger_of(state: State, asset_id: str) -> Asset:
    """Raises: AssetUnknown, also for an asset that is no charger. Source: F9."""
    asset = state.assets.get(asset_id)
    if asset is None or asset.type is not AssetType.CHARGER:
        raise AssetUnknown(asset_id, "Charger")
    return asset
