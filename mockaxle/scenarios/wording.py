"""Error texts for values, in the terms of a scenario's author."""

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from pydantic_core import ErrorDetails

from mockaxle.scenarios.problems import MAX_KEY

Context = Mapping[str, Any]

_FIXED = {
    "missing": "is missing",
    "string_type": "must be a text: put it in quotes",
    "string_unicode": "contains an unpaired surrogate, such as \\ud800",
    "invalid_key": "must be a text",
    "bool_type": "must be true or false, without quotes",
    "int_type": "must be a whole number, without quotes",
    "float_type": "must be a number, without quotes",
    "decimal_type": "must be a number",
    "decimal_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "tuple_type": "must be a list: in TOML [[key]] with two brackets, or key = [...]",
    "model_type": "must be a table: in TOML [key], or key = { ... }",
    "model_attributes_type": "must be a table: in TOML [key], or key = { ... }",
    "dict_type": "must be a table: in TOML [key], or key = { ... }",
    "timezone_aware": "needs an offset, such as Z or +01:00",
    "time_parsing": "must be a time of day such as 17:30",
    "time_type": "must be a time of day such as 17:30",
    "date_type": "must be a date such as 2026-01-20",
    "date_parsing": "must be a date such as 2026-01-20",
    "date_from_datetime_inexact": "must be a date such as 2026-01-20",
    "date_from_datetime_parsing": "must be a date such as 2026-01-20",
}
_BY_CONTEXT: Mapping[str, Callable[[Context], str]] = {
    "greater_than_equal": lambda context: f"must be at least {context['ge']}",
    "greater_than": lambda context: f"must be more than {context['gt']}",
    "less_than_equal": lambda context: f"must be at most {context['le']}",
    "less_than": lambda context: f"must be less than {context['lt']}",
    "multiple_of": lambda context: f"must be a multiple of {context['multiple_of']}",
    "string_too_long": lambda context: f"must have at most {context['max_length']} characters",
    "string_too_short": lambda context: "must not be empty",
    "too_long": lambda context: f"must have at most {context['max_length']} entries",
    "value_error": lambda context: str(context["error"]),
}
MAX_COMPARED = 100  # characters of a key or choice that are compared with the known ones
_CHOICES = ("enum", "literal_error")


def words(found: ErrorDetails, *, known: Sequence[str]) -> str:
    """Describe an error; `known` are the keys allowed at its place."""
    kind, context = found["type"], found.get("ctx", {})
    if kind == "extra_forbidden":
        return unknown_key(str(found["loc"][-1]), known)
    if kind == "string_pattern_mismatch":
        return _pattern(str(context["pattern"]), found["input"])
    if kind in _CHOICES:
        return _choice(str(context["expected"]), found["input"])
    if kind in _FIXED:
        return _FIXED[kind]
    return _BY_CONTEXT[kind](context) if kind in _BY_CONTEXT else found["msg"]


def unknown_key(key: str, known: Sequence[str]) -> str:
    """Name the nearest key, else all known keys."""
    near = get_close_matches(key[:MAX_COMPARED], known, n=1)
    advice = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(known)}"
    return f"unknown key {key[:MAX_KEY]!r}; {advice}"


def _pattern(pattern: str, value: object) -> str:
    digits = {"^[0-9]{13}$": 13, "^[0-9]{12}$": 12}.get(pattern)
    if digits is None:
        return f"must match {pattern}"
    return f"must be {digits} digits, not {str(value)[:60]!r}"


def _choice(expected: str, value: object) -> str:
    given = value[:MAX_COMPARED] if isinstance(value, str) else ""
    near = get_close_matches(given, re.findall("'([^']*)'", expected), n=1)
    return f"must be one of {expected}" + (f"; did you mean {near[0]!r}?" if near else "")
