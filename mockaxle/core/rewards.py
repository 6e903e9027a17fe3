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
from mockaxle.core.sessions import usual_rate_of
from mockaxle.core.state import State, asset_of, id_at, next_id, site_of

MAX_RATE_KW = Decimal(1_000_000)
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
    if pause is not None and pause.end_at > now and not any(_overlap(one, pause) for one in kept):
        agenda, place = agenda.add(_half_hour(pause.end_at), charger.id)
        rate_kw = min(usual_rate_of(charger, state.sessions.get(charger.id)), MAX_RATE_KW)
        planned = PlannedPause(pause.start_at, pause.end_at, pause.price_gbp_per_mwh, rate_kw, place)
        kept = (*kept, planned)
    if kept == known:
        return state
    pauses = state.pauses.put(charger.id, kept) if kept else state.pauses.drop(charger.id)
    return state._replace(agenda=agenda, pauses=pauses)


def _overlap(one: PlannedPause, other: Pause) -> bool:
    """A pause that has begun is not planned again. Source: W5."""
    return one.start_at < other.end_at and other.start_at < one.end_at


def settle(state: State, *, now: datetime) -> State:
    """The state after all that fell due until now, in order, each at its own instant. Source: W5."""
    due = state.agenda.until(_half_hour(now))
    if not due:
        return state
    settlement = _Settlement(state)
    for half_hour in due:
        for asset_id in state.agenda.at(half_hour):
            settlement.settle(asset_id, at=start_of(half_hour))
    return settlement.state(due)


def balance_of(state: State, site_id: str, *, now: datetime) -> Balance:
    """Raises: SiteUnknown. Source: W1."""
    site_of(state, site_id)
    settings, entries = state.reference.settings, transactions_of(state, site_id)
    withdrawn = -sum(one.credit_pence for one in entries if one.type is UserTransactionType.WITHDRAWAL)
    earned = sum(one.credit_pence for one in entries) + withdrawn
    wait_days = settings.withdrawal_min_wait_days
    since = min((one.start_at for one in entries), default=now)
    to_wait = max(0, wait_days - max(0, (now - since) // DAY))
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
        if one.type is UserTransactionType.FLEX_EVENT and end_at is not None and end_at <= now and revenue is not None
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


class _Settlement:
    """What falls due, gathered by asset and site, so that each is written once."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._minted = state.minted
        self._pauses: dict[str, list[PlannedPause]] = {}
        self._entries: dict[str, list[Transaction]] = {}

    def settle(self, asset_id: str, *, at: datetime) -> None:
        """The asset's pauses that end at an instant taken off, each with its flex event where it was kept."""
        if asset_id not in self._pauses:
            self._pauses[asset_id] = list(self._state.pauses.get(asset_id) or ())
        site_id = asset_of(self._state, asset_id).site_id
        for pause in [one for one in self._pauses[asset_id] if one.end_at == at]:
            self._pauses[asset_id].remove(pause)
            if _was_in_force(self._state, site_id, since=pause.start_at):
                event = _flex_event(pause, id=id_at(self._state.seed, self._minted))
                self._entries.setdefault(site_id, []).append(event)
                self._minted += 1

    def state(self, due: tuple[int, ...]) -> State:
        """The state with what was settled, and without what was due."""
        state = self._state
        pauses, transactions = state.pauses, state.transactions
        for asset_id, left in self._pauses.items():
            pauses = pauses.put(asset_id, tuple(left)) if left else pauses.drop(asset_id)
        for site_id, entries in self._entries.items():
            transactions = transactions.put(site_id, (*(transactions.get(site_id) or ()), *entries))
        agenda = state.agenda.after(due)
        return state._replace(minted=self._minted, pauses=pauses, transactions=transactions, agenda=agenda)


def _was_in_force(state: State, site_id: str, *, since: datetime) -> bool:
    """Whether limited_pause is in force, and was all the time since an instant."""
    began_at = state.pausing_since.get(site_id)
    is_in = site_of(state, site_id).standing(DispatchMethod.LIMITED_PAUSE) is Standing.IN
    return is_in and began_at is not None and began_at <= since


def _flex_event(pause: PlannedPause, *, id: str) -> Transaction:
    """Less import is negative; half of the revenue, in whole pence, is the user's. Source: W5, G11."""
    energy_kwh = pause.rate_kw * Decimal((pause.end_at - pause.start_at) // timedelta(minutes=1)) / 60
    revenue_gbp = energy_kwh * pause.price_gbp_per_mwh / KWH_PER_MWH
    credit = (revenue_gbp * PENCE_PER_GBP / SHARE).to_integral_value(ROUND_DOWN)
    return Transaction(
        id=id,
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


def _known_by(end_at: datetime) -> datetime:
    """The end of the month after the one of an instant."""
    months = end_at.year * 12 + end_at.month + 1
    year, month = divmod(months, 12)
    return datetime(min(year, datetime.max.year), month + 1, 1, tzinfo=UTC)


def _half_hour(at: datetime) -> int:
    return floor(since_dawn(at))
