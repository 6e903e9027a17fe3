"""What the state keeps of pauses to come and of money earned and withdrawn."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple


class UserTransactionType(StrEnum):
    """Source: W2."""

    FLEX_PERIOD = "flex period"
    FLEX_PERIOD_TOP_UP = "flex period top-up"
    FLEX_EVENT = "flex event"
    WITHDRAWAL = "withdrawal"
    INVOICE_PAID = "invoice paid"
    GOODWILL_CREDIT = "goodwill credit"
    SIGNUP_BONUS = "signup bonus"
    CORRECTION = "correction"
    VPP_SIGNUP_BONUS = "VPP Signup Bonus"
    REFERRED_CREDIT = "Referred Credit"
    REFERRER_CREDIT = "Referrer Credit"
    RECURRING_REFERRER_CREDIT = "Recurring Referrer Credit"
    FR_SC_REFERRED_CREDIT = "FR SC Referred Credit"
    FR_SC_REFERRER_CREDIT = "FR SC Referrer Credit"
    FR_SC_SIGNUP_BONUS = "FR SC Signup Bonus"


class PaymentStatus(StrEnum):
    PENDING_APPROVAL = "pending_approval"
    APPROVED = "approved"
    PROCESSING = "processing"
    POSTED = "posted"
    FAILED = "failed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    RETURNED = "returned"


class PlannedPause(NamedTuple):
    """A pause that a schedule was answered with, until it is over. Units: price in GBP per MWh, rate in kW.

    Shape: place is its place in the agenda; earns_nothing where it was cut, with what it earned entered, or overridden.
    """

    start_at: datetime
    end_at: datetime
    price_gbp_per_mwh: Decimal
    rate_kw: Decimal
    place: int
    earns_nothing: bool = False


class Transaction(NamedTuple):
    """Money of a site, negative where it leaves. Units: revenue in GBP. Source: W2, W5."""

    id: str
    type: UserTransactionType
    credit_pence: int
    start_at: datetime
    end_at: datetime | None = None
    settled_on: date | None = None
    flex_kwh: Decimal | None = None
    revenue_gbp: Decimal | None = None
    payment_status: PaymentStatus | None = None
