"""Charging sessions: the partner's events of a plugged-in car, and the resulting plan. Source: C1-C10."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any

from mockaxle.core.announcing import announce_plan
from mockaxle.core.dear_times import without_dear
from mockaxle.core.eligibility import judge
from mockaxle.core.half_hours import DAWN, LATEST, since_dawn
from mockaxle.core.local_time import LONDON, instant_of, local_day_and_time
from mockaxle.core.market import Market
from mockaxle.core.planned_flex import cut, drop_shifts, judge_overridden, keep_passed, take_time, unplug
from mockaxle.core.planned_flex import plan as plan_flex
from mockaxle.core.planner import ChargingMode, Need, half_hours_for, plan
from mockaxle.core.records import (
    CARS,
    Asset,
    ChargingPlan,
    DispatchMethod,
    FlexCause,
    Intent,
    Session,
    Standing,
)
from mockaxle.core.rule_errors import NoIntent
from mockaxle.core.shifts import shifts
from mockaxle.core.state import Outcome, State, asset_of, site_of
from mockaxle.core.tariffs import OffPeak, Span, cheap_times, joined
from mockaxle.core.timestamps import spell_utc, whole_second

DEFAULT_READY_BY = time(7)
USUAL_RATE_KW = Decimal("7.4")  # if none above 0 is known: C5, W5
NO_CHARGE_NOW: dict[str, Any] = {"charge_now_at": None, "charge_now_until": None}


@dataclass(frozen=True, slots=True)
class PlugIn:
    """The fields of a plug-in event; None for those not sent. Units: rate in kW."""

    intent: Intent | None = None
    rate_kw: float | None = None
    off_peak: OffPeak | None = None


def plug_in(state: State, asset_id: str, *, said: PlugIn, now: datetime) -> Outcome[None]:
    """Begin a session. Raises: AssetUnknown. Source: C1, C2."""
    session = session_of(state, asset_id)
    if said.intent is not None:
        session = replace(session, intent=said.intent, intent_at=whole_second(now), intent_stands=True)
    if said.off_peak is not None:
        session = replace(session, off_peak=said.off_peak)
    since = session.present_since if session.plugged_in_at is not None and session.present_since is not None else now
    begun = replace(session, plugged_in_at=now, present_since=since, rate_kw=said.rate_kw)
    return _planned(state, asset_id, begun, now=now)


def plug_out(state: State, asset_id: str, *, now: datetime) -> Outcome[None]:
    """End the session with its plan, charge-now, intent and pauses. The rate is kept.

    Raises: AssetUnknown. Source: C10, F6, W5.
    """
    session = session_of(state, asset_id)
    ended = replace(session, plugged_in_at=None, present_since=None, intent_stands=False, plan=None, **NO_CHARGE_NOW)
    return _kept(unplug(state, asset_id, now=now), asset_id, ended)


def update_intent(state: State, asset_id: str, *, intent: Intent, now: datetime) -> Outcome[None]:
    """Raises: AssetUnknown. Source: C4."""
    session = session_of(state, asset_id)
    session = replace(session, intent=intent, intent_at=whole_second(now), intent_stands=True)
    return _planned(state, asset_id, session, now=now)


def charge_now(state: State, asset_id: str, *, end_at: datetime, now: datetime) -> Outcome[None]:
    """Raises: AssetUnknown. Source: C10, F11, W5."""
    session = replace(session_of(state, asset_id), charge_now_at=now, charge_now_until=end_at)
    state = (cut if end_at > now else judge_overridden)(state, asset_id, now=now)
    return _planned(state, asset_id, session, now=now)


def delete_charge_now(state: State, asset_id: str, *, now: datetime) -> Outcome[None]:
    """Raises: AssetUnknown. Source: C10, W5."""
    session = replace(session_of(state, asset_id), **NO_CHARGE_NOW)
    return _planned(judge_overridden(state, asset_id, now=now), asset_id, session, now=now)


def update_tariff(state: State, asset_id: str, *, off_peak: OffPeak, now: datetime) -> Outcome[None]:
    """Raises: AssetUnknown. Source: C3."""
    return _planned(state, asset_id, replace(session_of(state, asset_id), off_peak=off_peak), now=now)


def latest_intent(state: State, asset_id: str) -> tuple[Intent, datetime]:
    """Return the last intent with its local time, and when it came. Raises: AssetUnknown, NoIntent. Source: C4."""
    session = session_of(state, asset_id)
    if session.intent is None or session.intent_at is None:
        raise NoIntent(asset_id)
    off_peak = _off_peak(state, asset_of(state, asset_id), session)
    local = _ready_time(session.intent, off_peak.timezone if off_peak else LONDON)
    return replace(session.intent, ready_by_local_time=local), session.intent_at


def session_of(state: State, asset_id: str) -> Session:
    """Raises: AssetUnknown."""
    asset_of(state, asset_id)
    return state.sessions.get(asset_id) or Session()


def rate_of(asset: Asset, session: Session | None) -> Decimal | None:
    """Return the rate of the last plug-in, else of the asset, in exact decimals. Units: kW. Source: F6."""
    rate_kw = asset.power_kw if session is None or session.rate_kw is None else session.rate_kw
    return None if rate_kw is None else Decimal(str(rate_kw))


def usual_rate_of(asset: Asset, session: Session | None) -> Decimal:
    """Return `rate_of`, or the usual rate if no rate above 0 is known. Units: kW. Source: C5, W5."""
    rate = rate_of(asset, session)
    return rate if rate is not None and rate > 0 else USUAL_RATE_KW


def plan_of(state: State, asset: Asset, *, session: Session, now: datetime) -> ChargingPlan | None:
    """Make the plan from now on; None if the car is not plugged in or does not take part. Source: C8, L9."""
    site = site_of(state, asset.site_id)
    method = DispatchMethod.FULL_ASSET_SCHEDULE_CONTROL
    if session.plugged_in_at is None or asset.type not in CARS or site.standing(method) is not Standing.IN:
        return None
    if not judge(asset, site, method=method, reference=state.reference).eligible:
        return None
    now, off_peak = whole_second(now), _off_peak(state, asset, session)
    ready_at = _ready_at(session, off_peak, now=now)
    if ready_at is None:
        return None
    charging = _charging(session, off_peak, ready_at, need=_need(asset, session), market=_followed(state), now=now)
    return ChargingPlan(session.plans + 1, now, ready_at, charging)


def _followed(state: State) -> Market | None:
    """Return the market that plans follow, if they do. Source: N3."""
    return state.reference.market if state.reference.settings.plan_follows_market else None


def plan_in_force(state: State, asset_id: str, *, now: datetime) -> ChargingPlan | None:
    """Return the last plan, until its ready-by. Source: C8."""
    session = state.sessions.get(asset_id)
    plan = session.plan if session else None
    return plan if plan is not None and now < plan.ready_at else None


def replan(state: State, asset_ids: Sequence[str], *, now: datetime) -> State:
    """Make the plans of plugged-in cars anew. Source: N3."""
    for asset_id in asset_ids:
        if is_plugged_in(state, asset_id):
            state = _planned(state, asset_id, session_of(state, asset_id), now=now).state
    return state


def follow_market(state: State, *, now: datetime) -> State:
    """Make the plans anew that come out different after a change of the market. Source: N3."""
    if not state.reference.settings.plan_follows_market:
        return state
    for asset_id in plugged_in(state):
        before, session = plan_in_force(state, asset_id, now=now), session_of(state, asset_id)
        after = plan_of(state, asset_of(state, asset_id), session=session, now=now)
        if after is not None and (before is None or _from(before, now) != after.charging):
            state = _planned(state, asset_id, session, now=now).state
    return state


def _from(plan: ChargingPlan, now: datetime) -> tuple[Span, ...]:
    """Return what is left of a plan."""
    begins_at = whole_second(now)
    return tuple((max(start, begins_at), end) for start, end in plan.charging if end > begins_at)


def plugged_in(state: State) -> tuple[str, ...]:
    """Return the assets with a car, in creation order."""
    ids = state.asset_order.page(0, limit=state.asset_order.live)
    return tuple(asset_id for asset_id in ids if is_plugged_in(state, asset_id))


def is_plugged_in(state: State, asset_id: str) -> bool:
    session = state.sessions.get(asset_id)
    return session is not None and session.plugged_in_at is not None


def end_plans(state: State, asset_ids: tuple[str, ...], *, now: datetime) -> State:
    """Remove the plans of assets, with their shifts. Source: C8, B1."""
    for asset_id in asset_ids:
        state = drop_shifts(_with_passed(state, asset_id, now=now), asset_id, now=now)
    sessions = state.sessions
    for asset_id in asset_ids:
        session = sessions.get(asset_id)
        if session is not None and session.plan is not None:
            sessions = sessions.put(asset_id, replace(session, plan=None))
    return state._replace(sessions=sessions)


def why_unplanned(state: State, asset_id: str) -> str:
    """Explain why an asset has no plan. Source: C8."""
    asset, session = state.assets.get(asset_id), state.sessions.get(asset_id)
    method = DispatchMethod.FULL_ASSET_SCHEDULE_CONTROL
    if asset is None:
        return "there is no such asset"
    if asset.type not in CARS:
        return f"an asset of type {asset.type} gets no plan"
    site = site_of(state, asset.site_id)
    if site.standing(method) is not Standing.IN:
        return f"its site is not enrolled in {method}"
    if not judge(asset, site, method=method, reference=state.reference).eligible:
        return "it is not eligible"
    if session is None or session.plugged_in_at is None:
        return "its car is not plugged in"
    if session.plan is not None:
        return f"the last one ended at its ready-by, {spell_utc(session.plan.ready_at)}"
    return "no plan was made for it; the next event creates one"


def _planned(state: State, asset_id: str, session: Session, *, now: datetime) -> Outcome[None]:
    """Store the session with a new plan, which replaces the last one entirely. Source: C2, C10."""
    asset = asset_of(state, asset_id)
    made = plan_of(state, asset, session=session, now=now)
    state = _with_passed(state, asset_id, now=now)
    if made is None:
        state = drop_shifts(state, asset_id, now=now)
        return _kept(state, asset_id, replace(session, plan=None))
    state = with_shifts(state, asset, session=session, made=made, now=now)
    kept = _kept(state, asset_id, replace(session, plan=made, plans=made.number))
    return Outcome(announce_plan(kept.state, asset, plan=made, now=now), None)


def with_shifts(state: State, asset: Asset, *, session: Session, made: ChargingPlan, now: datetime) -> State:
    """Plan the shifts of a new plan, and cut a running one in which it charges. Source: B1."""
    market = _followed(state)
    if market is None:
        return drop_shifts(state, asset.id, now=now)
    off_peak = _off_peak(state, asset, session)
    without = _charging(session, off_peak, made.ready_at, need=_need(asset, session), market=None, now=made.start_at)
    found = shifts(without, made.charging, market=market, rate_kw=usual_rate_of(asset, session))
    for span in made.charging:
        state = take_time(state, asset.id, span=span, causes=(FlexCause.SHIFT,))
    return plan_flex(state, asset.id, planned=found, cause=FlexCause.SHIFT, now=now)


def _with_passed(state: State, asset_id: str, *, now: datetime) -> State:
    """Note what the plan in the state was for a running dispatch, before another one replaces it. Source: B2."""
    session = state.sessions.get(asset_id)
    charging = session.plan.charging if session is not None and session.plan is not None else ()
    return keep_passed(state, asset_id, charging=charging, now=whole_second(now))


def _kept(state: State, asset_id: str, session: Session) -> Outcome[None]:
    return Outcome(state._replace(sessions=state.sessions.put(asset_id, session)), None)


def _charging(
    session: Session, off_peak: OffPeak | None, ready_at: datetime, *, need: Need, market: Market | None, now: datetime
) -> tuple[Span, ...]:
    """Plan the charge-now first, then the usual plan from its end; it follows a market. Source: C10, N3."""
    start = min(max(now, whole_second(session.charge_now_until or now)), ready_at)
    spans = ((start, ready_at),) if off_peak is None else off_peak.spans(start, ready_at)
    cheap = [span for span in spans if span[0] < span[1]]
    if market is not None:
        cheap = list(without_dear(cheap, market, need=need))
    usual = plan(start, ready_at, off_peak=cheap, need=need)
    return joined([*([(now, start)] if now < start else []), *usual])


def _need(asset: Asset, session: Session) -> Need:
    """Return the need of the intent; without an intent, all off-peak time. Source: C5, C10."""
    intent = session.intent
    if intent is None or not session.intent_stands:
        return Need()
    rate = Fraction(usual_rate_of(asset, session))
    wanted = half_hours_for(Fraction(str(intent.energy_required_kwh)), rate)
    return Need(wanted, ChargingMode(intent.charging_mode), intent.may_charge_peak)


def _off_peak(state: State, asset: Asset, session: Session) -> OffPeak | None:
    """Return the off-peak times of the tariff event, else of the site; None if all time is off-peak. Source: C10."""
    tariff = site_of(state, asset.site_id).tariff
    return session.off_peak or (cheap_times(tariff.cheap_from, tariff.cheap_to) if tariff else None)


def _ready_at(session: Session, off_peak: OffPeak | None, *, now: datetime) -> datetime | None:
    """Return the first ready-by after the plug-in, or after now if it has passed; None off the calendar. Source: C4."""
    timezone = off_peak.timezone if off_peak else LONDON
    intent = session.intent if session.intent_stands else None
    local = _ready_time(intent, timezone).replace(microsecond=0) if intent else DEFAULT_READY_BY
    first = _first_after(session.plugged_in_at or now, local, timezone=timezone)
    return first if first is None or first > now else _first_after(now, local, timezone=timezone)


def _ready_time(intent: Intent, timezone: str) -> time:
    if intent.ready_by_local_time is not None:
        return intent.ready_by_local_time.replace(tzinfo=None)
    return local_day_and_time(since_dawn(intent.ready_by), timezone=timezone)[1]


def _first_after(at: datetime, local: time, *, timezone: str) -> datetime | None:
    day, _ = local_day_and_time(since_dawn(at), timezone=timezone)
    candidates = (instant_of(day + days, local, timezone=timezone) for days in range(-1, 3))
    later = [DAWN + age for age in candidates if age is not None and since_dawn(at) < age <= LATEST]
    return min(later, default=None)
