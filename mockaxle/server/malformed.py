"""Malformed requests in the vocabulary of E5: translates pydantic's errors to those of Pydantic v1."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mockaxle.core.errors import FieldFault, Malformed
from mockaxle.core.limits import MAX_FAULTS
from mockaxle.core.text_lines import start_of_line
from mockaxle.wire.pieces import UNSENT

Context = Mapping[str, Any]

_FIXED = {
    "missing": ("field required", "value_error.missing"),
    "string_type": ("str type expected", "type_error.str"),
    "bool_type": ("value could not be parsed to a boolean", "type_error.bool"),
    "list_type": ("value is not a valid list", "type_error.list"),
    "model_type": ("value is not a valid dict", "type_error.dict"),
    "model_attributes_type": ("value is not a valid dict", "type_error.dict"),
    "unique_items": ("the list has duplicated items", "value_error.list.unique_items"),
    "dict_type": ("value is not a valid dict", "type_error.dict"),
    "bool_parsing": ("value could not be parsed to a boolean", "type_error.bool"),
    "float_type": ("value is not a valid float", "type_error.float"),
    "float_parsing": ("value is not a valid float", "type_error.float"),
    "finite_number": ("value is not a valid float", "type_error.float"),
    "int_type": ("value is not a valid integer", "type_error.integer"),
    "int_parsing": ("value is not a valid integer", "type_error.integer"),
    "int_from_float": ("value is not a valid integer", "type_error.integer"),
    "uuid_type": ("value is not a valid uuid", "type_error.uuid"),
    "uuid_parsing": ("value is not a valid uuid", "type_error.uuid"),
    "datetime_type": ("invalid datetime format", "value_error.datetime"),
    "datetime_parsing": ("invalid datetime format", "value_error.datetime"),
    "datetime_from_date_parsing": ("invalid datetime format", "value_error.datetime"),
    "timezone_aware": ("invalid datetime format", "value_error.datetime"),
    "date_type": ("invalid date format", "value_error.date"),
    "date_parsing": ("invalid date format", "value_error.date"),
    "date_from_datetime_parsing": ("invalid date format", "value_error.date"),
    "date_from_datetime_inexact": ("invalid date format", "value_error.date"),
    "time_type": ("invalid time format", "value_error.time"),
    "time_parsing": ("invalid time format", "value_error.time"),
}

OTHERWISE = ("value is not valid", "value_error")

_WITH_CONTEXT: Mapping[str, Callable[[Context], tuple[str, str]]] = {
    "enum": lambda context: (
        f"value is not a valid enumeration member; permitted: {_options(context)}",
        "type_error.enum",
    ),
    "literal_error": lambda context: (
        f"unexpected value; permitted: {_options(context)}",
        "value_error.const",
    ),
    "greater_than_equal": lambda context: (
        f"ensure this value is greater than or equal to {context.get('ge', context.get('minimum')):g}",
        "value_error.number.not_ge",
    ),
    "less_than_equal": lambda context: (
        f"ensure this value is less than or equal to {context.get('le', context.get('maximum')):g}",
        "value_error.number.not_le",
    ),
    "string_too_long": lambda context: (
        f"ensure this value has at most {context['max_length']} characters",
        "value_error.any_str.max_length",
    ),
    "too_long": lambda context: (
        f"ensure this value has at most {context['max_length']} items",
        "value_error.list.max_items",
    ),
    "string_pattern_mismatch": lambda context: (
        f'string does not match regex "{context["pattern"]}"',
        "value_error.str.regex",
    ),
}


def fault(kind: str, *loc: str | int, context: Context | None = None) -> FieldFault:
    """Make a fault of one of pydantic's kinds, at a place of the request."""
    words = _FIXED.get(kind) or (_WITH_CONTEXT[kind](context or {}) if kind in _WITH_CONTEXT else OTHERWISE)
    return FieldFault(loc, *words)


def malformed_body(error: ValidationError, body: bytes) -> Malformed:
    """Translate pydantic's errors of a body: one fault per error, in the document's order."""
    if error.error_count() > MAX_FAULTS:
        count = f"more than {MAX_FAULTS:,} fields are malformed, too many to list"
        return Malformed((FieldFault(("body",), count, "value_error"),), "Send a single item to see its faults.")
    found = error.errors(include_url=False)
    if found[0]["type"] == "json_invalid":
        offset = _offset(str(found[0]["ctx"]["error"]), body)
        return Malformed((FieldFault(("body", offset), "JSON decode error", "json_invalid"),))
    return Malformed(tuple(fault(_kind(one), "body", *one["loc"], context=one.get("ctx")) for one in found))


def _kind(error: ErrorDetails) -> str:
    return "missing" if error["input"] is UNSENT else error["type"]


def _options(context: Context) -> str:
    named = context["expected"] if "expected" in context else [f"'{one}'" for one in context["enum"]]
    return ", ".join(named if isinstance(named, list) else re.findall("'[^']*'", str(named)))


def _offset(message: str, body: bytes) -> int:
    """Find where the JSON of a body is invalid. Units: bytes from its start."""
    if message.startswith("EOF"):
        return len(body)
    place = re.search(r"line (\d+) column (\d+)$", message)
    assert place, f"the parser names no place: {message}"
    return min(start_of_line(body, int(place[1])) + max(int(place[2]) - 1, 0), len(body))
