"""Bodies as a client may have sent them: JSON, packed JSON, or anything else."""

import json
from typing import Any

from mockaxle.client.bounded_json import bounded_json
from mockaxle.core.errors import Refusal
from mockaxle.core.limits import MAX_LARGE_BODY
from mockaxle.world.entries import Request
from mockaxle.world.unpacking import unpacked as unpack

UNREADABLE = object()
"""Stands for a body that is no JSON that could be written again: a page, a broken text, NaN, half a character, or
one that is too large or nested too deep."""


def read_json(body: bytes) -> Any:
    """The value of a body, None of an empty one, UNREADABLE of one that is no JSON."""
    try:
        value = bounded_json(body) if body else None
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except ValueError:
        return UNREADABLE
    return value


def unpacked(request: Request) -> bytes:
    """The body as it was before it was packed, where it was and can be unpacked."""
    try:
        return unpack(request, limit=MAX_LARGE_BODY).body
    except Refusal:
        return request.body
