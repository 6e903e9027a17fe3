"""Writes long JSON answers in pieces, since a thread holds the event loop while it writes one piece."""

from collections.abc import Mapping
from json import JSONEncoder
from typing import Any

_written = JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def written(answer: Mapping[str, Any]) -> bytes:
    """Write an answer as JSONResponse does. A piece is a member, or an element of a list in one."""
    members = (f"{_written(name)}:{_member(value)}" for name, value in answer.items())
    return ("{" + ",".join(members) + "}").encode()


def _member(value: Any) -> str:
    return "[" + ",".join(map(_written, value)) + "]" if isinstance(value, list) else _written(value)
