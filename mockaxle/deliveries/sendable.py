"""Finds the message of a call that sends or claims it, with its receiver and secret, or says why it cannot."""

from typing import NamedTuple

from mockaxle.core.awkward_deliveries import fits
from mockaxle.core.messages import AwkwardKind, Message
from mockaxle.core.receivers import Receiver
from mockaxle.core.receiving import receiver_of
from mockaxle.deliveries.desk import Desk
from mockaxle.world.commands.refusals import AwkwardDoesNotFit, MessageHasNoReceiver, MessageUnknown, ReceiverIsHeld


class Sendable(NamedTuple):
    """A message that may be sent, with what an attempt needs."""

    message: Message
    receiver: Receiver
    secret: str


def sendable(desk: Desk, message_id: str, *, awkward: AwkwardKind | None) -> Sendable:
    """Raises: MessageUnknown, MessageHasNoReceiver, ReceiverIsHeld, AwkwardDoesNotFit."""
    found = addressed(desk, message_id)
    if found.receiver.held:
        raise ReceiverIsHeld(f"The receiver {found.receiver.name} is held, so that the mock does not call it")
    if awkward is not None and not fits(awkward, found.message):
        raise AwkwardDoesNotFit(f"A message of type {found.message.type} cannot be {awkward}")
    return found


def addressed(desk: Desk, message_id: str) -> Sendable:
    """Raises: MessageUnknown, MessageHasNoReceiver."""
    message = desk.state.outbox.find(message_id)
    if message is None:
        raise MessageUnknown(f"There is no message {message_id!r:.60}")
    receiver = receiver_of(desk.state, message.receiver)
    secret = desk.secret(receiver.name) if receiver else None
    if receiver is None or secret is None:
        without = "a receiver" if receiver is None else "a known secret of its receiver"
        raise MessageHasNoReceiver(f"The message {message.id} is without {without}")
    return Sendable(message, receiver, secret)
