"""Charging: the partner sends a car's schedule at plug-in, and gets it back, sometimes with a pause."""

from datetime import datetime, timedelta
from fractions import Fraction
from functools import partial

from mockaxle.core.eligibility import judge
from mockaxle.core.optimiser import Charge, Plan, optimise
from mockaxle.core.reasons import charging_now, not_taking_part
from mockaxle.core.records import Asset, AssetType, DispatchMethod, Standing
from mockaxle.core.rewards import plan_pause
from mockaxle.core.rule_errors import AssetUnknown, NotEnrolled
from mockaxle.core.schedule import Schedule
from mockaxle.core.sessions import rate_of, usual_rate_of
from mockaxle.core.state import Outcome, State, site_of


def plug_in_schedule(state: State, asset_id: str, *, schedule: Schedule, now: datetime) -> Outcome[Plan]:
    """Plan a charger's schedule. `now` matters in strict_time only. Source: F7, F9, L9.

    Raises: AssetUnknown, NotEnrolled.
    """
    charger = charger_of(state, asset_id)
    site = site_of(state, charger.site_id)
    method = DispatchMethod.LIMITED_PAUSE
    if site.standing(method) is not Standing.IN:
        raise NotEnrolled(site.id, method)
    if not judge(charger, site, method=method, reference=state.reference).eligible:
        return _answered(state, charger, Plan(schedule, reason=not_taking_part(charger.id)), now=now)
    return _answered(state, charger, _optimised(state, charger, schedule, now=now), now=now)


def _answered(state: State, charger: Asset, plan: Plan, *, now: datetime) -> Outcome[Plan]:
    """Keep the pause until it ends. It replaces pauses that have not begun. Source: W5."""
    rate_kw = usual_rate_of(charger, state.sessions.get(charger.id))
    state = plan_pause(state, charger.id, pause=plan.pause, rate_kw=rate_kw, now=now)
    return Outcome(state, plan)


def _optimised(state: State, charger: Asset, schedule: Schedule, *, now: datetime) -> Plan:
    """Optimise the schedule; name the charge-now as the reason if only that prevents a pause. Source: F7, F11, F13."""
    settings, until = state.reference.settings, _charge_now_until(state, charger)
    earliest = now if settings.strict_time else None
    search = partial(
        optimise,
        schedule,
        state.reference.market,
        pause=timedelta(minutes=settings.pause_minutes),
        charge=_charge(state, charger),
    )
    if until is None:
        return search(not_before=earliest)
    plan = search(not_before=until if earliest is None else max(earliest, until))
    if plan.pause is None and search(not_before=earliest).pause is not None:
        return Plan(schedule, reason=charging_now(until))
    return plan


def _charge_now_until(state: State, charger: Asset) -> datetime | None:
    session = state.sessions.get(charger.id)
    return session.charge_now_until if session else None


def _charge(state: State, charger: Asset) -> Charge | None:
    """Return the energy the driver wants, if an intent is stored and a rate above 0 is known. Source: F6."""
    session = state.sessions.get(charger.id)
    if session is None or session.intent is None or not session.intent_stands:
        return None
    rate = rate_of(charger, session)
    if rate is None or rate <= 0:
        return None
    return Charge(Fraction(str(session.intent.energy_required_kwh)), Fraction(rate))


def charger_of(state: State, asset_id: str) -> Asset:
    """Raises: AssetUnknown, also for an asset that is not a charger. Source: F9."""
    asset = state.assets.get(asset_id)
    if asset is None or asset.type is not AssetType.CHARGER:
        raise AssetUnknown(asset_id, "Charger")
    return asset
