"""Rewards: pauses earn money when they end, and the balance can be withdrawn. Source: W1-W5."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from mockaxle.core.agenda import Agenda
from mockaxle.core.half_hours import floor, since_dawn, start_of
from mockaxle.core.optimiser import Pause
from mockaxle.core.payment_errors import AccountMissing
from mockaxle.core.records import (
    DispatchMethod,
    PlannedPause,
    Session,
    Standing,
    Transaction,
    UserTransactionType,
)
from mockaxle.core.rule_errors import BelowMinimum, TooEarly
from mockaxle.core.state import Outcome, State, asset_of, id_at, next_id, site_of
from mockaxle.core.timestamps import whole_second
from mockaxle.core.withdrawals import PAID_BACK
from mockaxle.core.withdrawing import begin, carry_out_due, is_due

MAX_RATE_KW = Decimal(1_000_000)
SHARE = 2  # the user gets half of the revenue
PENCE_PER_GBP, KWH_PER_MWH = 100, 1000
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
SECONDS_PER_HOUR = 3600


class Balance(NamedTuple):
    """Units: pence, days. Shape: days_to_wait is None if no wait is configured. Source: W1."""

    earned_pence: int
    withdrawn_pence: int
    minimum_pence: int
    wait_days: int
    days_to_wait: int | None

    @property
    def pence(self) -> int:
        return self.earned_pence - self.withdrawn_pence

    @property
    def is_below_minimum(self) -> bool:
        return self.pence < self.minimum_pence

    @property
    def can_withdraw(self) -> bool:
        return self.pence > 0 and not self.is_below_minimum and not self.days_to_wait


class FlexEvent(NamedTuple):
    """A pause that was carried out. Units: revenue in GBP; final_gbp is None until it is known. Source: W4."""

    start_at: datetime
    end_at: datetime
    estimated_gbp: Decimal
    final_gbp: Decimal | None


def plan_pause(state: State, asset_id: str, *, pause: Pause | None, rate_kw: Decimal, now: datetime) -> State:
    """Plan a schedule's pause. It replaces the charger's earlier pauses that have not begun. Source: W5.

    A pause that has begun already earns from now on.
    """
    known = state.pauses.get(asset_id) or ()
    kept = tuple([one for one in known if one.start_at <= now])
    if pause is None or pause.end_at <= now or any(_overlap(one, pause) for one in kept):
        return _with_pauses(state, asset_id, kept)
    agenda, place = _without(state.agenda, known, kept=kept).add(_half_hour(pause.end_at), asset_id)
    start_at = max(pause.start_at, whole_second(now))
    planned = PlannedPause(start_at, pause.end_at, pause.price_gbp_per_mwh, min(rate_kw, MAX_RATE_KW), place)
    return state._replace(agenda=agenda, pauses=state.pauses.put(asset_id, (*kept, planned)))


def unplug(state: State, asset_id: str, *, now: datetime) -> State:
    """Drop the pauses that have not begun and cut the running one, as on a plug-out. Source: W5."""
    begun = tuple(one for one in state.pauses.get(asset_id) or () if one.start_at < now)
    return cut_pauses(_with_pauses(state, asset_id, begun), asset_id, now=now)


def cut_pauses(state: State, asset_id: str, *, now: datetime) -> State:
    """End the running pause now and enter its earnings. Source: W5, G10."""
    at, site_id = whole_second(now), asset_of(state, asset_id).site_id
    for pause in _running(state, asset_id, now=now):
        if pause.start_at < at and _earns(state, asset_id, pause):
            state = _entered(state, site_id, _flex_event(pause._replace(end_at=at), id=next_id(state)))
    return _without_earnings(state, asset_id, pauses=_running(state, asset_id, now=now))


def judge_pauses(state: State, asset_id: str, *, now: datetime) -> State:
    """Mark the running pauses that a charge-now overrode, before the charge-now changes. Source: W5."""
    running = _running(state, asset_id, now=now)
    session = state.sessions.get(asset_id)
    return _without_earnings(state, asset_id, pauses=[one for one in running if _is_overridden(one, session)])


def _running(state: State, asset_id: str, *, now: datetime) -> list[PlannedPause]:
    return [one for one in state.pauses.get(asset_id) or () if one.start_at <= now and not one.earns_nothing]


def _earns(state: State, asset_id: str, pause: PlannedPause) -> bool:
    """Source: W5."""
    if pause.earns_nothing or _is_overridden(pause, state.sessions.get(asset_id)):
        return False
    return _was_in_force(state, asset_of(state, asset_id).site_id, since=pause.start_at)


def _is_overridden(pause: PlannedPause, session: Session | None) -> bool:
    """Tell whether a charge-now covers the start of the pause. Source: W5."""
    if session is None or session.charge_now_until is None:
        return False
    began_at = session.charge_now_at or pause.start_at
    return began_at <= pause.start_at < session.charge_now_until


def _without_earnings(state: State, asset_id: str, *, pauses: Sequence[PlannedPause]) -> State:
    """Mark pauses as earning nothing. They are kept until their end, so that they are not planned again."""
    if not pauses:
        return state
    known = state.pauses.get(asset_id) or ()
    marked = tuple(one._replace(earns_nothing=True) if one in pauses else one for one in known)
    return state._replace(pauses=state.pauses.put(asset_id, marked))


def _with_pauses(state: State, asset_id: str, kept: tuple[PlannedPause, ...]) -> State:
    """Reduce an asset's pauses to those kept."""
    known = state.pauses.get(asset_id) or ()
    if kept == known:
        return state
    pauses = state.pauses.put(asset_id, kept) if kept else state.pauses.drop(asset_id)
    return state._replace(agenda=_without(state.agenda, known, kept=kept), pauses=pauses)


def _without(agenda: Agenda, known: tuple[PlannedPause, ...], *, kept: tuple[PlannedPause, ...]) -> Agenda:
    """Drop the pauses that are not kept."""
    for one in known:
        if one not in kept:
            agenda = agenda.drop(_half_hour(one.end_at), place=one.place)
    return agenda


def _overlap(one: PlannedPause, other: Pause) -> bool:
    """Tell whether two pauses overlap; a pause that has begun is not planned again. Source: W5."""
    return one.start_at < other.end_at and other.start_at < one.end_at


def settle(state: State, *, now: datetime) -> State:
    """Settle all pauses that ended until now, and move the withdrawals that are due. Source: W5, B10.

    Each happens in order, at its own instant.
    """
    due = state.agenda.until(_half_hour(now)) if state.agenda.half_hours else ()
    if due:
        settlement = _Settlement(state)
        for half_hour in due:
            for asset_id in state.agenda.at(half_hour):
                settlement.settle(asset_id, at=start_of(half_hour))
        state = settlement.state(due)
    return carry_out_due(state, now=now) if is_due(state, now=now) else state


def balance_of(state: State, site_id: str, *, now: datetime) -> Balance:
    """Return a site's balance; withdrawals that gave the money back do not count. Source: W1, B11.

    Raises: SiteUnknown.
    """
    settings, entries = state.reference.settings, transactions_of(state, site_id)
    earned, withdrawn = _sums(entries)
    wait_days = settings.withdrawal_min_wait_days
    to_wait = _days_to_wait(entries, wait_days, now=now) if wait_days else None
    return Balance(earned, withdrawn, settings.minimum_withdrawal_pence, wait_days, to_wait)


def balance_pence(state: State, site_id: str) -> int:
    """Return a site's balance alone. Raises: SiteUnknown. Source: W1, B11."""
    earned, withdrawn = _sums(transactions_of(state, site_id))
    return earned - withdrawn


def _sums(entries: Sequence[Transaction]) -> tuple[int, int]:
    """Return the pence earned, and those of the withdrawals that have not given the money back."""
    earned = sum(one.credit_pence for one in entries if one.type is not UserTransactionType.WITHDRAWAL)
    paid_out = [one for one in entries if one.type is UserTransactionType.WITHDRAWAL]
    return earned, -sum(one.credit_pence for one in paid_out if one.payment_status not in PAID_BACK)


def _days_to_wait(entries: Sequence[Transaction], wait_days: int, *, now: datetime) -> int:
    """Return the days left to wait, counted from the first reward. Source: W1."""
    rewards = (one.start_at for one in entries if one.type is not UserTransactionType.WITHDRAWAL)
    return max(0, wait_days - max(0, (now - min(rewards, default=now)) // DAY))


def transactions_of(state: State, site_id: str) -> Sequence[Transaction]:
    """Return a site's transactions, oldest first. Raises: SiteUnknown. Source: W2."""
    site_of(state, site_id)
    return state.transactions.get(site_id) or ()


def flex_events_of(state: State, site_id: str, *, now: datetime) -> tuple[FlexEvent, ...]:
    """Return past flex events. The final revenue equals the estimate, known by the end of the next month. Source: W4.

    Raises: SiteUnknown.
    """
    found = [(one, one.end_at, one.revenue_gbp) for one in transactions_of(state, site_id)]
    return tuple(
        FlexEvent(one.start_at, end_at, revenue, revenue if now >= _known_by(end_at) else None)
        for one, end_at, revenue in found
        if one.type is UserTransactionType.FLEX_EVENT and end_at is not None and end_at <= now and revenue is not None
    )


def withdraw(state: State, site_id: str, *, username: str, now: datetime) -> Outcome[int]:
    """Begin to pay out the whole balance; return it in pence. Source: W1, W3, B10.

    Raises: SiteUnknown, AccountMissing, BelowMinimum, TooEarly.
    """
    balance, account = balance_of(state, site_id, now=now), state.bank_accounts.get(site_id)
    if account is None:
        raise AccountMissing()
    if balance.is_below_minimum or balance.pence <= 0:
        raise BelowMinimum(balance.pence, max(balance.minimum_pence, 1))
    if balance.days_to_wait:
        raise TooEarly(balance.days_to_wait)
    id, pence = next_id(state), balance.pence
    state = begin(state, site_id, id=id, pence=pence, account=account, username=username, now=now)
    begun = state.withdrawals.by_id.get(id)
    status = begun.status if begun else None
    paid = Transaction(id, UserTransactionType.WITHDRAWAL, -pence, whole_second(now), payment_status=status)
    return Outcome(_entered(state, site_id, paid), pence)


class _Settlement:
    """Changes gathered by asset and site, so that each is written once."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._minted = state.minted
        self._pauses: dict[str, list[PlannedPause]] = {}
        self._entries: dict[str, list[Transaction]] = {}

    def settle(self, asset_id: str, *, at: datetime) -> None:
        """Remove the asset's pauses that end at an instant, and enter flex events for those carried out."""
        if asset_id not in self._pauses:
            self._pauses[asset_id] = list(self._state.pauses.get(asset_id) or ())
        site_id = asset_of(self._state, asset_id).site_id
        for pause in [one for one in self._pauses[asset_id] if one.end_at == at]:
            self._pauses[asset_id].remove(pause)
            if _earns(self._state, asset_id, pause):
                event = _flex_event(pause, id=id_at(self._state.seed, self._minted))
                self._entries.setdefault(site_id, []).append(event)
                self._minted += 1

    def state(self, due: tuple[int, ...]) -> State:
        """Return the state after the settlement, without the half-hours that were due."""
        state = self._state
        pauses, transactions = state.pauses, state.transactions
        for asset_id, left in self._pauses.items():
            pauses = pauses.put(asset_id, tuple(left)) if left else pauses.drop(asset_id)
        for site_id, entries in self._entries.items():
            transactions = transactions.put(site_id, (*(transactions.get(site_id) or ()), *entries))
        agenda = state.agenda.after(due)
        return state._replace(minted=self._minted, pauses=pauses, transactions=transactions, agenda=agenda)


def _was_in_force(state: State, site_id: str, *, since: datetime) -> bool:
    """Tell whether the site has been in limited_pause all the time since an instant."""
    site = site_of(state, site_id)
    is_in = site.standing(DispatchMethod.LIMITED_PAUSE) is Standing.IN
    return is_in and site.pausing_since is not None and site.pausing_since <= since


def _flex_event(pause: PlannedPause, *, id: str) -> Transaction:
    """Enter less import as negative energy, and credit the user half of the revenue, rounded. Source: W5, G11."""
    energy_kwh = Fraction(pause.rate_kw) * Fraction((pause.end_at - pause.start_at) // SECOND, SECONDS_PER_HOUR)
    revenue_gbp = energy_kwh * Fraction(pause.price_gbp_per_mwh) / KWH_PER_MWH
    return Transaction(
        id=id,
        type=UserTransactionType.FLEX_EVENT,
        credit_pence=_to_the_nearest(revenue_gbp * PENCE_PER_GBP / SHARE),
        start_at=pause.start_at,
        end_at=pause.end_at,
        settled_on=pause.end_at.date(),
        flex_kwh=-_decimal(energy_kwh),
        revenue_gbp=_decimal(revenue_gbp),
    )


def _to_the_nearest(pence: Fraction) -> int:
    """Round, with halves away from zero. Source: W5."""
    rounded = int(abs(pence) + Fraction(1, 2))
    return rounded if pence > 0 else -rounded


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


def _entered(state: State, site_id: str, transaction: Transaction) -> State:
    entries = (*(state.transactions.get(site_id) or ()), transaction)
    return state._replace(minted=state.minted + 1, transactions=state.transactions.put(site_id, entries))


def _known_by(end_at: datetime) -> datetime:
    """Return the end of the month after that of an instant."""
    months = end_at.year * 12 + end_at.month + 1
    year, month = divmod(months, 12)
    return datetime(min(year, datetime.max.year), month + 1, 1, tzinfo=UTC)


def _half_hour(at: datetime) -> int:
    return floor(since_dawn(at))
