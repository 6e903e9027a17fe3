"""The sections of money and planned flexibility."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, StrictBool, StrictInt, model_validator

from mockaxle.core.planned_flex import MAX_RATE_KW
from mockaxle.core.records import FlexCause, MeasuredFrom, PaymentStatus, UserTransactionType
from mockaxle.core.withdrawals import ALLOWED
from mockaxle.scenarios.fields import Instant, Price, Section, Share, Text

MAX_PENCE = 10**15
Uuid = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Energy = Annotated[Decimal, Field(ge=-MAX_PENCE, le=MAX_PENCE, max_digits=40)]
"""An energy in kWh, or money in GBP."""
SortCode = Annotated[str, Field(pattern=r"^[0-9]{2}-[0-9]{2}-[0-9]{2}$")]
AccountEnding = Annotated[str, Field(pattern=r"^[0-9]{4}$")]


class BasisSection(Section):
    """What a flex event's money is computed from, written by a dump. Units: energy in kWh, price in GBP per MWh."""

    asset_id: Text
    cause: FlexCause
    price_gbp_per_mwh: Price
    baseline_kwh: Energy
    planned_kwh: Energy
    turns_up: StrictBool = False
    user_share: Share
    measured_kwh: Energy | None = None
    measured_from: MeasuredFrom | None = None


class TransactionSection(Section):
    """Money of a site, negative for a withdrawal. Units: energy in kWh, revenue in GBP.

    A flex event without final_gbp gets its final revenue when that is due. basis and event_id are written by a dump.
    """

    id: Uuid | None = None
    type: UserTransactionType = UserTransactionType.GOODWILL_CREDIT
    credit_pence: Annotated[StrictInt, Field(ge=-MAX_PENCE, le=MAX_PENCE)]
    start_at: Instant | None = None
    end_at: Instant | None = None
    settled_on: date | None = None
    flex_kwh: Energy | None = None
    revenue_gbp: Energy | None = None
    payment_status: PaymentStatus | None = None
    final_gbp: Energy | None = None
    basis: BasisSection | None = None
    event_id: Uuid | None = None


class BankAccountSection(Section):
    """The bank account that is linked to a site, with the last digits of its number."""

    sort_code: SortCode
    account_ending: AccountEnding
    linked_at: Instant | None = None


class WithdrawalSection(Section):
    """A withdrawal, written by a dump; id is that of its transaction. Without next_at it is moved by hand only."""

    id: Uuid
    site: Uuid
    pence: Annotated[StrictInt, Field(ge=0, le=MAX_PENCE)]
    at: Instant
    status: PaymentStatus
    sort_code: SortCode | None = None
    account_ending: AccountEnding | None = None
    username: Text = ""
    next_status: PaymentStatus | None = None
    next_at: Instant | None = None

    @model_validator(mode="after")
    def has_a_next_move_or_none(self) -> "WithdrawalSection":
        if (self.next_status is None) != (self.next_at is None):
            raise ValueError("needs both next_status and next_at, or neither")
        if self.next_status is not None and self.next_status not in ALLOWED[self.status]:
            raise ValueError(f"a withdrawal that is {self.status} cannot move to {self.next_status}")
        return self


class PauseSection(Section):
    """A planned pause, or other flexibility. Units: price in GBP per MWh, rate and power in kW.

    All fields from place on are written by a dump.
    """

    start_at: Instant
    end_at: Instant
    price_gbp_per_mwh: Price
    rate_kw: Annotated[Decimal, Field(ge=0, le=MAX_RATE_KW)]
    place: Annotated[StrictInt, Field(ge=0)] | None = None
    earns_nothing: StrictBool = False
    cause: FlexCause = FlexCause.PAUSE
    charging: tuple[tuple[Instant, Instant], ...] | None = None
    power_kw: Annotated[Decimal, Field(ge=-MAX_RATE_KW, le=MAX_RATE_KW)] = Decimal(0)
