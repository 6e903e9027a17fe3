"""What an attempt at a delivery does to its message, and when the next one falls due. Source: N9, N10.

After failed attempt n the next one falls due 30 s x 2^(n-1) later, at most 4 h, give or take a tenth. None is made 24 h
after the message or later: it is given up then.
"""

from datetime import datetime, timedelta
from hashlib import blake2b

from mockaxle.core.awkward_deliveries import COPIES
from mockaxle.core.clock import later
from mockaxle.core.messages import Attempt, AwkwardKind, DeliveryOutcome, Message, MessageStatus
from mockaxle.core.outbox import Outbox

FIRST_SECONDS, MOST_SECONDS = 30, 4 * 3600
LIFETIME = timedelta(hours=24)
MILLION = 1_000_000
TENTH = MILLION // 10

ENDS = {
    DeliveryOutcome.ACCEPTED: MessageStatus.ACCEPTED,
    DeliveryOutcome.REFUSED: MessageStatus.REFUSED,
}
"""The outcomes after which a message is never sent again."""

WITHOUT_CALL = {
    DeliveryOutcome.GIVEN_UP: MessageStatus.GIVEN_UP,
    DeliveryOutcome.HELD: MessageStatus.HELD,
}
"""What becomes of a message whose next attempt is not made."""


def delay_after(attempt: int, jitter: int) -> timedelta:
    """Return the time from a failed attempt, counted from 1, to the next. Units: jitter in millionths. Source: N10."""
    seconds = min(FIRST_SECONDS << min(attempt - 1, 12), MOST_SECONDS)
    return timedelta(seconds=seconds * (MILLION + jitter) // MILLION)


def jitter_of(seed: bytes, message_id: str, *, attempt: int) -> int:
    """Draw the jitter of a retry, from -0.1 to 0.1. Units: millionths. Source: N10."""
    drawn = blake2b(f"retry {message_id} {attempt}".encode(), key=seed, digest_size=8).digest()
    return int.from_bytes(drawn, "big") % (2 * TENTH + 1) - TENTH


def gives_up_at(message: Message) -> datetime:
    """Return the instant from which no attempt is made. Source: N10."""
    return later(message.created_at, LIFETIME)


def without_attempt(outbox: Outbox, message: Message, *, outcome: DeliveryOutcome, reason: str | None) -> Outbox:
    """End or hold a message whose next attempt is not made. Source: N1, N10."""
    return outbox.change(message._replace(status=WITHOUT_CALL[outcome], next_at=None, reason=reason))


def after_attempt(outbox: Outbox, message: Message, *, attempt: Attempt, seed: bytes) -> Outbox:
    """Add an attempt to its message, and decide what becomes of it. Source: N9, N10."""
    changed = message._replace(attempts=(*message.attempts, attempt))
    if attempt.awkward in COPIES or message.status is MessageStatus.ACCEPTED:
        return outbox.change(changed)
    if _is_sent_twice(message, attempt):
        return outbox.change(changed._replace(next_at=attempt.at))
    if attempt.outcome in ENDS:
        return outbox.change(changed._replace(status=ENDS[attempt.outcome], next_at=None, reason=None))
    if not message.is_open:
        return outbox.change(changed)
    number = attempt.attempt - sum(1 for one in message.attempts if one.awkward in COPIES)
    delay = delay_after(number, jitter_of(seed, message.id, attempt=number))
    return outbox.change(changed._replace(next_at=min(later(attempt.at, delay), gives_up_at(message))))


def _is_sent_twice(message: Message, attempt: Attempt) -> bool:
    is_first = not any(one.outcome is DeliveryOutcome.ACCEPTED for one in message.attempts)
    return (
        message.is_open
        and is_first
        and attempt.awkward is AwkwardKind.TWICE
        and attempt.outcome is DeliveryOutcome.ACCEPTED
    )
