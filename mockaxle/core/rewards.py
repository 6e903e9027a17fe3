"""Rewards: a site's balance, its transactions and past flex events, and withdrawals. Source: W1-W5."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from mockaxle.core.records import PaymentStatus, Transaction, UserTransactionType
from mockaxle.core.rule_errors import BelowMinimum, TooEarly
from mockaxle.core.state import Outcome, State, next_id, site_of, with_transaction
from mockaxle.core.timestamps import whole_second

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
    """Raises: SiteUnknown. Source: W1."""
    site_of(state, site_id)
    settings, entries = state.reference.settings, transactions_of(state, site_id)
    withdrawn = -sum(one.credit_pence for one in entries if one.type is UserTransactionType.WITHDRAWAL)
    earned = sum(one.credit_pence for one in entries) + withdrawn
    wait_days = settings.withdrawal_min_wait_days
    to_wait = _days_to_wait(entries, wait_days, now=now) if wait_days else None
    return Balance(earned, withdrawn, settings.minimum_withdrawal_pence, wait_days, to_wait)


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


def withdraw(state: State, site_id: str, *, now: datetime) -> Outcome[int]:
    """Pay out the whole balance; return it in pence. Raises: SiteUnknown, BelowMinimum, TooEarly. Source: W1, W3."""
    balance = balance_of(state, site_id, now=now)
    if balance.is_below_minimum or balance.pence <= 0:
        raise BelowMinimum(balance.pence, max(balance.minimum_pence, 1))
    if balance.days_to_wait:
        raise TooEarly(balance.days_to_wait)
    at = whole_second(now)
    paid = Transaction(
        next_id(state), UserTransactionType.WITHDRAWAL, -balance.pence, at, payment_status=PaymentStatus.POSTED
    )
    return Outcome(with_transaction(state, paid, site_id=site_id), balance.pence)
