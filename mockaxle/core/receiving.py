"""Steps on the receivers of a world and on the messages that wait for them. Source: N1, N14."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from mockaxle.core.messages import Message, MessageStatus
from mockaxle.core.receivers import Receiver
from mockaxle.core.state import State

REMOVED, OTHER_KIND = "its receiver was removed", "its receiver is of another kind now"


def receiver_of(state: State, name: str | None) -> Receiver | None:
    return next((one for one in state.reference.receivers if one.name == name), None)


def with_receivers(state: State, receivers: Iterable[Receiver]) -> State:
    """Set the receivers, ordered by name."""
    ordered = tuple(sorted(receivers, key=lambda receiver: receiver.name))
    return state._replace(reference=replace(state.reference, receivers=ordered))


def without_receiver(state: State, name: str) -> State:
    """Remove a receiver, and give up the messages that wait for it."""

    def given_up(message: Message) -> Message:
        return _with(message, MessageStatus.GIVEN_UP, REMOVED) if message.receiver == name else message

    state = with_receivers(state, (one for one in state.reference.receivers if one.name != name))
    return state._replace(outbox=state.outbox.change_all(given_up).within_limits())


def without_receivers(state: State) -> State:
    """Remove all receivers, and keep the messages that wait for them for nobody."""

    def kept(message: Message) -> Message:
        return _with(message, MessageStatus.KEPT)._replace(receiver=None)

    if not state.reference.receivers:
        return state
    outbox = state.outbox.change_all(kept).within_limits()
    return with_receivers(state, ())._replace(outbox=outbox)


def readdressed(state: State, former: Receiver, *, receiver: Receiver) -> State:
    """Fit the messages that wait for a receiver to its changed self: hold them, or give them up if it gets others."""

    def fitted(message: Message) -> Message:
        if message.receiver != receiver.name:
            return message
        if former.kind is not receiver.kind:
            return _with(message, MessageStatus.GIVEN_UP, OTHER_KIND)
        waits = message.status is MessageStatus.WAITING
        return _with(message, MessageStatus.HELD) if waits and receiver.held else message

    if former.kind is receiver.kind and not receiver.held:
        return state
    return state._replace(outbox=state.outbox.change_all(fitted).within_limits())


def without_secret(state: State, name: str) -> State:
    """Note that a receiver's secret is not known, so that its next messages are held."""
    changed = (one._replace(has_secret=False) if one.name == name else one for one in state.reference.receivers)
    return with_receivers(state, changed)


def held(state: State) -> State:
    """Hold all messages that wait, so that nobody is called by surprise."""
    if not state.outbox.waiting:
        return state

    def kept_back(message: Message) -> Message:
        return _with(message, MessageStatus.HELD) if message.status is MessageStatus.WAITING else message

    return state._replace(outbox=state.outbox.change_all(kept_back))


def released(state: State, names: Iterable[str], *, now: datetime) -> State:
    """Make the held messages due now, but those of a receiver that is held or without a secret."""
    ready = {one.name for one in state.reference.receivers if one.first_status is MessageStatus.WAITING} & {*names}

    def due(message: Message) -> Message:
        is_ready = message.status is MessageStatus.HELD and message.receiver in ready
        return message._replace(status=MessageStatus.WAITING, next_at=now, reason=None) if is_ready else message

    return state._replace(outbox=state.outbox.change_all(due))


def not_held_back(state: State, *, now: datetime) -> State:
    """Let the messages of held receivers that are to go out of order be claimed now. Source: N19, N20."""
    held_receivers = {one.name for one in state.reference.receivers if one.held}

    def freed(message: Message) -> Message:
        is_ours = message.is_held_back and message.receiver in held_receivers
        return message._replace(reason=None, next_at=now) if is_ours else message

    return state._replace(outbox=state.outbox.change_all(freed)) if state.outbox.held_back else state


def is_claimable(state: State, message: Message, *, now: datetime) -> bool:
    """Tell whether a message is for a held receiver and falls due, so that a caller may claim it. Source: N20."""
    if message.status is not MessageStatus.HELD or message.is_held_back:
        return False
    receiver = receiver_of(state, message.receiver)
    is_due = message.next_at is None or message.next_at <= now
    return is_due and receiver is not None and receiver.held


def followed(state: State, message: Message, *, now: datetime) -> State:
    """Let the messages go out that are to arrive after this one. Source: N19."""
    receiver, outbox = receiver_of(state, message.receiver), state.outbox
    if receiver is None:
        return state
    for earlier in [*outbox.behind(message)]:
        outbox = outbox.change(earlier._replace(status=receiver.first_status, next_at=now, reason=None))
    return state._replace(outbox=outbox)


def _with(message: Message, status: MessageStatus, reason: str | None = None) -> Message:
    return message._replace(status=status, next_at=None, reason=reason)
