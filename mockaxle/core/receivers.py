"""Receivers: the partner's servers to which the platform delivers its messages. Source: N1."""

from enum import StrEnum
from typing import NamedTuple

from mockaxle.core.messages import MessageKind, MessageStatus, MessageType

MAX_RECEIVERS = 10
TIMEOUT_MS, MAX_PARALLEL = 10_000, 16

TYPES_OF = {
    MessageKind.WEBHOOKS: tuple(type for type in MessageType if type is not MessageType.SCHEDULE),
    MessageKind.SCHEDULES: (MessageType.SCHEDULE,),
}
"""The types that a receiver of each kind can get."""


class SignedAt(StrEnum):
    """The clock whose instant a signature names. Source: N7."""

    MACHINE = "machine"
    WORLD = "world"


class Receiver(NamedTuple):
    """Shape: without event_types it gets all of its kind; its secret is kept apart, and `has_secret` says whether one
    is known. `parallel` is how many messages it gets at once. Units: timeout in milliseconds.
    """

    name: str
    url: str
    kind: MessageKind
    event_types: tuple[MessageType, ...] = ()
    timeout_ms: int = TIMEOUT_MS
    signed_at: SignedAt = SignedAt.MACHINE
    held: bool = False
    has_secret: bool = False
    parallel: int = 1

    def takes(self, type: MessageType) -> bool:
        return type in (self.event_types or TYPES_OF[self.kind])

    @property
    def first_status(self) -> MessageStatus:
        """The status of a new message to it. Source: N1."""
        return MessageStatus.HELD if self.held or not self.has_secret else MessageStatus.WAITING
