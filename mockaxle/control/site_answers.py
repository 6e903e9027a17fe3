"""What control answers on sites and their money, for the document from which clients generate types."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from mockaxle.control.answer import ControlAnswer
from mockaxle.core.eligibility import EligibilityCode
from mockaxle.core.records import (
    AssetType,
    DispatchMethod,
    FlexCause,
    MeasuredFrom,
    PaymentStatus,
    UserTransactionType,
)


class ListedWithdrawal(ControlAnswer):
    """Without next_at it is moved by hand only. Units: pence, positive."""

    transaction_id: str
    site_id: str
    pence: int
    at: AwareDatetime
    status: PaymentStatus
    sort_code: str | None
    account_ending: str | None
    next_status: PaymentStatus | None
    next_at: AwareDatetime | None


class ListedTransaction(ControlAnswer):
    """A transaction with the fields of the API's."""

    transaction_type: UserTransactionType
    transaction_id: str
    start_time: AwareDatetime
    end_time: AwareDatetime | None = None
    settlement_date: date | None = None
    flex_kwh: float | None = None
    credit_pence: int
    payment_status: PaymentStatus | None = None


class ExplainedFlexEvent(ControlAnswer):
    """What an event's money is computed from, exactly. Units: kWh, positive for an import; GBP; prices per MWh."""

    transaction_id: str
    asset_id: str
    cause: FlexCause
    start_time: AwareDatetime
    end_time: AwareDatetime
    price_gbp_per_mwh: str
    baseline_kwh: str
    measured_kwh: str | None
    measured_from: MeasuredFrom | None
    flex_kwh: str | None
    user_share: str
    estimated_gross_revenue_gbp: str
    final_gross_revenue_gbp: str | None


class ListedSite(ControlAnswer):
    """Shape: state is Active if the site is enrolled in anything, else Inactive. Units: pence."""

    site_id: str
    mpan: str | None
    postcode: str | None
    street_address: str | None
    state: Literal["Inactive", "Active"]
    dispatch_methods: list[DispatchMethod]
    asset_count: int
    balance_pence: int


class SitePage(ControlAnswer):
    """Shape: total and by_state count all sites that match."""

    sites: list[ListedSite]
    total: int
    by_state: dict[str, int]


class SiteProposition(ControlAnswer):
    """Whether a site may enrol in a proposition, and if not, the rule, the reason and the remedy."""

    dispatch_method: DispatchMethod
    state: str
    eligible: bool
    rule: str | None
    reason: str | None
    remedy: str | None


class AssetOfSite(ControlAnswer):
    """Shape: plugged_in is null if it charges no car. Units: kW, kWh."""

    asset_id: str
    external_id: str
    type: AssetType
    model: str | None
    power_kw: float | None
    capacity_kwh: float | None
    eligible_for: list[DispatchMethod]
    issues: list[EligibilityCode]
    plugged_in: bool | None
    has_plan: bool


class SiteTransition(ControlAnswer):
    """A logged call that tried to move the site.

    Shape: entry is its number, outcome as answered; enrolled_in are the dispatch methods of the site in the answer:
    after the call, or before it was offboarded.
    """

    entry: int
    at: AwareDatetime
    call: str
    dispatch_methods: list[str]
    status: int
    outcome: str | None
    created: bool
    enrolled_in: list[str]
    rules: list[str]


class SiteAnswer(ListedSite):
    """A site with all that concerns it."""

    email: str | None
    user: str | None
    consent_at: AwareDatetime | None
    propositions: list[SiteProposition]
    assets: list[AssetOfSite]
    transitions: list[SiteTransition]
    transactions: list[ListedTransaction]
    flex_events: list[ExplainedFlexEvent]
    withdrawals: list[ListedWithdrawal]
