"""A logged delivery as a pure step on its world. Source: N14."""

from hashlib import sha256

from mockaxle.core.messages import OPEN, Attempt, DeliveryOutcome, Message, MessageStatus
from mockaxle.core.receiving import without_secret
from mockaxle.core.retries import WITHOUT_CALL, after_attempt, without_attempt
from mockaxle.world.entries import Delivery
from mockaxle.world.value import World, settled

WAITS = (MessageStatus.WAITING,)
MAY_BE_ANSWERED = (*OPEN, MessageStatus.GIVEN_UP, MessageStatus.SUPERSEDED)
"""The statuses of a message whose receiver is called, or was called before the message ended."""


class DoesNotFollow(ValueError):
    """A delivery that is not the next attempt at a message of its world."""


def deliver(world: World, delivery: Delivery) -> World:
    """Add an attempt to its message, or note why none was made. Raises: DoesNotFollow."""
    world = settled(world, delivery.at)
    state, message = world.state, message_of(world, delivery)
    at, real_at, _, receiver, number, outcome, _, status, error, ms, _, _ = delivery
    if outcome in WITHOUT_CALL:
        outbox = without_attempt(state.outbox, message, outcome=outcome, reason=error)
    else:
        attempt = Attempt(number, at, real_at, outcome, status, error, ms)
        outbox = after_attempt(state.outbox, message, attempt=attempt, seed=state.seed)
    if outcome is DeliveryOutcome.HELD:
        state = without_secret(state, receiver)
    return world._replace(state=state._replace(outbox=outbox.within_limits()))


def message_of(world: World, delivery: Delivery) -> Message:
    """Return the message at which a delivery is the next attempt. Raises: DoesNotFollow."""
    message = world.state.outbox.find(delivery.message)
    if message is None:
        raise DoesNotFollow(f"there is no message {delivery.message!r:.60}")
    if message.receiver != delivery.receiver or delivery.attempt != len(message.attempts) + 1:
        tried = f"{len(message.attempts)} attempts at {message.receiver!r:.60}"
        raise DoesNotFollow(f"the message {message.id} has had {tried}")
    if message.status not in (WAITS if delivery.outcome in WITHOUT_CALL else MAY_BE_ANSWERED):
        raise DoesNotFollow(f"the message {message.id} is {message.status}")
    return message


def digest_of(message: Message) -> str:
    """Return the SHA-256 of a message's body, in hex."""
    return sha256(message.body).hexdigest()
