"""The bodies of requests. Texts, numbers and truth values are not converted, and null is none of them. Source: G9."""

import re
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from tests.foreign.instants import Day, Instant, read_instant

Proposition: TypeAlias = Literal["limited_pause", "full_asset_schedule_control"]
AssetType: TypeAlias = Literal["charger", "battery", "heat pump", "electric_vehicle", "hot water tank"]
POSTCODE = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})")


def spell_postcode(text: str) -> str:
    """Write a UK postcode in upper case with one space. Source: U9."""
    found = POSTCODE.fullmatch("".join(text.upper().split()))
    return f"{found[1]} {found[2]}" if found else text.strip().upper()


class Body(BaseModel):
    model_config = ConfigDict(strict=True)

    @field_validator("*", mode="before")
    @classmethod
    def refuse_null(cls, value: object) -> object:
        """Raises: ValueError."""
        if value is None:
            raise ValueError("none is not an allowed value")
        return value


class LogInForm(Body):
    username: str
    password: str
    grant_type: Literal["password"] = "password"


class SiteBody(Body):
    mpan: str
    postcode: Annotated[str, AfterValidator(spell_postcode)]
    street_address: str | None = None
    email: str | None = None
    gave_boundary_meter_consent_at: Instant | None = None


class PropertiesBody(Body):
    power_kw: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    capacity_kwh: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None


class AssetBody(Body):
    external_id: str
    type: AssetType
    properties: PropertiesBody = PropertiesBody()
    asset_model: str | None = None
    installation_date: Day | None = None


class InitialiseBody(Body):
    site: SiteBody
    assets: list[AssetBody]


class OnboardBody(InitialiseBody):
    proposition: Proposition
    override_withdrawal: bool = False


class UnenrolBody(Body):
    proposition: Proposition


class EnrolBody(UnenrolBody):
    override_withdrawal: bool = False
    gave_boundary_meter_consent_at: Instant | None = None


class MpanBody(Body):
    mpan: str


class EligibilityBody(MpanBody):
    asset_model: str | None = None


class Block(Body):
    """A time in which charging is allowed. Source: F1, F8."""

    start_timestamp: str
    end_timestamp: str

    @field_validator("start_timestamp", "end_timestamp")
    @classmethod
    def check_instants(cls, text: str, info: ValidationInfo) -> str:
        """Raises: ValueError."""
        instant, start = read_instant(text), info.data.get("start_timestamp")
        if start is not None and instant <= read_instant(start):
            raise ValueError("the block ends before it starts")
        return text


class ScheduleBody(Body):
    charging_schedule: Annotated[list[Block], Field(max_length=1000)]
