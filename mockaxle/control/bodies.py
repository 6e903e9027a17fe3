"""What control's calls take. Unknown keys are refused: a misspelt one would do nothing."""

import re
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, TypeAdapter, model_validator

from mockaxle.clock import read_duration
from mockaxle.core.accounts import AccountKind
from mockaxle.core.reference import Style
from mockaxle.scenarios.fields import Days, Instant, PauseMinutes, Pence, Price, Rate, Section, Username
from mockaxle.scenarios.sections import MAX_PRICES, AccountSection, DailyWindow, PriceSection, Scenario, SingleWindow


def _duration(value: object) -> object:
    lapse = read_duration(value) if isinstance(value, str) else None
    if lapse is None:
        raise ValueError("not a duration such as 61m, 1d12h or 90s")
    return lapse


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Part = Literal["state", "clock", "market", "settings", "faults", "log"]
PARTS: tuple[Part, ...] = ("state", "clock", "market", "settings", "faults", "log")


class ResetBody(Section):
    """What to bring back; all of it where nothing is named."""

    what: Annotated[tuple[Part, ...], Field(max_length=len(PARTS))] = PARTS


class ClockBody(Section):
    """`rate` is how many seconds pass in one: 0 freezes the clock."""

    at: Instant | None = None
    rate: Rate = Decimal(1)

    def arguments(self) -> dict[str, Any]:
        return {"at": self.at.isoformat() if self.at else None, "rate": str(self.rate)}


class AdvanceBody(Section):
    """Either a duration or an instant."""

    by: Duration | None = None
    to: Instant | None = None

    @model_validator(mode="after")
    def one_of_both(self) -> "AdvanceBody":
        if (self.by is None) == (self.to is None):
            raise ValueError("needs either by or to")
        return self

    def arguments(self) -> dict[str, Any]:
        return {"to": self.to.isoformat()} if self.to else {"seconds": (self.by or timedelta()).total_seconds()}


class SettingsBody(Section):
    style: Style | None = None
    pause_minutes: PauseMinutes | None = None
    strict_time: bool | None = None
    withdrawal_memory: bool | None = None
    strict_readings: bool | None = None
    minimum_withdrawal_pence: Pence | None = None
    withdrawal_min_wait_days: Days | None = None
    consent_exempt: bool | None = None


class AccountBody(Section):
    """A further account of a world; without a password any will do."""

    username: Username
    kind: AccountKind = AccountKind.FULL
    password: Annotated[str, Field(min_length=1)] | None = None

    def section(self) -> AccountSection:
        return AccountSection(**dict(self))


def _kind_of(value: object) -> str:
    return "single" if isinstance(value, dict) and {"from_at", "to_at"} & value.keys() else "daily"


Window = DailyWindow | SingleWindow
RESET = TypeAdapter(ResetBody)
CLOCK = TypeAdapter(ClockBody)
ADVANCE = TypeAdapter(AdvanceBody)
SETTINGS = TypeAdapter(SettingsBody)
ACCOUNT = TypeAdapter(AccountBody)
WINDOW: TypeAdapter[Window] = TypeAdapter(
    Annotated[Annotated[DailyWindow, Tag("daily")] | Annotated[SingleWindow, Tag("single")], Discriminator(_kind_of)]
)


class LogQuery(Section):
    """Which entries of a log; all where nothing is named."""

    operation: str | None = None
    status: int | None = None
    site: str | None = None
    text: str | None = None
    newest_first: bool = False
    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class PriceBody(Section):
    """Units: price in GBP per MWh."""

    price_gbp_per_mwh: Price


class PricesBody(Section):
    """Prices of half-hours, for the price curves."""

    prices: Annotated[tuple[PriceSection, ...], Field(max_length=MAX_PRICES)]

    def arguments(self) -> dict[str, Any]:
        return {"prices": [one.model_dump(mode="json") for one in self.prices]}


PRICE = TypeAdapter(PriceBody)
PRICES = TypeAdapter(PricesBody)
SCENARIO = TypeAdapter(Scenario)


def window_arguments(body: Window) -> dict[str, Any]:
    """As a command takes them: JSON, with the price in exact decimals."""
    return {name: v.isoformat() if isinstance(v, datetime | time) else str(v) for name, v in body}


class ScenarioQuery(Section):
    """How a world is written."""

    format: Literal["toml", "json"] = "toml"


def known_keys(title: str) -> list[str]:
    """The keys of a body or a query by what an error calls it, which is its class or a function around that."""
    found = next((one for one in Section.__subclasses__() if re.search(rf"\b{one.__name__}\b", title)), None)
    if found is None or found in (DailyWindow, SingleWindow):
        return [*DailyWindow.model_fields, "from_at", "to_at"]
    return list(found.model_fields)
