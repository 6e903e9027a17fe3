"""Rewards as they are answered."""

from datetime import date

from mockaxle.core.records import PaymentStatus, UserTransactionType
from mockaxle.wire.shape import Component, Id, Instant, Optional

__all__ = ["PaymentStatus", "UserTransactionType"]  # the core's own, under the components' names


class BalanceInfoResponse(Component):
    current_balance_pence: int
    total_earnings_pence: int
    minimum_withdrawal_threshold_pence: int
    withdrawal_min_wait_days: int
    can_withdraw: bool


class TransactionDatumResponse(Component):
    transaction_type: Optional[UserTransactionType] = None
    transaction_id: Id
    start_time: Optional[Instant] = None
    end_time: Optional[Instant] = None
    settlement_date: Optional[date] = None
    flex_kwh: Optional[float] = None
    credit_pence: int
    payment_status: Optional[PaymentStatus] = None


class TransactionDataResponse(Component):
    site_id: Id
    transactions: list[TransactionDatumResponse]
    is_below_withdrawal_minimum: bool = False
    days_until_minimum_wait_time_met: Optional[int] = None


class BalanceWithdrawalURLResponse(Component):
    balance_withdrawal_url: str
    url_expiry_timestamp: Instant


class FlexEventResponse(Component):
    """Units: revenue in GBP."""

    start_at: Instant
    end_at: Instant
    estimated_gross_revenue_gbp: float
    final_gross_revenue_gbp: Optional[float] = None


class SiteFlexEventsResponse(Component):
    site_id: Id
    events: list[FlexEventResponse]
