"""Reads a value of a path or a query by its type in the document."""

import re
from collections.abc import Mapping
from typing import Any

from mockaxle.wire.shape import is_uuid

_INTEGER = re.compile(r"-?[0-9]+")
BOOLEANS = {
    **dict.fromkeys(("1", "true", "t", "yes", "y", "on"), True),
    **dict.fromkeys(("0", "false", "f", "no", "n", "off"), False),
}
DIGITS = 4000  # Python reads no longer integers


class WrongValue(Exception):
    """A value that its schema does not allow. Shape: kind as named by pydantic."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


def read_parameter(schema: Mapping[str, Any], text: str) -> str | int | bool:
    """Raises: WrongValue."""
    if schema.get("type") == "boolean":
        return _boolean(text)
    if text not in schema.get("enum", (text,)):
        raise WrongValue("enum")
    if schema.get("type") == "integer":
        return _integer(schema, text)
    if schema.get("format") == "uuid":
        if not is_uuid(text):
            raise WrongValue("uuid_parsing")
        return text.lower()
    return text


def _boolean(text: str) -> bool:
    """Read a boolean in the spellings of Pydantic v1. Source: E5."""
    if text.lower() not in BOOLEANS:
        raise WrongValue("bool_parsing")
    return BOOLEANS[text.lower()]


def _integer(schema: Mapping[str, Any], text: str) -> int:
    if not _INTEGER.fullmatch(text) or len(text) > DIGITS:
        raise WrongValue("int_parsing")
    number = int(text)
    if "minimum" in schema and number < schema["minimum"]:
        raise WrongValue("greater_than_equal")
    if "maximum" in schema and number > schema["maximum"]:
        raise WrongValue("less_than_equal")
    return number
