"""Reads JSON within limits: a text of a few megabytes can take a gigabyte or exhaust a reader's recursion."""

import json
from collections.abc import Iterable
from typing import Any

from mockaxle.core.limits import MAX_JSON_DEPTH, MAX_JSON_VALUES


def bounded_json(text: bytes, *, max_values: int = MAX_JSON_VALUES) -> Any:
    """Read a text's value. Commas and brackets within strings count as values, too.

    Raises: ValueError, also for too many values, unpaired surrogates or too deep nesting.
    """
    if sum(map(text.count, (b",", b"[", b"{"))) > max_values:
        raise ValueError(f"it has more than {max_values:,} values")
    try:
        value = json.loads(text)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if is_deep(value):
        raise ValueError(f"it is nested more than {MAX_JSON_DEPTH} levels deep")
    if b"\\ud" in text.lower():
        json.dumps(value, ensure_ascii=False).encode()
    return value


def is_deep(value: Any) -> bool:
    """Tell whether a JSON value is nested more than MAX_JSON_DEPTH levels deep."""
    layer = [value]
    for _ in range(MAX_JSON_DEPTH + 1):
        layer = [inner for one in layer for inner in _members(one)]
    return bool(layer)


def _members(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
