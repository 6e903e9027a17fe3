"""Planned flexibility: pauses, shifts of a plan, dispatches. The user can cut or override it. Source: B1, B4, W5."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from mockaxle.core.agenda import Agenda
from mockaxle.core.dispatchable import can_be_dispatched
from mockaxle.core.flex_events import record
from mockaxle.core.records import (
    CARS,
    Asset,
    DispatchMethod,
    FlexCause,
    PlannedFlex,
    Session,
    Standing,
)
from mockaxle.core.state import State, asset_of, site_of
from mockaxle.core.tariffs import Span
from mockaxle.core.timestamps import whole_second

MAX_RATE_KW = Decimal(1_000_000)
Planned = tuple[PlannedFlex, ...]


def plan(state: State, asset_id: str, *, planned: Sequence[PlannedFlex], cause: FlexCause, now: datetime) -> State:
    """Plan flexibility. It replaces what was planned for the same cause and has not begun. Source: W5, B1.

    What has begun counts from now on, unless something of its cause already runs then. Nothing is planned into a
    dispatch of the asset.
    """
    known = state.planned.get(asset_id) or ()
    kept = tuple([one for one in known if one.cause is not cause or one.start_at <= now])
    agenda, fresh = _without(state.agenda, known, kept=kept), list[PlannedFlex]()
    for one in planned:
        if one.end_at > now and not any(
            _overlap(other, one) for other in kept if other.cause in (cause, FlexCause.DISPATCH)
        ):
            agenda, place = agenda.add(one.end_at, asset_id)
            start_at, rate_kw = max(one.start_at, whole_second(now)), min(one.rate_kw, MAX_RATE_KW)
            fresh.append(one._replace(start_at=start_at, rate_kw=rate_kw, place=place))
    return _with(state._replace(agenda=agenda), asset_id, (*kept, *fresh), known=known)


def add_dispatched(state: State, asset_id: str, *, planned: PlannedFlex) -> State:
    """Add an asset's part in a dispatch, which takes its time from all that was planned before. Source: N15, B1."""
    state = take_time(state, asset_id, span=(planned.start_at, planned.end_at), causes=tuple(FlexCause))
    agenda, place = state.agenda.add(planned.end_at, asset_id)
    known = state.planned.get(asset_id) or ()
    return _with(state._replace(agenda=agenda), asset_id, (*known, planned._replace(place=place)), known=known)


def take_time(state: State, asset_id: str, *, span: Span, causes: Sequence[FlexCause]) -> State:
    """Leave what was planned for these causes only the time before and after a span. Source: B1."""
    known = state.planned.get(asset_id) or ()
    met = [one for one in known if one.cause in causes and one.start_at < span[1] and span[0] < one.end_at]
    if not met:
        return state
    kept = tuple([one for one in known if one not in met])
    agenda, pieces = _without(state.agenda, known, kept=kept), list[PlannedFlex]()
    for one in met:
        for start_at, end_at in ((one.start_at, min(one.end_at, span[0])), (max(one.start_at, span[1]), one.end_at)):
            if start_at < end_at:
                agenda, place = agenda.add(end_at, asset_id)
                pieces.append(one._replace(start_at=start_at, end_at=end_at, place=place))
    return _with(state._replace(agenda=agenda), asset_id, (*kept, *pieces), known=known)


def keep_passed(state: State, asset_id: str, *, charging: Sequence[Span], now: datetime) -> State:
    """Note when a car would have charged in a running dispatch until now, before its plan changes. Source: B2."""
    known = state.planned.get(asset_id) or ()
    if not any(one.cause is FlexCause.DISPATCH and one.start_at < now for one in known):
        return state
    noted = tuple([_noted(one, charging, now) if one.cause is FlexCause.DISPATCH else one for one in known])
    return _with(state, asset_id, noted, known=known)


def _noted(planned: PlannedFlex, charging: Sequence[Span], now: datetime) -> PlannedFlex:
    clipped = [(max(start, planned.start_at), min(end, now)) for start, end in charging]
    passed = [span for span in clipped if span[0] < span[1]]
    return planned._replace(charging=(*(planned.charging or ()), *passed)) if passed else planned


def unplug(state: State, asset_id: str, *, now: datetime) -> State:
    """Drop the pauses and shifts that have not begun and cut what runs, as on a plug-out. Source: W5, B4."""
    known = state.planned.get(asset_id) or ()
    kept = tuple([one for one in known if one.start_at < now or one.cause is FlexCause.DISPATCH])
    state = state._replace(agenda=_without(state.agenda, known, kept=kept))
    return cut(_with(state, asset_id, kept, known=known), asset_id, now=now)


def drop_shifts(state: State, asset_id: str, *, now: datetime) -> State:
    """Drop the shifts of a plan that ended: those that run earn nothing. Source: C8, B1."""
    known = state.planned.get(asset_id) or ()
    shifts = [one for one in known if one.cause is FlexCause.SHIFT]
    if not shifts:
        return state
    state = plan(state, asset_id, planned=(), cause=FlexCause.SHIFT, now=now)
    return _without_earnings(state, asset_id, planned=shifts)


def cut(state: State, asset_id: str, *, now: datetime) -> State:
    """End what runs now, and record its event. Raises: AssetUnknown. Source: W5, G10."""
    at, asset = whole_second(now), asset_of(state, asset_id)
    running = _running(state, asset_id, now=now)
    for one in running:
        if one.start_at < at and _earns(state, asset, one):
            state = record(state, asset, planned=one._replace(end_at=at))
    return _without_earnings(state, asset_id, planned=running)


def judge_overridden(state: State, asset_id: str, *, now: datetime) -> State:
    """Mark what runs and a charge-now overrode, before the charge-now changes. Source: W5."""
    session = state.sessions.get(asset_id)
    overridden = [one for one in _running(state, asset_id, now=now) if _is_overridden(one, session)]
    return _without_earnings(state, asset_id, planned=overridden)


def end_planned(state: State, *, at: datetime) -> State:
    """Remove what ends at an instant, and record the events of what was carried out. Source: B1, W5."""
    for asset_id in dict.fromkeys(state.agenda.at(at)):
        asset, known = asset_of(state, asset_id), state.planned.get(asset_id) or ()
        for one in known:
            if one.end_at == at and _earns(state, asset, one):
                state = record(state, asset, planned=one)
        state = _with(state, asset_id, tuple([one for one in known if one.end_at != at]), known=known)
    return state._replace(agenda=state.agenda.without(at))


def _running(state: State, asset_id: str, *, now: datetime) -> list[PlannedFlex]:
    return [one for one in state.planned.get(asset_id) or () if one.start_at <= now and not one.earns_nothing]


def _earns(state: State, asset: Asset, planned: PlannedFlex) -> bool:
    """Tell whether something planned was carried out. Source: W5, B4."""
    session = state.sessions.get(asset.id)
    if planned.earns_nothing or _is_overridden(planned, session):
        return False
    if planned.cause is FlexCause.PAUSE:
        return _was_in_force(state, asset.site_id, since=planned.start_at)
    if planned.cause is FlexCause.SHIFT:
        method = DispatchMethod.FULL_ASSET_SCHEDULE_CONTROL
        return site_of(state, asset.site_id).standing(method) is Standing.IN
    return can_be_dispatched(state, asset) and (asset.type not in CARS or _was_there(session, planned))


def _was_there(session: Session | None, planned: PlannedFlex) -> bool:
    """Tell whether the car was plugged in at the start."""
    if session is None or session.plugged_in_at is None:
        return False
    return (session.present_since or session.plugged_in_at) <= planned.start_at


def _is_overridden(planned: PlannedFlex, session: Session | None) -> bool:
    """Tell whether a charge-now covers the start. Source: W5."""
    if session is None or session.charge_now_until is None:
        return False
    began_at = session.charge_now_at or planned.start_at
    return began_at <= planned.start_at < session.charge_now_until


def _was_in_force(state: State, site_id: str, *, since: datetime) -> bool:
    """Tell whether the site has been in limited_pause all the time since an instant."""
    site = site_of(state, site_id)
    is_in = site.standing(DispatchMethod.LIMITED_PAUSE) is Standing.IN
    return is_in and site.pausing_since is not None and site.pausing_since <= since


def _without_earnings(state: State, asset_id: str, *, planned: Sequence[PlannedFlex]) -> State:
    """Mark what earns nothing from now on. It is kept until its end, so that it is not planned again."""
    if not planned:
        return state
    known = state.planned.get(asset_id) or ()
    marked = tuple([one._replace(earns_nothing=True) if one in planned else one for one in known])
    return _with(state, asset_id, marked, known=known)


def _with(state: State, asset_id: str, planned: Planned, *, known: Planned) -> State:
    if planned == known:
        return state
    return state._replace(planned=state.planned.put(asset_id, planned) if planned else state.planned.drop(asset_id))


def _without(agenda: Agenda, known: Planned, *, kept: Planned) -> Agenda:
    for one in known:
        if one not in kept:
            agenda = agenda.drop(one.end_at, place=one.place)
    return agenda


def _overlap(one: PlannedFlex, other: PlannedFlex) -> bool:
    return one.start_at < other.end_at and other.start_at < one.end_at
