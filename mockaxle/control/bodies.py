"""What control's calls take. Unknown keys are refused: a misspelt one would do nothing."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    model_validator,
)

from mockaxle.clock import read_duration
from mockaxle.core.accounts import READ_ONLY, Role
from mockaxle.core.timestamps import read_timestamp


def _duration(value: object) -> object:
    lapse = read_duration(value) if isinstance(value, str) else None
    if lapse is None:
        raise ValueError("not a duration such as 61m, 1d12h or 90s")
    return lapse


def _instant(value: object) -> object:
    read = read_timestamp(value) if isinstance(value, str) else None
    if read is None:
        raise ValueError("not an instant such as 2026-01-20T22:00:00Z")
    return read.at


def _timezone(name: str) -> str:
    if name not in available_timezones() - {"localtime", "Factory"}:
        raise ValueError("not an IANA timezone such as Europe/London")
    return name


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]
Timezone = Annotated[str, AfterValidator(_timezone)]
Price = Annotated[Decimal, Field(allow_inf_nan=False, ge=-1_000_000, le=1_000_000)]
Part = Literal["state", "clock", "market", "settings", "log"]
PARTS: tuple[Part, ...] = ("state", "clock", "market", "settings", "log")


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ResetBody(Body):
    """What to bring back; all of it where nothing is named."""

    what: Annotated[tuple[Part, ...], Field(max_length=len(PARTS))] = PARTS


class ClockBody(Body):
    """`rate` is how many seconds pass in one: 0 freezes the clock."""

    at: Instant | None = None
    rate: Annotated[Decimal, Field(allow_inf_nan=False, ge=0, le=1_000_000)] = Decimal(1)

    def arguments(self) -> dict[str, Any]:
        return {"at": self.at.isoformat() if self.at else None, "rate": str(self.rate)}


class AdvanceBody(Body):
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


class SettingsBody(Body):
    pause_minutes: Annotated[int, Field(ge=30, le=240, multiple_of=30)] | None = None
    strict_time: bool | None = None
    withdrawal_memory: bool | None = None


class AccountBody(Body):
    """A further account of a world; without a password any will do."""

    username: str
    kind: Literal["full", "read_only"] = "full"
    password: Annotated[str, Field(min_length=1)] | None = None

    @property
    def roles(self) -> tuple[Role, ...]:
        return tuple(Role) if self.kind == "full" else READ_ONLY


class DailyWindowBody(Body):
    """A window of every local date. Units: price in GBP per MWh."""

    from_time: time
    to_time: time
    price_gbp_per_mwh: Price
    timezone: Timezone = "Europe/London"

    @model_validator(mode="after")
    def two_ends(self) -> "DailyWindowBody":
        if self.from_time == self.to_time or self.from_time.tzinfo or self.to_time.tzinfo:
            raise ValueError("needs two different local times, without an offset")
        return self


class SingleWindowBody(Body):
    """A window that happens once. Units: price in GBP per MWh."""

    from_at: Instant
    to_at: Instant
    price_gbp_per_mwh: Price

    @model_validator(mode="after")
    def in_order(self) -> "SingleWindowBody":
        if self.to_at <= self.from_at:
            raise ValueError("needs to_at after from_at")
        return self


def _kind_of(value: object) -> str:
    return "single" if isinstance(value, dict) and {"from_at", "to_at"} & value.keys() else "daily"


WindowBody = DailyWindowBody | SingleWindowBody
RESET = TypeAdapter(ResetBody)
CLOCK = TypeAdapter(ClockBody)
ADVANCE = TypeAdapter(AdvanceBody)
SETTINGS = TypeAdapter(SettingsBody)
ACCOUNT = TypeAdapter(AccountBody)
WINDOW: TypeAdapter[WindowBody] = TypeAdapter(
    Annotated[
        Annotated[DailyWindowBody, Tag("daily")] | Annotated[SingleWindowBody, Tag("single")], Discriminator(_kind_of)
    ]
)


class LogQuery(Body):
    """Which entries of a log; all where nothing is named."""

    operation: str | None = None
    status: int | None = None
    site: str | None = None
    text: str | None = None
    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


def window_arguments(body: WindowBody) -> dict[str, Any]:
    """As a command takes them: JSON, with the price in exact decimals."""
    return {name: v.isoformat() if isinstance(v, datetime | time) else str(v) for name, v in body}
