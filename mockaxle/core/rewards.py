"""Rewards: pauses that the clock has passed earn money, and money is withdrawn. Source: W1-W5."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Decimal

from mockaxle.core.events import BalanceWithdrawn
from mockaxle.core.half_hours import floor, since_dawn, start_of
from mockaxle.core.optimiser import Pause
from mockaxle.core.outcome import Outcome
from mockaxle.core.records import Asset, DispatchMethod, Standing
from mockaxle.core.reward_errors import BelowMinimum, TooEarly
from mockaxle.core.reward_record import PaymentStatus, PlannedPause, Transaction, UserTransactionType
from mockaxle.core.state import State, asset_of, next_id, site_of

USUAL_RATE_KW = Decimal("7.4")
SHARE = 2  # of the revenue the user gets one in so many parts
PENCE_PER_GBP, KWH_PER_MWH = 100, 1000
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Balance:
    """Units: pence, days. Source: W1."""

    earned_pence: int
    withdrawn_pence: int
    minimum_pence: int
    wait_days: int
    days_to_wait: int

    @property
    def pence(self) -> int:
        return self.earned_pence - self.withdrawn_pence

    @property
    def is_below_minimum(self) -> bool:
        return self.pence < self.minimum_pence

    @property
    def can_withdraw(self) -> bool:
        return self.pence > 0 and not self.is_below_minimum and self.days_to_wait == 0


@dataclass(frozen=True, slots=True)
class FlexEvent:
    """A pause that was kept. Units: revenue in GBP; the final one is None until it is known. Source: W4."""

    start_at: datetime
    end_at: datetime
    estimated_gbp: Decimal
    final_gbp: Decimal | None


def plan_pause(state: State, charger: Asset, *, pause: Pause | None, now: datetime) -> State:
    """The state with a schedule's pause, which replaces the charger's earlier ones that have not begun. Source: W5."""
    known = state.pauses.get(charger.id) or ()
    kept = tuple(one for one in known if one.start_at <= now)
    agenda = state.agenda
    for one in (one for one in known if one.start_at > now):
        agenda = agenda.drop(_half_hour(one.end_at), charger.id, place=one.place)
    if pause is not None and pause.end_at > now:
        agenda, place = agenda.add(_half_hour(pause.end_at), charger.id)
        planned = PlannedPause(pause.start_at, pause.end_at, pause.price_gbp_per_mwh, _rate(state, charger), place)
        kept = (*kept, planned)
    if kept == known:
        return state
    pauses = state.pauses.put(charger.id, kept) if kept else state.pauses.drop(charger.id)
    return state._replace(agenda=agenda, pauses=pauses)


def settle(state: State, *, now: datetime) -> State:
    """The state after all that fell due until now, in order, each at its own instant. Source: W5."""
    last = _half_hour(now)
    while (half_hour := state.agenda.first) is not None and half_hour <= last:
        for asset_id in state.agenda.at(half_hour):
            state = _settle_asset(state, asset_id, at=start_of(half_hour))
        state = state._replace(agenda=state.agenda.without(half_hour))
    return state


def balance_of(state: State, site_id: str, *, now: datetime) -> Balance:
    """Raises: SiteUnknown. Source: W1."""
    site_of(state, site_id)
    settings, entries = state.reference.settings, transactions_of(state, site_id)
    withdrawn = -sum(one.credit_pence for one in entries if one.type is UserTransactionType.WITHDRAWAL)
    earned = sum(one.credit_pence for one in entries) + withdrawn
    wait_days = settings.withdrawal_min_wait_days
    since = entries[0].end_at or entries[0].start_at if entries else now
    to_wait = max(0, wait_days - (now - since) // DAY)
    return Balance(earned, withdrawn, settings.minimum_withdrawal_pence, wait_days, to_wait)


def transactions_of(state: State, site_id: str) -> Sequence[Transaction]:
    """The oldest first. Raises: SiteUnknown. Source: W2."""
    site_of(state, site_id)
    return state.transactions.get(site_id) or ()


def flex_events_of(state: State, site_id: str, *, now: datetime) -> tuple[FlexEvent, ...]:
    """Past ones only; the final revenue is the estimate's, known by the end of the next month. Source: W4.

    Raises: SiteUnknown.
    """
    found = [(one, one.end_at, one.revenue_gbp) for one in transactions_of(state, site_id)]
    return tuple(
        FlexEvent(one.start_at, end_at, revenue, revenue if now >= _known_by(end_at) else None)
        for one, end_at, revenue in found
        if end_at is not None and revenue is not None
    )


def withdraw(state: State, site_id: str, *, now: datetime) -> Outcome[int]:
    """The whole balance paid out, in pence. Raises: SiteUnknown, BelowMinimum, TooEarly. Source: W1, W3."""
    balance = balance_of(state, site_id, now=now)
    if balance.is_below_minimum or balance.pence <= 0:
        raise BelowMinimum(balance.pence, max(balance.minimum_pence, 1))
    if balance.days_to_wait:
        raise TooEarly(balance.days_to_wait)
    paid = Transaction(
        next_id(state), UserTransactionType.WITHDRAWAL, -balance.pence, now, payment_status=PaymentStatus.POSTED
    )
    return Outcome(_entered(state, site_id, paid), balance.pence, (BalanceWithdrawn(site_id, balance.pence),))


def _settle_asset(state: State, asset_id: str, *, at: datetime) -> State:
    """The asset's pauses that end at an instant taken off, each with its flex event where it was kept."""
    asset, known = asset_of(state, asset_id), state.pauses.get(asset_id) or ()
    over = [one for one in known if one.end_at == at]
    left = tuple(one for one in known if one.end_at != at)
    state = state._replace(pauses=state.pauses.put(asset_id, left) if left else state.pauses.drop(asset_id))
    for pause in over:
        if _was_in_force(state, asset.site_id, since=pause.start_at):
            state = _entered(state, asset.site_id, _flex_event(state, pause))
    return state


def _was_in_force(state: State, site_id: str, *, since: datetime) -> bool:
    """Whether limited_pause is in force, and was all the time since an instant."""
    began_at = state.pausing_since.get(site_id)
    is_in = site_of(state, site_id).standing(DispatchMethod.LIMITED_PAUSE) is Standing.IN
    return is_in and began_at is not None and began_at <= since


def _flex_event(state: State, pause: PlannedPause) -> Transaction:
    """Less import is negative; half of the revenue, in whole pence, is the user's. Source: W5, G11."""
    energy_kwh = pause.rate_kw * Decimal((pause.end_at - pause.start_at) // timedelta(minutes=1)) / 60
    revenue_gbp = energy_kwh * pause.price_gbp_per_mwh / KWH_PER_MWH
    credit = (revenue_gbp * PENCE_PER_GBP / SHARE).to_integral_value(ROUND_DOWN)
    return Transaction(
        id=next_id(state),
        type=UserTransactionType.FLEX_EVENT,
        credit_pence=int(credit),
        start_at=pause.start_at,
        end_at=pause.end_at,
        settled_on=pause.end_at.date(),
        flex_kwh=-energy_kwh,
        revenue_gbp=revenue_gbp,
    )


def _entered(state: State, site_id: str, transaction: Transaction) -> State:
    entries = (*(state.transactions.get(site_id) or ()), transaction)
    return state._replace(minted=state.minted + 1, transactions=state.transactions.put(site_id, entries))


def _rate(state: State, charger: Asset) -> Decimal:
    """The charging rate, or the usual one where none above 0 is known. Units: kW. Source: F6, W5."""
    session = state.sessions.get(charger.id)
    rate_kw = charger.power_kw if session is None or session.rate_kw is None else session.rate_kw
    return Decimal(str(rate_kw)) if rate_kw is not None and rate_kw > 0 else USUAL_RATE_KW


def _known_by(end_at: datetime) -> datetime:
    """The end of the month after the one of an instant."""
    months = end_at.year * 12 + end_at.month + 1
    year, month = divmod(months, 12)
    return datetime(min(year, datetime.max.year), month + 1, 1, tzinfo=UTC)


def _half_hour(at: datetime) -> int:
    return floor(since_dawn(at))
