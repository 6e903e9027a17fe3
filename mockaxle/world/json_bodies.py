"""Reads the JSON of logged and served requests."""

import json
from typing import Any

from mockaxle.core.density import is_dense


def sent_in(body: bytes) -> Any:
    """Read a body as JSON; None if it is not JSON, or has too many values."""
    try:
        return json.loads(body, object_hook=_unchanged) if body and not is_dense(body) else None
    except (ValueError, RecursionError):
        return None


def object_in(body: bytes) -> dict[str, Any]:
    """Read a body as a JSON object; an empty one if it is anything else."""
    value = sent_in(body)
    return value if isinstance(value, dict) else {}


def _unchanged(value: dict[str, Any]) -> dict[str, Any]:
    """Return an object. json holds the event loop, also in a thread, until it calls Python."""
    return value
