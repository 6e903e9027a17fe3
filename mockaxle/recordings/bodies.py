"""Reads the bodies of recordings: JSON, packed JSON, or anything else."""

import json
from typing import Any

from mockaxle.client.bounded_json import bounded_json
from mockaxle.core.errors import Refusal
from mockaxle.core.limits import MAX_LARGE_BODY
from mockaxle.world.entries import Request
from mockaxle.world.unpacking import unpacked as unpack

UNREADABLE = object()
"""Marks a body that cannot be written again as JSON: a page, broken JSON, NaN, an unpaired surrogate, or a body that is
too large or nested too deep."""


def read_json(body: bytes) -> Any:
    """Read a body: None if it is empty, UNREADABLE if it is not JSON."""
    try:
        value = bounded_json(body) if body else None
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except ValueError:
        return UNREADABLE
    return value


def unpacked(request: Request) -> bytes:
    """Return the body, unpacked if it is packed and can be unpacked."""
    try:
        return unpack(request, limit=MAX_LARGE_BODY).body
    except Refusal:
        return request.body
