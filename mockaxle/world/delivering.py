"""A logged delivery as a pure step on its world. Source: N14."""

from hashlib import sha256

from mockaxle.core.awkward_deliveries import fits
from mockaxle.core.awkward_sending import body_of
from mockaxle.core.messages import Attempt, AwkwardKind, DeliveryOutcome, Message
from mockaxle.core.receiving import followed, without_secret
from mockaxle.core.retries import WITHOUT_CALL, after_attempt, without_attempt
from mockaxle.world.entries import Delivery
from mockaxle.world.value import World, settled


class DoesNotFollow(ValueError):
    """A delivery that is not the next attempt at a message of its world."""


def deliver(world: World, delivery: Delivery) -> World:
    """Add an attempt to its message, or note why none was made. Raises: DoesNotFollow."""
    world = settled(world, delivery.at)
    state, message = world.state, message_of(world, delivery)
    at, real_at, _, receiver, number, outcome, _, status, error, ms, _, _, awkward, _ = delivery
    if outcome in WITHOUT_CALL:
        outbox = without_attempt(state.outbox, message, outcome=outcome, reason=error)
    else:
        attempt = Attempt(number, at, real_at, outcome, status, error, ms, awkward)
        outbox = after_attempt(state.outbox, message, attempt=attempt, seed=state.seed)
    state = state._replace(outbox=outbox)
    if outcome is DeliveryOutcome.HELD:
        state = without_secret(state, receiver)
    if (after := outbox.find(message.id)) is not None and not after.is_open:
        state = followed(state, message, now=at)
    return world._replace(state=state._replace(outbox=state.outbox.within_limits()))


def message_of(world: World, delivery: Delivery) -> Message:
    """Return the message at which a delivery is the next attempt. Raises: DoesNotFollow."""
    message = world.state.outbox.find(delivery.message)
    if message is None:
        raise DoesNotFollow(f"there is no message {delivery.message!r:.60}")
    if message.receiver != delivery.receiver or delivery.attempt != len(message.attempts) + 1:
        tried = f"{len(message.attempts)} attempts at {message.receiver!r:.60}"
        raise DoesNotFollow(f"the message {message.id} has had {tried}")
    if delivery.outcome in WITHOUT_CALL and not message.is_open:
        raise DoesNotFollow(f"the message {message.id} is {message.status}")
    if delivery.awkward is not None and not fits(delivery.awkward, message):
        raise DoesNotFollow(f"the message {message.id} is a {message.type}, which cannot be {delivery.awkward}")
    return message


def digest_of(message: Message, awkward: AwkwardKind | None) -> str:
    """Return the SHA-256 of the body of an attempt, in hex. Raises: DoesNotFollow if it is no body of the mock."""
    try:
        return sha256(body_of(message, awkward)).hexdigest()
    except (ValueError, LookupError, TypeError, AttributeError):
        raise DoesNotFollow(f"the body of the message {message.id} is not one of the mock") from None
