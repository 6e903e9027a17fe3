"""Fields of JSON that another system sent, each of the type that is needed. Other fields are ignored."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

Object = Mapping[str, Any]


class Unreadable(Exception):
    """A body is not what it should be. The message names the field."""


def parse(body: bytes) -> Object:
    """Return the object in a body. Raises: Unreadable."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable("the body is not JSON") from error
    return _object(parsed, "the body")


def mapping(source: Object, key: str) -> Object:
    return _object(source.get(key), key)


def mappings(source: Object, key: str) -> list[Object]:
    value = source.get(key)
    if not isinstance(value, list):
        raise Unreadable(f"{key} is not a list")
    return [_object(item, f"an item of {key}") for item in value]


def text(source: Object, key: str) -> str:
    """Return a text that can be written as UTF-8, and is not empty."""
    value = source.get(key)
    if not isinstance(value, str) or not value or not _is_unicode(value):
        raise Unreadable(f"{key} is not a text")
    return value


def number(source: Object, key: str, default: float | None = None) -> float:
    """Return a finite number, or the default if there is none."""
    value = source.get(key)
    if value is None and default is not None:
        return default
    if not isinstance(value, int | float) or isinstance(value, bool) or not _is_finite(value):
        raise Unreadable(f"{key} is not a number")
    return float(value)


def instant(source: Object, key: str) -> datetime:
    """Return an instant. Shape: aware UTC."""
    try:
        value = datetime.fromisoformat(text(source, key))
        if value.tzinfo is not None:
            return value.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Unreadable(f"{key} is not an instant with an offset")


def _object(value: Any, name: str) -> Object:
    if not isinstance(value, dict):
        raise Unreadable(f"{name} is not an object")
    return value


def _is_unicode(value: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in value)


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        return False
