"""Messages: what the platform says to the partner, and the attempts to deliver it. Source: N3, N4, N6, N14."""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

VERSION = "v1.0.0"


class MessageType(StrEnum):
    """Source: V2, N3, N8."""

    SCHEDULE = "schedule"
    ASSET_DISPATCH = "asset:dispatch:requested"
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
    WAITING = "waiting"
    HELD = "held"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    GIVEN_UP = "given_up"
    SUPERSEDED = "superseded"


HELD_BACK = "it goes out of order, after the next message about its asset"
OPEN = (MessageStatus.WAITING, MessageStatus.HELD)


class DeliveryOutcome(StrEnum):
    """Source: N14."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    FAILED = "failed"
    GIVEN_UP = "given_up"
    HELD = "held"


class AwkwardKind(StrEnum):
    """A way in which a delivery can be unlike the usual ones. Source: N19."""

    LATE = "late"
    TWICE = "twice"
    OUT_OF_ORDER = "out_of_order"
    BAD_SIGNATURE = "bad_signature"
    NO_SIGNATURE = "no_signature"
    STALE = "stale"
    FUTURE = "future"
    EDGE = "edge"
    TWO_SIGNATURES = "two_signatures"
    CUT = "cut"
    UNKNOWN_EVENT = "unknown_event"
    UNKNOWN_ASSET = "unknown_asset"
    EXTRA_FIELDS = "extra_fields"
    SPACES = "spaces"
    ANSWER_LOST = "answer_lost"


class Attempt(NamedTuple):
    """A call of a receiver. Shape: status is the answer's. Units: ms of the machine's clock."""

    attempt: int
    at: datetime
    real_at: datetime
    outcome: DeliveryOutcome
    status: int | None = None
    error: str | None = None
    ms: int = 0
    awkward: AwkwardKind | None = None


class Message(NamedTuple):
    """Shape: number counts the messages of a world from 1; the body is JSON, made once, about the assets named.

    `external_id` is that of the only asset; `next_at` is when the next attempt falls due, if the message waits, or from
    when it may be claimed; the reason is why it is held or given up. `awkward` is how its first attempt is made.
    """

    number: int
    id: str
    type: MessageType
    kind: MessageKind
    created_at: datetime
    body: bytes
    site_id: str | None = None
    asset_ids: tuple[str, ...] = ()
    external_id: str | None = None
    event_id: str | None = None
    receiver: str | None = None
    status: MessageStatus = MessageStatus.KEPT
    attempts: tuple[Attempt, ...] = ()
    next_at: datetime | None = None
    reason: str | None = None
    awkward: AwkwardKind | None = None

    @property
    def is_open(self) -> bool:
        """Whether it may still be sent."""
        return self.status in OPEN

    @property
    def due_at(self) -> datetime | None:
        """When the mock makes the next attempt by itself."""
        return self.next_at if self.status is MessageStatus.WAITING else None

    @property
    def is_held_back(self) -> bool:
        """Whether it is to arrive after the next message about its asset."""
        return self.status is MessageStatus.HELD and self.reason == HELD_BACK

    @property
    def next_awkward(self) -> AwkwardKind | None:
        """How the next attempt is awkward: as drawn at first, and until it is answered by 2xx if the answer counts."""
        if self.awkward in (AwkwardKind.TWICE, AwkwardKind.ANSWER_LOST):
            is_shown = any(one.status is not None and 200 <= one.status < 300 for one in self.attempts)
        else:
            is_shown = bool(self.attempts)
        return None if is_shown else self.awkward


def envelope(id: str, type: MessageType, *, payload: Mapping[str, Any], created_at: datetime) -> bytes:
    """Write a message of kind webhooks. Source: N6."""
    said = {"id": id, "version": VERSION, "event_type": type, "created_at": created_at.isoformat(), "payload": payload}
    return json_bytes(said)


def json_bytes(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
