"""Flex events: what they measure, what they earn at once, and what in the end. Source: B1-B8.

All arithmetic is exact: energies are kept to 6 decimals of a kWh, revenue to 4 of a GBP, and credits are whole pence.
"""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from mockaxle.core.baselines import baseline_kwh
from mockaxle.core.clock import MICROSECOND
from mockaxle.core.exact import energy, product, rounded
from mockaxle.core.measuring import measure
from mockaxle.core.records import (
    Asset,
    FlexBasis,
    FlexCause,
    PlannedFlex,
    Transaction,
    UserTransactionType,
)
from mockaxle.core.reference import Settings, Unmeasured
from mockaxle.core.state import State, asset_of, next_id, put_transaction, with_transaction
from mockaxle.core.table import Table
from mockaxle.core.tariffs import Span
from mockaxle.core.uk_months import final_at, uk_date

ENERGY_PLACES, TOLD_ENERGY_PLACES, REVENUE_PLACES = 6, 3, 4
GBP_PER_KWH, PENCE_PER_GBP = Decimal("0.001"), 100
LOOK_BACK = 1_000
"""The transactions of a site in which events that readings no longer change are looked for."""


def record(state: State, asset: Asset, *, planned: PlannedFlex) -> State:
    """Record an event that ended, and credit the user's share of its estimate. Source: B1, B5, B7.

    What is negative is not taken at once; the final does that.
    """
    settings = state.reference.settings
    window = (planned.start_at, planned.end_at)
    basis = _with_readings(state, asset, _basis(state, asset, planned), window=window)
    flex = flex_kwh(basis, settings=settings)
    revenue = revenue_gbp(basis, flex)
    event = Transaction(
        id=next_id(state),
        type=UserTransactionType.FLEX_EVENT,
        credit_pence=max(0, pence(revenue, basis.user_share * settings.estimate_share)),
        start_at=planned.start_at,
        end_at=planned.end_at,
        flex_kwh=_told(flex),
        revenue_gbp=revenue,
        basis=basis,
    )
    due, site_id = final_of(event), asset.site_id
    finals = state.finals_at if due in state.finals_at else tuple(sorted((*state.finals_at, due)))
    known = state.open_events.get(site_id) or ()
    places = (*known, len(state.transactions.get(site_id) or ()))
    state = with_transaction(state, event, site_id=site_id)
    return state._replace(finals_at=finals, open_events=state.open_events.put(site_id, places))


def flex_kwh(basis: FlexBasis, *, settings: Settings) -> Decimal | None:
    """Return the energy that an event moved; None if nothing was measured and that earns nothing. Source: B2, B3."""
    if basis.measured_kwh is not None:
        return basis.measured_kwh - basis.baseline_kwh
    if settings.unmeasured is Unmeasured.AS_PLANNED:
        return basis.planned_kwh - basis.baseline_kwh
    return None


def revenue_gbp(basis: FlexBasis, flex: Decimal | None) -> Decimal:
    """Return the gross revenue: negative if more was drawn in a turn-down. Source: B5."""
    turned = flex or Decimal(0)
    price = product(basis.price_gbp_per_mwh, GBP_PER_KWH)
    return rounded(product(turned if basis.turns_up else -turned, price), REVENUE_PLACES)


def pence(revenue: Decimal, share: Decimal) -> int:
    """Return a share of a revenue to the nearest penny, with halves away from zero. Source: B7."""
    return int(rounded(product(revenue, share) * PENCE_PER_GBP, 0))


def measure_again(state: State, asset_id: str, *, since: datetime, until: datetime) -> State:
    """Measure the events again that new readings of an asset touch, until their final. Source: B6."""
    site_id = asset_of(state, asset_id).site_id
    entries = state.transactions.get(site_id) or ()
    for place in state.open_events.get(site_id) or ():
        event = entries[place]
        asset = state.assets.get(event.basis.asset_id) if event.basis else None
        if asset is not None and _overlaps(event, since, until=until):
            after = _remeasured(state, asset, event=event)
            if after is not event:
                state = put_transaction(state, site_id, place=place, transaction=after)
    return state


def settled_in(state: State, asset_id: str, *, since: datetime, until: datetime) -> list[Transaction]:
    """Return the latest events of an asset's site that overlap a time and have their final."""
    entries = (state.transactions.get(asset_of(state, asset_id).site_id) or ())[-LOOK_BACK:]
    return [one for one in entries if one.final_gbp is not None and one.basis and _overlaps(one, since, until=until)]


def finalise(state: State, *, at: datetime) -> State:
    """Fix the revenue of the events whose final is due, and credit or correct the difference. Source: B5, B7, B8."""
    for site_id in state.site_order.page(0, limit=state.site_order.live):
        places = state.open_events.get(site_id) or ()
        entries = state.transactions.get(site_id) or ()
        due = [place for place in places if final_of(entries[place]) <= at]
        for place in due:
            state = _with_final(state, site_id, place=place, at=at)
        if due:
            left = tuple(sorted({*places} - {*due}))
            open_events = state.open_events.put(site_id, left) if left else state.open_events.drop(site_id)
            state = state._replace(open_events=open_events)
    return state._replace(finals_at=tuple(due for due in state.finals_at if due > at))


def with_open_events(state: State) -> State:
    """Return the state with the finals that its transactions still wait for."""
    open_events, finals = dict[str, tuple[int, ...]](), set[datetime]()
    for site_id in state.site_order.page(0, limit=state.site_order.live):
        entries = state.transactions.get(site_id) or ()
        places = tuple(place for place, one in enumerate(entries) if _is_open(one))
        if places:
            open_events[site_id] = places
            finals |= {final_of(entries[place]) for place in places}
    return state._replace(open_events=Table.of(open_events), finals_at=tuple(sorted(finals)))


def final_of(event: Transaction) -> datetime:
    """Return when the revenue of an event is final, by the month in which it ends. Source: B5."""
    if event.end_at is None or event.end_at <= event.start_at:
        return final_at(event.start_at)
    return final_at(event.end_at - MICROSECOND)


def _is_open(one: Transaction) -> bool:
    return one.type is UserTransactionType.FLEX_EVENT and one.final_gbp is None and one.revenue_gbp is not None


def _overlaps(event: Transaction, since: datetime, *, until: datetime) -> bool:
    return event.end_at is not None and event.start_at < until and since < event.end_at


def _with_final(state: State, site_id: str, *, place: int, at: datetime) -> State:
    event = (state.transactions.get(site_id) or ())[place]
    basis = event.basis
    final = event.revenue_gbp if basis is None else revenue_gbp(basis, _exact_flex(event, basis))
    settled = event._replace(final_gbp=final, settled_on=event.settled_on or uk_date(at))
    state = put_transaction(state, site_id, place=place, transaction=settled)
    if basis is None or final is None:
        return state
    due = pence(final, basis.user_share) - event.credit_pence
    if due == 0:
        return state
    kind = UserTransactionType.FLEX_PERIOD_TOP_UP if due > 0 else UserTransactionType.CORRECTION
    further = Transaction(next_id(state), kind, due, event.start_at, settled_on=uk_date(at), event_id=event.id)
    return with_transaction(state, further, site_id=site_id)


def _exact_flex(event: Transaction, basis: FlexBasis) -> Decimal | None:
    """Return the energy of a recorded event. Without readings it is what was decided when it was recorded."""
    if basis.measured_kwh is not None:
        return basis.measured_kwh - basis.baseline_kwh
    return None if event.flex_kwh is None else basis.planned_kwh - basis.baseline_kwh


def _remeasured(state: State, asset: Asset, *, event: Transaction) -> Transaction:
    assert event.end_at is not None, "it overlaps the readings"
    assert event.basis is not None, "its asset is known by it"
    after = _with_readings(state, asset, event.basis, window=(event.start_at, event.end_at))
    if after == event.basis:
        return event
    return event._replace(basis=after, flex_kwh=_told(flex_kwh(after, settings=state.reference.settings)))


def _basis(state: State, asset: Asset, planned: PlannedFlex) -> FlexBasis:
    baseline = rounded(baseline_kwh(state, asset, planned=planned), ENERGY_PLACES)
    planned_kwh = rounded(energy(planned.power_kw, planned.end_at - planned.start_at), ENERGY_PLACES)
    turns_up = planned.cause is FlexCause.DISPATCH and (planned_kwh, planned.power_kw) > (baseline, Decimal(0))
    share = state.reference.settings.user_share
    return FlexBasis(asset.id, planned.cause, planned.price_gbp_per_mwh, baseline, planned_kwh, turns_up, share)


def _with_readings(state: State, asset: Asset, basis: FlexBasis, *, window: Span) -> FlexBasis:
    """Measure an event. The part that no reading covers is taken as planned, or as without the event. Source: B3."""
    found = measure(state, asset, window=window)
    if found is None:
        return basis
    is_planned = state.reference.settings.unmeasured is Unmeasured.AS_PLANNED
    rest = Fraction(basis.planned_kwh if is_planned else basis.baseline_kwh) * (1 - found.share)
    return basis._replace(measured_kwh=rounded(found.kwh + rest, ENERGY_PLACES), measured_from=found.source)


def _told(flex: Decimal | None) -> Decimal | None:
    return None if flex is None else rounded(flex, TOLD_ENERGY_PLACES)
