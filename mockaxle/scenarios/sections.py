"""The sections of a scenario."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictBool, StrictInt, model_validator

from mockaxle.core.accounts import AccountKind
from mockaxle.core.limits import MAX_HOME_ASSISTANT_EVENTS, MAX_SITES
from mockaxle.core.local_time import LONDON
from mockaxle.core.planner import ChargingMode
from mockaxle.core.reading_labels import ReadingDataPointLabel
from mockaxle.core.receivers import MAX_RECEIVERS
from mockaxle.core.records import (
    AssetType,
    DispatchMethod,
)
from mockaxle.core.reference import Baseline, MeterAnswer, Style, TokenTimes, UnknownModel, Unmeasured
from mockaxle.core.tariffs import TariffType
from mockaxle.scenarios.fields import (
    SECRET,
    Days,
    Instant,
    Number,
    PauseMinutes,
    Pence,
    Price,
    Quantity,
    Rate,
    Section,
    Share,
    Text,
    Timezone,
    Username,
)
from mockaxle.scenarios.money_sections import (
    MAX_PENCE,
    BankAccountSection,
    PauseSection,
    TransactionSection,
    Uuid,
    WithdrawalSection,
)
from mockaxle.scenarios.receivers import ReceiverSection

MAX_WINDOWS = 100
MAX_QUIRK_MINUTES = 24 * 60
MAX_PRICES = 10_000
MAX_PLANNED = 2_000  # of an asset
MAX_WITHDRAWALS = 10 * MAX_SITES

Mpan = Annotated[str, Field(pattern=r"^[0-9]{13}$")]
Standings = dict[DispatchMethod, Literal["out", "in", "withdrawn"]]


def on_half_hour(at: datetime) -> datetime:
    if at.minute % 30 or at.second or at.microsecond:
        raise ValueError("not on a half-hour such as 17:30:00Z")
    return at


class QuirksSection(Section):
    """What the live Home Assistant endpoint was seen to do. Units: minutes for which an ended event is still shown."""

    cleared_after_minutes: Annotated[StrictInt, Field(ge=0, le=MAX_QUIRK_MINUTES)] = 0
    heartbeat: StrictBool = False


class SettingsSection(Section):
    """Decisions on points that the rules leave open."""

    style: Style = Style.CONTRACT
    pause_minutes: PauseMinutes = 30
    strict_time: StrictBool = False
    withdrawal_memory: StrictBool = True
    strict_readings: StrictBool = False
    minimum_withdrawal_pence: Pence = 1000
    withdrawal_min_wait_days: Days = 0
    consent_exempt: StrictBool = False
    token_times: TokenTimes = TokenTimes.MACHINE
    unknown_model: UnknownModel = UnknownModel.STORED
    plan_follows_market: StrictBool = False
    production_schedules: StrictBool = False
    home_assistant_quirks: QuirksSection = QuirksSection()
    baseline: Baseline = Baseline.SCHEDULE
    unmeasured: Unmeasured = Unmeasured.AS_PLANNED
    user_share: Share = Decimal("0.5")
    estimate_share: Share = Decimal("1.0")
    cm_pence_per_month: Pence = 0
    signup_bonus_pence: Pence = 0


class ClockSection(Section):
    """The time at which the world starts, and the rate of its clock: 0 freezes it."""

    at: Instant | None = None
    rate: Rate = Decimal(1)


class CountersSection(Section):
    """Counters of a dump, from which the next ids are made; month_ends_at is the end of its month in UK time."""

    seed: Annotated[str, Field(pattern=r"^([0-9a-f]{2}){1,64}$")]
    ids: Annotated[StrictInt, Field(ge=0, lt=1 << 63)] = 0
    windows: Annotated[StrictInt, Field(ge=0, lt=1 << 63)] = 0
    home_assistant_events: Annotated[StrictInt, Field(ge=0, lt=1 << 63)] = 0
    periods: Annotated[StrictInt, Field(ge=0, lt=1 << 63)] = 0
    month_ends_at: Instant | None = None


class AccountSection(Section):
    """An account. Without a password it accepts any; without a world it gets its own."""

    username: Username
    password: Annotated[Annotated[Text, Field(min_length=1)] | None, SECRET] = None
    kind: AccountKind = AccountKind.FULL
    world: Username | None = None


class MeterSection(Section):
    """A meter point of the registry. `about` is its purpose."""

    mpan: Mpan
    about: Text = ""
    postcode: Text | None = None
    address: Text | None = None
    half_hourly_settled: StrictBool = True
    domestic: StrictBool = True
    is_export: StrictBool = False
    answer: MeterAnswer = MeterAnswer.FOUND
    supplier_mpid: Text | None = None
    supplier_name: Text | None = None


class ModelSection(Section):
    """An asset model of the catalogue."""

    name: Text
    cop11_qualified: StrictBool = False
    eligibility_override: StrictBool = False


class HomeAssistantSection(Section):
    """An event of the Home Assistant integration. It is hidden before updated_at, by default the world's start."""

    id: Text = ""
    start_at: Instant
    end_at: Instant
    import_export: Literal["import", "export"]
    updated_at: Instant | None = None
    opted_out: StrictBool = False

    @model_validator(mode="after")
    def in_order(self) -> "HomeAssistantSection":
        if self.end_at <= self.start_at:
            raise ValueError("needs end_at after start_at")
        return self


class DailyWindow(Section):
    """A flex window of every local date. Units: price in GBP per MWh."""

    from_time: time
    to_time: time
    price_gbp_per_mwh: Price
    timezone: Timezone = LONDON

    @model_validator(mode="after")
    def two_ends(self) -> "DailyWindow":
        if self.from_time == self.to_time or self.from_time.tzinfo or self.to_time.tzinfo:
            raise ValueError("needs two different local times, without an offset")
        return self


class SingleWindow(Section):
    """A flex window that occurs once. Units: price in GBP per MWh."""

    from_at: Instant
    to_at: Instant
    price_gbp_per_mwh: Price

    @model_validator(mode="after")
    def in_order(self) -> "SingleWindow":
        if self.to_at <= self.from_at:
            raise ValueError("needs to_at after from_at")
        return self


class DailyWindowSection(DailyWindow):
    id: Text = ""


class SingleWindowSection(SingleWindow):
    id: Text = ""


class PriceSection(Section):
    """The price of a half-hour in the price curves (P1). The optimiser ignores it. Units: GBP per MWh."""

    at: Annotated[Instant, AfterValidator(on_half_hour)]
    price_gbp_per_mwh: Price


class TariffSection(Section):
    """A site's tariff with its cheap hours, in local times of London."""

    type: TariffType
    cheap_from: time | None = None
    cheap_to: time | None = None


class SiteSection(Section):
    """A property, identified by its MPAN or the user of its component tokens.

    A missing id is made. A dispatch method that is not named is out.

    A balance is entered as a goodwill credit, in addition to the transactions. pausing_since is when the site entered
    limited_pause, by default the scenario's start; enrolled_at is when it first entered a proposition.
    """

    id: Uuid | None = None
    mpan: Mpan | None = None
    user: Text | None = None
    postcode: Text | None = None
    street_address: Text | None = None
    email: Text | None = None
    gave_boundary_meter_consent_at: Instant | None = None
    dispatch_methods: Standings = Field(default_factory=dict)
    pausing_since: Instant | None = None
    enrolled_at: Instant | None = None
    tariff: TariffSection | None = None
    balance_pence: Annotated[StrictInt, Field(ge=0, le=MAX_PENCE)] = 0
    transactions: tuple[TransactionSection, ...] = ()
    linked: tuple[Text, ...] = ()
    bank_account: BankAccountSection | None = None


class IntentSection(Section):
    """A driver's intent. Units: energy in kWh."""

    energy_required_kwh: Number
    ready_by: Instant
    ready_by_local_time: time | None = None
    energy_estimated: StrictBool | None = None
    may_charge_peak: StrictBool = False
    charging_mode: ChargingMode = ChargingMode.MAXIMISE


class OffPeakSection(Section):
    """Off-peak times such as 23:30-05:30,13:00-14:00."""

    off_peak_times: Text
    timezone: Text = LONDON
    tariff_type: TariffType | None = None


class PlanSection(Section):
    """A charging plan, written by a dump. Shape: pairs of instants between which the car charges."""

    number: Annotated[StrictInt, Field(ge=1, lt=1 << 63)]
    start_at: Instant
    ready_at: Instant
    charging: tuple[tuple[Instant, Instant], ...] = ()


class SessionSection(Section):
    """A car's charging session. Without `plans`, the plan of a plugged-in car is made. Units: rate in kW."""

    plugged_in_at: Instant | None = None
    present_since: Instant | None = None
    charging_rate_kw: Number | None = None
    intent: IntentSection | None = None
    intent_received_at: Instant | None = None
    intent_stands: StrictBool = True
    charge_now_at: Instant | None = None
    charge_now_until: Instant | None = None
    tariff: OffPeakSection | None = None
    plan: PlanSection | None = None
    plans: Annotated[StrictInt, Field(ge=0, lt=1 << 63)] | None = None


class AssetSection(Section):
    """A device at a site. `site` is the site's MPAN, user or id. Units: power in kW, capacity in kWh."""

    id: Uuid | None = None
    site: Text
    external_id: Text
    type: AssetType
    power_kw: Quantity | None = None
    capacity_kwh: Quantity | None = None
    asset_model: Text | None = None
    installation_date: date | None = None
    created_at: Instant | None = None
    session: SessionSection | None = None
    pauses: Annotated[tuple[PauseSection, ...], Field(max_length=MAX_PLANNED)] = ()
    registers: dict[ReadingDataPointLabel, tuple[tuple[Instant, Number], ...]] = Field(default_factory=dict)
    intervals: dict[ReadingDataPointLabel, tuple[tuple[Instant, Instant, Number], ...]] = Field(default_factory=dict)


class PortfolioSection(Section):
    """Many similar sites, each with a charger. MPANs count up from first_mpan, external ids from 1."""

    count: Annotated[StrictInt, Field(ge=1, le=MAX_SITES)]
    name: Text
    first_mpan: Annotated[str, Field(pattern=r"^[0-9]{12}$")] = "200000000000"
    postcode: Text = "M1 1AE"
    gave_boundary_meter_consent_at: Instant | None = None
    dispatch_methods: Standings = Field(default_factory=dict)
    power_kw: Quantity = 7.4


class Scenario(Section):
    """The start of a world. Missing meters, models and windows are those of the default scenario.

    home_assistant_withdrawn is the event that was withdrawn last, written by a dump.
    """

    settings: SettingsSection = SettingsSection()
    clock: ClockSection | None = None
    counters: CountersSection | None = None
    accounts: Annotated[tuple[AccountSection, ...], Field(max_length=100), SECRET] = ()
    meters: Annotated[tuple[MeterSection, ...], Field(max_length=10_000)] | None = None
    models: Annotated[tuple[ModelSection, ...], Field(max_length=1_000)] | None = None
    daily_windows: Annotated[tuple[DailyWindowSection, ...], Field(max_length=MAX_WINDOWS)] | None = None
    single_windows: Annotated[tuple[SingleWindowSection, ...], Field(max_length=MAX_WINDOWS)] | None = None
    prices: Annotated[tuple[PriceSection, ...], Field(max_length=MAX_PRICES)] = ()
    home_assistant_events: Annotated[tuple[HomeAssistantSection, ...], Field(max_length=MAX_HOME_ASSISTANT_EVENTS)] = ()
    home_assistant_withdrawn: HomeAssistantSection | None = None
    sites: Annotated[tuple[SiteSection, ...], Field(max_length=MAX_SITES)] = ()
    assets: Annotated[tuple[AssetSection, ...], Field(max_length=2 * MAX_SITES)] = ()
    withdrawals: Annotated[tuple[WithdrawalSection, ...], Field(max_length=MAX_WITHDRAWALS)] = ()
    receivers: Annotated[tuple[ReceiverSection, ...], Field(max_length=MAX_RECEIVERS)] = ()
    portfolios: Annotated[tuple[PortfolioSection, ...], Field(max_length=100)] = ()
