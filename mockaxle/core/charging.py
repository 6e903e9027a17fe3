"""Charging: the partner sends a car's schedule at plug-in, and gets it back, sometimes with a pause."""

from datetime import datetime, timedelta
from fractions import Fraction
from functools import partial

from mockaxle.core.eligibility import judge
from mockaxle.core.optimiser import Charge, Pause, Plan, optimise
from mockaxle.core.planned_flex import plan as plan_flex
from mockaxle.core.planner import ChargingMode
from mockaxle.core.reasons import charging_now, not_taking_part
from mockaxle.core.records import Asset, AssetType, DispatchMethod, FlexCause, PlannedFlex, Session, Standing
from mockaxle.core.rule_errors import AssetUnknown, NotEnrolled
from mockaxle.core.schedule import Schedule
from mockaxle.core.sessions import rate_of, usual_rate_of
from mockaxle.core.state import Outcome, State, site_of
from mockaxle.core.tariffs import Span

MOST_HOURS, HOUR_MICROSECONDS = Fraction(24 * 366), 3_600_000_000


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
        return _answered(state, charger, Plan(schedule, reason=not_taking_part(charger.id)), schedule=schedule, now=now)
    return _answered(state, charger, _optimised(state, charger, schedule, now=now), schedule=schedule, now=now)


def _answered(state: State, charger: Asset, plan: Plan, *, schedule: Schedule, now: datetime) -> Outcome[Plan]:
    """Keep the pause until it ends. It replaces pauses that have not begun. Source: W5."""
    planned = () if plan.pause is None else (_planned(state, charger, plan.pause, schedule=schedule),)
    state = plan_flex(state, charger.id, planned=planned, cause=FlexCause.PAUSE, now=now)
    return Outcome(state, plan)


def _planned(state: State, charger: Asset, pause: Pause, *, schedule: Schedule) -> PlannedFlex:
    """Return the pause with the times in which the car would have charged, by the schedule as sent. Source: B2."""
    session = state.sessions.get(charger.id)
    rate_kw = usual_rate_of(charger, session)
    return PlannedFlex(
        pause.start_at,
        pause.end_at,
        pause.price_gbp_per_mwh,
        rate_kw,
        place=0,
        charging=_until_full(schedule, session, rate_kw=Fraction(rate_kw)),
    )


def _until_full(schedule: Schedule, session: Session | None, *, rate_kw: Fraction) -> tuple[Span, ...] | None:
    """Return when the car charges until it is full; None if that is not known: in maximise the energy is a floor."""
    intent = session.intent if session is not None and session.intent_stands else None
    if intent is None or intent.charging_mode != ChargingMode.MINIMISE:
        return None
    needed = min(Fraction(str(intent.energy_required_kwh)) / rate_kw, MOST_HOURS)
    left = timedelta(microseconds=int(needed * HOUR_MICROSECONDS))
    spans: list[Span] = []
    for block in sorted(schedule, key=lambda block: block.start.at):
        lapse = min(block.length, max(left, timedelta()))
        spans += [(block.start.at, block.start.at + lapse)] if lapse else []
        left -= lapse
    return tuple(spans)


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
