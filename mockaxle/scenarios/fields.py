"""Types of the fields of scenarios and control calls."""

from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, StrictStr

from mockaxle.contract.document import load_contract
from mockaxle.contract.nearest import nearest
from mockaxle.core.limits import MAX_PATTERN, MAX_USERNAME
from mockaxle.core.local_time import is_timezone
from mockaxle.core.timestamps import read_timestamp

SECRET = "secret"
"""Marks a field of a control call's body that is not logged."""


class Section(BaseModel):
    """Unknown keys are refused, since a misspelt one would have no effect."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)


def _instant(value: object) -> object:
    """Convert an instant to UTC, which makes all arithmetic with it safe."""
    if isinstance(value, datetime):
        try:
            return value.astimezone(UTC) if value.tzinfo else value
        except OverflowError:
            raise ValueError("is outside the years 1 to 9999") from None
    read = read_timestamp(value) if isinstance(value, str) else None
    if read is None:
        raise ValueError("not an instant such as 2026-01-20T22:00:00Z")
    return read.at


def _timezone(name: str) -> str:
    if not is_timezone(name):
        raise ValueError("not an IANA timezone such as Europe/London")
    return name


def _username(name: str) -> str:
    if "/" in name:
        raise ValueError("has a slash, which paths of control cannot contain")
    return name


def _operation(key: str) -> str:
    known = _operations()
    if key not in known:
        raise ValueError(nearest(key, known, what="operation"))
    return key


@cache
def _operations() -> tuple[str, ...]:
    return tuple(operation.key for operation in load_contract().operations)


Text = StrictStr
Username = Annotated[Text, Field(min_length=1, max_length=MAX_USERNAME), AfterValidator(_username)]
"""A username, or the name of a world."""
Instant = Annotated[AwareDatetime, BeforeValidator(_instant)]
OperationKey = Annotated[str, AfterValidator(_operation)]
"""An operation of the document, such as `POST /entities/site/onboard`."""
PathPattern = Annotated[str, Field(max_length=MAX_PATTERN)]
Timezone = Annotated[str, AfterValidator(_timezone)]
Price = Annotated[Decimal, Field(allow_inf_nan=False, ge=-1_000_000, le=1_000_000)]
Share = Annotated[Decimal, Field(allow_inf_nan=False, ge=0, le=1, max_digits=10)]
Rate = Annotated[Decimal, Field(allow_inf_nan=False, ge=0, le=1_000_000)]
PauseMinutes = Annotated[StrictInt, Field(ge=30, le=240, multiple_of=30)]
Pence = Annotated[StrictInt, Field(ge=0, le=10**9)]
Days = Annotated[StrictInt, Field(ge=0, le=36_500)]
Number = Annotated[float, Field(strict=True)]
Quantity = Annotated[float, Field(ge=0, strict=True)]
