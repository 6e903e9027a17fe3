"""Dispatches of batteries and other devices, and what is read of them. Source: V1, V5, G3, N15, N16, N18."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from mockaxle.core.announcing import announce_dispatch
from mockaxle.core.clock import MICROSECOND
from mockaxle.core.dispatchable import can_be_dispatched
from mockaxle.core.dispatches import CONTROLLING, Callback, Dispatch, Dispatched
from mockaxle.core.emails import Email, EmailKind, with_emails
from mockaxle.core.half_hours import since_dawn
from mockaxle.core.ids import made_id, numbered_id
from mockaxle.core.local_time import LONDON, local_day_and_time
from mockaxle.core.planned_flex import MAX_RATE_KW, add_dispatched
from mockaxle.core.price_curve import mean_price
from mockaxle.core.records import Asset, AssetType, DispatchMethod, FlexCause, PlannedFlex
from mockaxle.core.rule_errors import AssetUnknown, NotDispatched
from mockaxle.core.sessions import usual_rate_of
from mockaxle.core.state import Outcome, State, asset_of, assets_at, site_of, sites_in
from mockaxle.core.timestamps import spell_utc, whole_second

NOTICE = timedelta(minutes=30)
"""The least notice of a dispatch. Source: V2, N15."""

MAX_CALLBACKS = 100
"""The callbacks of an asset that are kept."""


class BatteryStep(NamedTuple):
    """A time at which a battery charges or discharges at full power. Source: V5, N16."""

    start_at: datetime
    end_at: datetime
    charges: bool


class BatterySchedule(NamedTuple):
    steps: tuple[BatteryStep, ...]
    updated_at: datetime


class Wanted(NamedTuple):
    """The assets to dispatch: all that can be dispatched and fit each condition given.

    Shape: fraction is of those, from 0 to 1, and at least one asset unless it is 0. Units: power in kW, positive to
    charge.
    """

    power_kw: float
    site_id: str | None = None
    postcode: str | None = None
    method: DispatchMethod | None = None
    fraction: float | None = None


def chosen(state: State, wanted: Wanted) -> tuple[Dispatched, ...]:
    """Return the assets to dispatch, in creation order. Which ones a fraction takes depends on the seed. Source: N15.

    Raises: SiteUnknown.
    """
    fitting = [asset for asset in _candidates(state, wanted) if can_be_dispatched(state, asset)]
    if wanted.fraction is not None:
        draw = b"draw" + state.dispatches.made.to_bytes(8, "big")
        drawn = sorted(fitting, key=lambda asset: made_id(state.seed, draw + asset.id.encode()))
        count = max(round(wanted.fraction * len(fitting)), 1 if wanted.fraction else 0)
        kept = {asset.id for asset in drawn[:count]}
        fitting = [asset for asset in fitting if asset.id in kept]
    return tuple(Dispatched(asset.id, wanted.power_kw) for asset in fitting)


def _candidates(state: State, wanted: Wanted) -> Iterator[Asset]:
    for asset in _assets(state, wanted):
        if wanted.method is None or wanted.method in site_of(state, asset.site_id).methods_in:
            yield asset


def _assets(state: State, wanted: Wanted) -> Iterator[Asset]:
    if wanted.site_id is not None:
        site = site_of(state, wanted.site_id)
        in_postcode = wanted.postcode is None or site in sites_in(state, wanted.postcode)
        yield from assets_at(state, site) if in_postcode else ()
    elif wanted.postcode is not None:
        for site in sites_in(state, wanted.postcode):
            yield from assets_at(state, site)
    else:
        ids = state.asset_order.page(0, limit=state.asset_order.live)
        yield from (asset_of(state, asset_id) for asset_id in ids)


def dispatch(
    state: State, assets: Sequence[Dispatched], *, start_at: datetime, end_at: datetime, now: datetime
) -> Outcome[Dispatch]:
    """Make a dispatch, say it to the partner in one message, and mail users of VPP sites. Source: V1, N15, B13."""
    id = numbered_id(state.seed, "dispatch", number=state.dispatches.made + 1)
    made = Dispatch(id, whole_second(now), start_at, end_at, tuple(assets))
    emails = with_emails(state.emails, _mailed(state, made))
    state = state._replace(dispatches=state.dispatches.put(made), emails=emails)
    state = _with_planned(state, made) if end_at > now else state
    return Outcome(announce_dispatch(state, made, now=made.issued_at), made)


def _with_planned(state: State, made: Dispatch) -> State:
    """Plan the flexibility of a dispatch that has not ended; what has begun counts from now on. Source: B1, B5."""
    price = mean_price(state, made.start_at, end_at=made.end_at)
    for one in made.assets:
        state = _planned(state, one, dispatch=made, price=price)
    return state


def _planned(state: State, dispatched: Dispatched, *, dispatch: Dispatch, price: Decimal) -> State:
    """Plan an asset's part in a dispatch. Only a battery exports. Source: B1, B2."""
    asset = asset_of(state, dispatched.asset_id)
    power = dispatched.power_kw if asset.type is AssetType.BATTERY else max(dispatched.power_kw, 0)
    rate_kw = usual_rate_of(asset, state.sessions.get(asset.id))
    planned = PlannedFlex(
        max(dispatch.start_at, dispatch.issued_at),
        dispatch.end_at,
        price,
        min(rate_kw, MAX_RATE_KW),
        place=0,
        cause=FlexCause.DISPATCH,
        power_kw=Decimal(str(power)),
    )
    return add_dispatched(state, asset.id, planned=planned)


def _mailed(state: State, made: Dispatch) -> list[Email]:
    """Write the e-mails on a dispatch: one to each site in vpp_limited_control that has an address. Source: B13."""
    sites = [site_of(state, id) for id in dict.fromkeys(asset_of(state, one.asset_id).site_id for one in made.assets)]
    text = f"Your devices take part in a grid event from {spell_utc(made.start_at)} to {spell_utc(made.end_at)}."
    return [
        Email(made.issued_at, site.email, EmailKind.GRID_EVENT, text, site.id)
        for site in sites
        if site.email is not None and DispatchMethod.VPP_LIMITED_CONTROL in site.methods_in
    ]


def battery_schedule(state: State, asset_id: str, *, now: datetime) -> BatterySchedule:
    """Return a battery's steps that have not ended, and when its schedule last changed. Source: V5, N16.

    Without a dispatch that is its creation.
    Raises: AssetUnknown, also for an asset that is not a battery; NotDispatched.
    """
    battery = state.assets.get(asset_id)
    if battery is None or battery.type is not AssetType.BATTERY:
        raise AssetUnknown(asset_id, "Battery")
    if not set(CONTROLLING) & set(site_of(state, battery.site_id).methods_in):
        raise NotDispatched(battery.site_id)
    found = list(state.dispatches.of(asset_id))
    steps = (BatteryStep(one.start_at, one.end_at, power >= 0) for one, power in found if now < one.end_at)
    updated_at = max((one.issued_at for one, _ in found), default=battery.created_at)
    return BatterySchedule(tuple(sorted(steps)), updated_at)


def todays_dispatch(state: State, asset_id: str, *, now: datetime) -> tuple[BatteryStep, ...]:
    """Return nothing, as the vendor's sandbox does, or with production_schedules the dispatches of the UK's day.

    Raises: AssetUnknown. Source: G3, N16.
    """
    asset_of(state, asset_id)
    if not state.reference.settings.production_schedules:
        return ()
    found = state.dispatches.of(asset_id)
    steps = (BatteryStep(one.start_at, one.end_at, power >= 0) for one, power in found)
    today = _uk_day(now)
    return tuple(sorted(one for one in steps if _uk_day(one.start_at) <= today <= _uk_day(one.end_at - MICROSECOND)))


def _uk_day(at: datetime) -> int:
    return local_day_and_time(since_dawn(at), timezone=LONDON)[0]


def answer_dispatch(state: State, asset_id: str, *, said: Callback) -> Outcome[None]:
    """Keep a partner's answer to a dispatch event of any id. Raises: AssetUnknown. Source: C9, N18."""
    asset_of(state, asset_id)
    known = state.callbacks.get(asset_id) or ()
    return Outcome(state._replace(callbacks=state.callbacks.put(asset_id, (*known, said)[-MAX_CALLBACKS:])), None)
