"""Bodies as a client may have sent them: JSON, packed JSON, or anything else."""

import gzip
import json
import zlib
from typing import Any

from mockaxle.exchange import Request
from mockaxle.recording import is_deep

UNREADABLE = object()
"""Stands for a body that is no JSON that could be written again: a page, a broken text, NaN, half a character, or
one that is nested too deep."""


def read_json(body: bytes) -> Any:
    """The value of a body, None of an empty one, UNREADABLE of one that is no JSON."""
    try:
        value = json.loads(body) if body else None
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return UNREADABLE
    return UNREADABLE if is_deep(value) else value


def unpacked(request: Request) -> bytes:
    """The body as it was before it was packed by gzip, if it was."""
    if request.header(b"content-encoding") != b"gzip":
        return request.body
    try:
        return gzip.decompress(request.body)
    except (OSError, EOFError, zlib.error):
        return request.body
