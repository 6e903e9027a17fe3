"""What an attempt sends, as usual or in an awkward way: the body, and its signature. Source: N5, N7, N19."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from mockaxle.core.ids import made_id
from mockaxle.core.messages import AwkwardKind, Message, json_bytes
from mockaxle.core.signature import signature

SHIFTS: Mapping[AwkwardKind | None, timedelta] = {
    AwkwardKind.STALE: timedelta(seconds=-301),
    AwkwardKind.FUTURE: timedelta(seconds=301),
    AwkwardKind.EDGE: timedelta(seconds=-299),
}
"""How far the signature's instant is off. A receiver tolerates 300 s."""

UNKNOWN_TYPE = "mockaxle:unknown:requested"
EXTRA: Mapping[str, Any] = {"mockaxle_extra": {"note": "a field that no document names", "numbers": [1, 2.5, None]}}


def body_of(message: Message, kind: AwkwardKind | None) -> bytes:
    """Return the body of an attempt. Shape: that of a cut one is whole."""
    return _CHANGED[kind](message) if kind in _CHANGED else message.body


def sent_of(body: bytes, kind: AwkwardKind | None) -> bytes:
    """Return what is sent of a body: the first half, if it is cut."""
    return body[: len(body) // 2] if kind is AwkwardKind.CUT else body


def signature_of(body: bytes, secret: str, *, at: datetime, kind: AwkwardKind | None) -> str | None:
    """Return the signature's header, None if there is none."""
    if kind is AwkwardKind.NO_SIGNATURE:
        return None
    right = signature(body, secret, at=at + SHIFTS[kind] if kind in SHIFTS else at)
    wrong = signature(body, f"not {secret}", at=at)
    if kind is AwkwardKind.BAD_SIGNATURE:
        return wrong
    return f"{wrong},{right.partition(',')[2]}" if kind is AwkwardKind.TWO_SIGNATURES else right


def _of_unknown_type(message: Message) -> bytes:
    """Return the message as one of its own, with another id, so that it does not take the true one's place."""
    said = {**json.loads(message.body), "id": _derived_id(message, "copy"), "event_type": UNKNOWN_TYPE}
    return json_bytes(said)


def _with_unknown_asset(message: Message) -> bytes:
    said = json.loads(message.body)
    payload, unknown = said["payload"], _derived_id(message, "asset")
    if "assets" in payload:
        payload["assets"].append({"asset_id": unknown, "power_kw": 1.0})
    else:
        payload["asset_ids"].append(unknown)
    return json_bytes(said)


def _with_extra_fields(message: Message) -> bytes:
    said = json.loads(message.body)
    if "payload" in said:
        said["payload"] = {**said["payload"], **EXTRA}
    return json_bytes({**said, **EXTRA})


def _with_spaces(message: Message) -> bytes:
    return json.dumps(json.loads(message.body), ensure_ascii=False, indent=2).encode()


def _derived_id(message: Message, what: str) -> str:
    return made_id(blake2b(message.id.encode(), digest_size=16).digest(), what.encode())


_CHANGED: Mapping[AwkwardKind | None, Callable[[Message], bytes]] = {
    AwkwardKind.UNKNOWN_EVENT: _of_unknown_type,
    AwkwardKind.UNKNOWN_ASSET: _with_unknown_asset,
    AwkwardKind.EXTRA_FIELDS: _with_extra_fields,
    AwkwardKind.SPACES: _with_spaces,
}
