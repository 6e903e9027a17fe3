"""Rewards: a site's balance, its transactions and past flex events, and withdrawals. Source: W1-W5."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from mockaxle.core.payment_errors import AccountMissing
from mockaxle.core.records import Transaction, UserTransactionType
from mockaxle.core.rule_errors import BelowMinimum, TooEarly
from mockaxle.core.state import Outcome, State, next_id, site_of, with_transaction
from mockaxle.core.timestamps import whole_second
from mockaxle.core.withdrawals import PAID_BACK
from mockaxle.core.withdrawing import begin

DAY = timedelta(days=1)


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
    """A past flex event. Units: revenue in GBP; final_gbp is None until it is known. Source: W4."""

    start_at: datetime
    end_at: datetime
    estimated_gbp: Decimal
    final_gbp: Decimal | None


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
    """Return past flex events. The final revenue is fixed at the end of the next month in UK time. Source: W4, B5.

    Raises: SiteUnknown.
    """
    found = [(one, one.end_at, one.revenue_gbp) for one in transactions_of(state, site_id)]
    return tuple(
        FlexEvent(one.start_at, end_at, revenue, one.final_gbp)
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
    return Outcome(with_transaction(state, paid, site_id=site_id), pence)
