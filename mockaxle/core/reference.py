"""Reference data of a world: meters, models, market and settings."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from mockaxle.core.awkward_deliveries import USUAL, AwkwardDeliveries
from mockaxle.core.business_days import BANK_HOLIDAYS
from mockaxle.core.home_assistant import HomeAssistantEvents
from mockaxle.core.market import Market
from mockaxle.core.receivers import Receiver
from mockaxle.core.table import Listing


class MeterAnswer(StrEnum):
    """The meter-data provider's answer for a meter point. Source: Q7, E6."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    AMBIGUOUS = "ambiguous"
    PROVIDER_DOWN = "provider_down"
    PROVIDER_TIMEOUT = "provider_timeout"


class Meter(NamedTuple):
    """A meter point of the registry; `about` is its purpose in the scenario. Source: Q7, Q8.

    An unlisted meter point is a half-hourly-settled home. `is_export` means that it measures export only.
    """

    mpan: str
    about: str = ""
    postcode: str | None = None
    address: str | None = None
    half_hourly_settled: bool = True
    domestic: bool = True
    is_export: bool = False
    answer: MeterAnswer = MeterAnswer.FOUND
    supplier_mpid: str | None = None
    supplier_name: str | None = None


class Model(NamedTuple):
    """An asset model of the catalogue. Source: Q6."""

    name: str
    cop11_qualified: bool = False
    eligibility_override: bool = False


class Style(StrEnum):
    """Whether requests and answers follow the document or the live service. Source: G9."""

    CONTRACT = "contract"
    WIRE = "wire"


class TokenTimes(StrEnum):
    """The clock of the instants in a token's text: the machine's or the world's. Source: A11."""

    MACHINE = "machine"
    WORLD = "world"


class UnknownModel(StrEnum):
    """The treatment of an unknown asset model by onboard and initialise. Source: Q5."""

    STORED = "stored"
    REFUSED = "refused"


class Baseline(StrEnum):
    """Where the baseline of a flex event comes from. Source: B2."""

    SCHEDULE = "schedule"
    HISTORY = "history"


class Unmeasured(StrEnum):
    """What a flex event counts for if no reading covers it. Source: B3."""

    AS_PLANNED = "as_planned"
    NOTHING = "nothing"


class HomeAssistantQuirks(NamedTuple):
    """What the live Home Assistant endpoint was seen to do. Units: minutes for which an ended event is still shown.

    With a heartbeat, `updated_at` moves by the minute during an event. Source: N17.
    """

    cleared_after_minutes: int = 0
    heartbeat: bool = False


class Settings(NamedTuple):
    """A world's decisions on points that the rules leave open. Units: the pause in minutes.

    Shape: user_share is the part of an event's revenue that the user gets, estimate_share the part of that which is
    paid at once.
    Source: G9, F2, F7, L5, R2, W1, A8, A11, Q5, N3, N16, N17, B2, B3, B7, B9.
    """

    style: Style = Style.CONTRACT
    pause_minutes: int = 30
    strict_time: bool = False
    withdrawal_memory: bool = True
    strict_readings: bool = False
    minimum_withdrawal_pence: int = 1000
    withdrawal_min_wait_days: int = 0
    consent_exempt: bool = False
    token_times: TokenTimes = TokenTimes.MACHINE
    unknown_model: UnknownModel = UnknownModel.STORED
    plan_follows_market: bool = False
    production_schedules: bool = False
    home_assistant_quirks: HomeAssistantQuirks = HomeAssistantQuirks()
    baseline: Baseline = Baseline.SCHEDULE
    unmeasured: Unmeasured = Unmeasured.AS_PLANNED
    user_share: Decimal = Decimal("0.5")
    estimate_share: Decimal = Decimal("1.0")
    cm_pence_per_month: int = 0
    signup_bonus_pence: int = 0

    def data(self) -> dict[str, Any]:
        """Return them as JSON data; decimals are strings."""
        written = {name: str(value) if isinstance(value, Decimal) else value for name, value in self._asdict().items()}
        return {**written, "home_assistant_quirks": self.home_assistant_quirks._asdict()}


def settings_of(data: Mapping[str, Any], *, before: Settings | None = None) -> Settings:
    """Return settings with the changes that `data` names."""
    before, quirks = before or Settings(), data.get("home_assistant_quirks") or {}
    return before._replace(**{**data, "home_assistant_quirks": before.home_assistant_quirks._replace(**quirks)})


@dataclass(frozen=True, slots=True)
class Reference:
    """Everything a world starts from, except its sites. `provider` is one answer to all meter look-ups, if set."""

    meters: Listing[Meter] = field(default_factory=lambda: meters())
    models: Listing[Model] = field(default_factory=lambda: models())
    market: Market = field(default_factory=Market)
    settings: Settings = field(default_factory=Settings)
    home_assistant: HomeAssistantEvents = field(default_factory=HomeAssistantEvents)
    provider: MeterAnswer | None = None
    receivers: tuple[Receiver, ...] = ()
    awkward_deliveries: AwkwardDeliveries = USUAL
    bank_holidays: Set[date] = BANK_HOLIDAYS

    def meter(self, mpan: str | None) -> Meter:
        """Return a site's meter. A site without an MPAN counts as not half-hourly settled."""
        if mpan is None:
            return Meter("", half_hourly_settled=False)
        return self.meters.get(mpan) or Meter(mpan)


def meters(listed: Iterable[Meter] = ()) -> Listing[Meter]:
    """Make a registry, keyed by MPAN."""
    return Listing(listed, name=lambda meter: meter.mpan)


def models(listed: Iterable[Model] = ()) -> Listing[Model]:
    """Make a catalogue, keyed by name."""
    return Listing(listed, name=lambda model: model.name)
