"""JSON of others, within limits: a text of a few megabytes may take a gigabyte, or end the recursion of a reader."""

import json
from collections.abc import Iterable
from typing import Any

from mockaxle.limits import MAX_JSON_DEPTH, MAX_JSON_VALUES


def bounded_json(text: bytes) -> Any:
    """The value of a text. Raises: ValueError, also where it has too many values or is nested too deep."""
    if sum(map(text.count, (b",", b"[", b"{"))) > MAX_JSON_VALUES:
        raise ValueError(f"it has more than {MAX_JSON_VALUES:,} values")
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if is_deep(value):
        raise ValueError(f"it is nested more than {MAX_JSON_DEPTH} levels deep")
    return value


def is_deep(value: Any) -> bool:
    """Whether a JSON value is nested more than MAX_JSON_DEPTH levels deep."""
    layer = [value]
    for _ in range(MAX_JSON_DEPTH + 1):
        layer = [inner for one in layer for inner in _members(one)]
    return bool(layer)


def _members(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
