"""Building blocks for the vendor's components as pydantic models."""

import re
from datetime import datetime
from typing import Annotated, Any, TypeVar
from uuid import UUID

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from mockaxle.core.timestamps import read_timestamp, spell_utc

T = TypeVar("T")
_NUMBER = re.compile(r"-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?", re.ASCII)
_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


class Component(BaseModel):
    """A component of the vendor's document; the class has the component's name. Unknown keys are ignored (G9)."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False, coerce_numbers_to_str=True, defer_build=True)


class _MayBeAbsent:
    """Absent in strict reading (`contract` style); absent or null in lax reading (`wire` style). Source: G9."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        nullable = handler(source)
        assert nullable["type"] == "nullable", "Optional needs a type that is not None"
        return core_schema.lax_or_strict_schema(lax_schema=nullable, strict_schema=nullable["schema"])


class ContractSchema(GenerateJsonSchema):
    """Writes a component's schema as in the document: optional fields are not nullable."""

    def lax_or_strict_schema(self, schema: core_schema.LaxOrStrictSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["strict_schema"])


class _Unique:
    """Repeated items are refused in strict reading and merged in lax reading. Source: G9."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        items = handler(source)
        return core_schema.lax_or_strict_schema(
            lax_schema=core_schema.no_info_after_validator_function(_collapse, items),
            strict_schema=core_schema.no_info_after_validator_function(_refuse_repeated, items),
        )


def _collapse(items: list[T]) -> list[T]:
    return list(dict.fromkeys(items))


def _refuse_repeated(items: list[T]) -> list[T]:
    if len(_collapse(items)) < len(items):
        raise PydanticCustomError("unique_items", "repeated items")
    return items


Optional = Annotated[T | None, _MayBeAbsent()]


def _instant(value: object) -> object:
    if not isinstance(value, str):
        return value
    timestamp = read_timestamp(value)
    if timestamp is None:
        raise PydanticCustomError("datetime_parsing", "not a timestamp with an offset")
    return timestamp.at


Instant = Annotated[
    datetime, BeforeValidator(_instant), PlainSerializer(spell_utc, return_type=str, when_used="unless-none")
]
"""Read by the grammar of F8, written as in G10. Shape: aware UTC."""

Id = Annotated[str, WithJsonSchema({"type": "string", "format": "uuid"})]
"""An id made by the mock. Ids sent by others are read as `SentId`."""


def is_uuid(text: str) -> bool:
    """Tell whether a text has the document's form of an id: 8-4-4-4-12 hexadecimal digits."""
    return _UUID.fullmatch(text) is not None


def is_whole(number: str) -> bool:
    """Tell whether a JSON number has no fraction, however small, which a float may lose."""
    match = _NUMBER.fullmatch(number)
    assert match, "JSON has no other numbers"
    fraction = match[2] or ""
    significant = (match[1] + fraction).rstrip("0")
    if not significant.strip("0"):
        return True
    places = len(significant) - len(match[1])
    return places <= _exponent(match[3] or "0")


def _exponent(text: str) -> int:
    """Read an exponent. If it has more digits than a body, only its sign counts."""
    sign, digits = ("-" if text.startswith("-") else ""), text.lstrip("+-").lstrip("0")
    return int(sign + (digits or "0")[:18])


def _uuid(value: object) -> object:
    if isinstance(value, str) and not is_uuid(value):
        raise PydanticCustomError("uuid_parsing", "not a UUID")
    return value


SentId = Annotated[UUID, BeforeValidator(_uuid)]
"""An id sent by others."""


def _wrap(schema: dict[str, Any]) -> None:
    if "$ref" in schema:
        schema["allOf"] = [{"$ref": schema.pop("$ref")}]


Wrapped = Field(json_schema_extra=_wrap)
"""A component with a default, whose reference is within an allOf in the document."""


def at_most(limit: int) -> Any:
    """Limit a text or a list. The limit is the mock's own and not in the vendor's document."""
    return Field(max_length=limit, json_schema_extra=_without_limits)


def _without_limits(schema: dict[str, Any]) -> None:
    for key in ("maxItems", "maxLength"):
        schema.pop(key, None)


Unique = _Unique()
UniqueItems = Field(json_schema_extra={"uniqueItems": True})
