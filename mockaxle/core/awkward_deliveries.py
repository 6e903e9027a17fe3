"""Awkward deliveries: which messages reach their receiver in ways that a careful one must bear. Source: N19.

A kind is drawn when a message is made, and its first attempt shows it. A copy is sent in addition: whatever the
receiver answers to it, the message itself follows.
"""

from datetime import timedelta
from decimal import Decimal
from hashlib import blake2b
from typing import NamedTuple

from mockaxle.core.clock import later
from mockaxle.core.messages import HELD_BACK, AwkwardKind, Message, MessageKind, MessageStatus, MessageType

COPIES = frozenset(
    {
        AwkwardKind.BAD_SIGNATURE,
        AwkwardKind.NO_SIGNATURE,
        AwkwardKind.STALE,
        AwkwardKind.FUTURE,
        AwkwardKind.CUT,
        AwkwardKind.UNKNOWN_EVENT,
    }
)
"""The kinds that a receiver must refuse or ignore."""

ENVELOPED = frozenset({AwkwardKind.OUT_OF_ORDER, AwkwardKind.UNKNOWN_EVENT, AwkwardKind.UNKNOWN_ASSET})
"""The kinds that need an envelope: a bare schedule has no instant, no type and no list of assets."""

WITH_ASSETS = (MessageType.DISPATCH, MessageType.ONBOARDED)
"""The types whose payload lists assets."""

MAX_LATE_MINUTES = 10
MILLION = 1_000_000


class AwkwardDeliveries(NamedTuple):
    """Shape: kinds in the enum's order, none if deliveries are usual; left is how many are to come, None for no end."""

    kinds: tuple[AwkwardKind, ...] = ()
    probability: Decimal = Decimal(1)
    left: int | None = None

    def after_one(self) -> "AwkwardDeliveries":
        return self if self.left is None else self._replace(left=self.left - 1)


USUAL = AwkwardDeliveries()


def fits(kind: AwkwardKind, message: Message) -> bool:
    """Tell whether a message can be delivered in a way."""
    if kind is AwkwardKind.UNKNOWN_ASSET:
        return message.type in WITH_ASSETS
    if kind is AwkwardKind.OUT_OF_ORDER and not message.asset_ids:
        return False
    return message.kind is MessageKind.WEBHOOKS or kind not in ENVELOPED


def drawn(plan: AwkwardDeliveries, message: Message, *, seed: bytes, may_wait: bool) -> AwkwardKind | None:
    """Draw how a new message is delivered, None as usual. Shape: may_wait if it can go after another one."""
    if not plan.kinds or plan.left == 0:
        return None
    kinds = [one for one in plan.kinds if fits(one, message)]
    chance, choice, _ = _numbers(seed, message.id)
    if not kinds or chance % MILLION >= plan.probability * MILLION:
        return None
    kind = kinds[choice % len(kinds)]
    return None if kind is AwkwardKind.OUT_OF_ORDER and not may_wait else kind


def made_awkward(message: Message, kind: AwkwardKind, *, seed: bytes) -> Message:
    """Make a new message awkward. A late one falls due 1 to 10 minutes after it was made."""
    if kind is AwkwardKind.LATE:
        minutes = 1 + _numbers(seed, message.id)[2] % MAX_LATE_MINUTES
        message = message._replace(next_at=later(message.created_at, timedelta(minutes=minutes)))
    if kind is AwkwardKind.OUT_OF_ORDER:
        message = message._replace(status=MessageStatus.HELD, next_at=None, reason=HELD_BACK)
    return message._replace(awkward=kind)


def _numbers(seed: bytes, message_id: str) -> tuple[int, int, int]:
    found = blake2b(f"awkward {message_id}".encode(), key=seed, digest_size=24).digest()
    first, second, third = (int.from_bytes(found[place : place + 8], "big") for place in (0, 8, 16))
    return first, second, third
