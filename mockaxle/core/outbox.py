"""The outbox: what the platform says to the partner, message by message. Source: N3, N4, N6."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from mockaxle.core.table import Table

MAX_MESSAGES, MAX_BYTES = 10_000, 16_000_000
"""What is kept of the messages that wait for nothing. Units: bytes of bodies. Source: N4."""

VERSION = "v1.0.0"


class MessageType(StrEnum):
    """Source: V2, N3."""

    SCHEDULE = "schedule"
    DISPATCH = "vpp:dispatch:requested"
    ASSET_REGISTERED = "vpp:asset:registered"
    ONBOARDED = "user:onboarding:complete"


class MessageKind(StrEnum):
    """How a body looks: an envelope, or a bare schedule. Source: N6, N8."""

    WEBHOOKS = "webhooks"
    SCHEDULES = "schedules"


class MessageStatus(StrEnum):
    """Source: N4."""

    KEPT = "kept"


class Message(NamedTuple):
    """Shape: number counts the messages of a world from 1; the body is JSON, made once, about the assets named."""

    number: int
    id: str
    type: MessageType
    kind: MessageKind
    created_at: datetime
    body: bytes
    site_id: str | None = None
    asset_ids: tuple[str, ...] = ()
    event_id: str | None = None
    status: MessageStatus = MessageStatus.KEPT


class Outbox(NamedTuple):
    """Shape: the messages by number, of which the first `dropped` are no longer kept; made counts all of them.

    Units: size in bytes of the bodies that are kept.
    """

    messages: Table[int, Message] = Table()
    made: int = 0
    dropped: int = 0
    size: int = 0

    def put(self, message: Message) -> "Outbox":
        """Add the next message, and drop the oldest ones beyond the limits. Source: N4."""
        messages, dropped = self.messages.put(message.number, message), self.dropped
        size = self.size + len(message.body)
        while len(messages) > MAX_MESSAGES or (size > MAX_BYTES and len(messages) > 1):
            dropped += 1
            gone = messages.get(dropped)
            size -= len(gone.body) if gone else 0
            messages = messages.drop(dropped)
        return Outbox(messages, message.number, dropped, size)

    def after(self, number: int) -> Iterator[Message]:
        """Yield the kept messages after a number, oldest first."""
        kept = (self.messages.get(one) for one in range(max(number, self.dropped) + 1, self.made + 1))
        return (one for one in kept if one is not None)


def envelope(id: str, type: MessageType, *, payload: Mapping[str, Any], created_at: datetime) -> bytes:
    """Write a message of kind webhooks. Source: N6."""
    said = {"id": id, "version": VERSION, "event_type": type, "created_at": created_at.isoformat(), "payload": payload}
    return json_bytes(said)


def json_bytes(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
