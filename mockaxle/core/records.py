"""The records of a world: frozen, and made of scalars, tuples and other frozen records only."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Literal, NamedTuple, get_args

from mockaxle.core.tariffs import OffPeak, Span, Tariff


class AssetType(StrEnum):
    BOUNDARY_METER = "boundary meter"
    CHARGER = "charger"
    BATTERY = "battery"
    HEAT_PUMP = "heat pump"
    HOT_WATER_TANK = "hot water tank"
    FREQUENCY_METER = "frequency meter"
    ELECTRIC_VEHICLE = "electric_vehicle"
    PV_INVERTER = "pv inverter"


CREATABLE = (
    AssetType.CHARGER,
    AssetType.BATTERY,
    AssetType.HEAT_PUMP,
    AssetType.ELECTRIC_VEHICLE,
    AssetType.HOT_WATER_TANK,
)
"""Source: U13."""


CARS = (AssetType.CHARGER, AssetType.ELECTRIC_VEHICLE)
"""The types of assets that charge a car."""


class DispatchMethod(StrEnum):
    """How a site's assets are dispatched; the two that can be enrolled in are propositions. Source: L2."""

    CM_INFREQUENT_DISPATCH = "cm_infrequent_dispatch"
    FULL_ASSET_SCHEDULE_CONTROL = "full_asset_schedule_control"
    LIMITED_PAUSE = "limited_pause"
    VPP_LIMITED_CONTROL = "vpp_limited_control"


class EnergyMarket(StrEnum):
    """The markets where a site's flexibility is sold."""

    CM = "cm"
    WHOLESALE = "wholesale"


class Standing(StrEnum):
    """The state of a site in one dispatch method. Source: L0."""

    ABSENT = "absent"
    OUT = "out"
    IN = "in"
    WITHDRAWN = "withdrawn"


Proposition = Literal[DispatchMethod.LIMITED_PAUSE, DispatchMethod.FULL_ASSET_SCHEDULE_CONTROL]
PROPOSITIONS: tuple[Proposition, ...] = get_args(Proposition)
NOWHERE = (Standing.OUT,) * len(DispatchMethod)
_COLUMN = {method: column for column, method in enumerate(DispatchMethod)}


class Site(NamedTuple):
    """A property. Shape: standings has one entry per DispatchMethod, in its order; places as in Order.

    A site created by a component token has a user, and at first no MPAN and no postcode (A7, U5). `pausing_since` is
    when the site last entered limited_pause (W5), `enrolled_at` when it first entered a proposition (B9).
    """

    id: str
    place: int
    mpan: str | None
    postcode: str | None
    postcode_place: int = 0
    street_address: str | None = None
    email: str | None = None
    consent_at: datetime | None = None
    tariff: Tariff | None = None
    standings: tuple[Standing, ...] = NOWHERE
    pausing_since: datetime | None = None
    enrolled_at: datetime | None = None
    asset_ids: tuple[str, ...] = ()
    user: str | None = None

    def standing(self, method: DispatchMethod) -> Standing:
        return self.standings[_COLUMN[method]]

    def moved(self, method: DispatchMethod, to: Standing) -> tuple[Standing, ...]:
        """Change one of the standings. Equal tuples are shared."""
        return _moved(self.standings, method, to)

    @property
    def methods_in(self) -> tuple[DispatchMethod, ...]:
        return _methods_in(self.standings)


@lru_cache(maxsize=4096)
def _moved(standings: tuple[Standing, ...], method: DispatchMethod, to: Standing) -> tuple[Standing, ...]:
    column = _COLUMN[method]
    return (*standings[:column], to, *standings[column + 1 :])


@lru_cache(maxsize=256)
def _methods_in(standings: tuple[Standing, ...]) -> tuple[DispatchMethod, ...]:
    return tuple(m for m, s in zip(DispatchMethod, standings, strict=True) if s is Standing.IN)


class Asset(NamedTuple):
    """A device at a site. Units: power in kW, capacity in kWh."""

    id: str
    place: int
    site_id: str
    external_id: str
    type: AssetType
    created_at: datetime
    power_kw: float | None = None
    capacity_kwh: float | None = None
    model: str | None = None
    installed_on: date | None = None


@dataclass(frozen=True, slots=True)
class ChargingPlan:
    """The times at which a car charges. Shape: aware UTC; spans in order and apart; number counts plans from 1."""

    number: int
    start_at: datetime
    ready_at: datetime
    charging: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Intent:
    """A driver's intent: energy and ready-by time. Units: energy in kWh. Source: C4."""

    energy_required_kwh: float
    ready_by: datetime
    ready_by_local_time: time | None = None
    energy_estimated: bool | None = None
    may_charge_peak: bool = False
    charging_mode: str = "maximise_charging_time"


@dataclass(frozen=True, slots=True)
class Session:
    """A charging session. The last intent counts until a plug-out. Units: rate in kW.

    Shape: present_since is the first plug-in event since the last plug-out. plans is their number; charge_now_at is
    when the charge-now came, None if a scenario does not say.
    """

    plugged_in_at: datetime | None = None
    present_since: datetime | None = None
    rate_kw: float | None = None
    intent: Intent | None = None
    intent_at: datetime | None = None
    intent_stands: bool = False
    charge_now_at: datetime | None = None
    charge_now_until: datetime | None = None
    off_peak: OffPeak | None = None
    plan: ChargingPlan | None = None
    plans: int = 0


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


class FlexCause(StrEnum):
    """Why an asset gives flexibility. Source: B1."""

    PAUSE = "pause"
    SHIFT = "shift"
    DISPATCH = "dispatch"


class PlannedFlex(NamedTuple):
    """A time at which an asset is to give flexibility, which has not ended. Source: B1.

    Units: price in GBP per MWh, rate and power in kW. Shape: `charging` are the times in which the car would have
    charged at its rate, None for all of it; power is that of the asset during the event, positive for an import. place
    is its place in the agenda. earns_nothing if it was cut (its event is recorded) or overridden.
    """

    start_at: datetime
    end_at: datetime
    price_gbp_per_mwh: Decimal
    rate_kw: Decimal
    place: int
    earns_nothing: bool = False
    cause: FlexCause = FlexCause.PAUSE
    charging: tuple[Span, ...] | None = None
    power_kw: Decimal = Decimal(0)


class MeasuredFrom(StrEnum):
    """The readings from which an event is measured. Source: B3."""

    BOUNDARY = "boundary"
    ASSET = "asset"


class FlexBasis(NamedTuple):
    """What a flex event's money is computed from. Units: energy in kWh, price in GBP per MWh. Source: B1-B7.

    Shape: measured_kwh is None if no reading covers any of the event; user_share is that of the event's instant.
    """

    asset_id: str
    cause: FlexCause
    price_gbp_per_mwh: Decimal
    baseline_kwh: Decimal
    planned_kwh: Decimal
    turns_up: bool
    user_share: Decimal
    measured_kwh: Decimal | None = None
    measured_from: MeasuredFrom | None = None


class Transaction(NamedTuple):
    """Money of a site, negative for money paid out. Units: energy in kWh, revenue in GBP. Source: W2, W5, B5, B7.

    Shape: revenue_gbp is an event's estimate, final_gbp its final revenue. event_id is the event that a top-up or a
    correction belongs to.
    """

    id: str
    type: UserTransactionType
    credit_pence: int
    start_at: datetime
    end_at: datetime | None = None
    settled_on: date | None = None
    flex_kwh: Decimal | None = None
    revenue_gbp: Decimal | None = None
    payment_status: PaymentStatus | None = None
    final_gbp: Decimal | None = None
    basis: FlexBasis | None = None
    event_id: str | None = None
