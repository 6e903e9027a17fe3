"""Commands on the receivers of a world's messages. Source: N1, N14."""

from typing import Annotated, Any

from pydantic import Field

from mockaxle.core.receivers import MAX_RECEIVERS, Receiver
from mockaxle.core.receiving import not_held_back, readdressed, receiver_of, released, with_receivers, without_receiver
from mockaxle.core.state import State
from mockaxle.scenarios.fields import SECRET
from mockaxle.scenarios.receivers import ReceiverFields, is_receiver_name
from mockaxle.world.commands.done import Done, Moment
from mockaxle.world.commands.refusals import ReceiverNameRefused, ReceiverUnknown, TooManyReceivers
from mockaxle.world.value import World

MAX_SECRET = 200


class PutReceiver(ReceiverFields):
    """A partner's server. Without a secret, one is made and shown once."""

    secret: Annotated[Annotated[str, Field(min_length=1, max_length=MAX_SECRET)] | None, SECRET] = None


def put_receiver(world: World, body: PutReceiver, moment: Moment) -> Done:
    """Add a receiver, or replace the one of its name. Messages that were held for its secret fall due.

    Raises: ReceiverNameRefused, TooManyReceivers. Source: N1.
    """
    name, known = moment.path["name"], world.state.reference.receivers
    if not is_receiver_name(name):
        raise ReceiverNameRefused(f"{name!r:.60} is not the name of a receiver")
    former = receiver_of(world.state, name)
    if former is None and len(known) >= MAX_RECEIVERS:
        raise TooManyReceivers(f"The world has {MAX_RECEIVERS} receivers already")
    added = body.receiver(name)._replace(has_secret=True)
    state = with_receivers(world.state, (*(one for one in known if one.name != name), added))
    if former is not None:
        state = readdressed(state, former, receiver=added)
        state = state if former.has_secret else released(state, [name], now=moment.at)
    return Done(world._replace(state=state), describe_receiver(added))


def drop_receiver(world: World, body: None, moment: Moment) -> Done:
    """Remove a receiver. Messages that wait for it are given up. Raises: ReceiverUnknown. Source: N1."""
    found = find_receiver(world.state, moment.path["name"])
    return Done(world._replace(state=without_receiver(world.state, found.name)), {})


def release_messages(world: World, body: None, moment: Moment) -> Done:
    """Make held messages due, but those of a receiver that is held or without a secret.

    Those that are to go out of order to a held receiver may be claimed. Source: N14, N19.
    """
    names = (one.name for one in world.state.reference.receivers)
    state = released(world.state, names, now=moment.at)
    freed = not_held_back(state, now=moment.at)
    count = state.outbox.waiting - world.state.outbox.waiting
    count += len(state.outbox.held_back) - len(freed.outbox.held_back)
    return Done(world._replace(state=freed), {"released": count})


def find_receiver(state: State, name: str) -> Receiver:
    """Raises: ReceiverUnknown."""
    found = receiver_of(state, name)
    if found is None:
        raise ReceiverUnknown(f"There is no receiver {name!r:.60}")
    return found


def describe_receiver(receiver: Receiver) -> dict[str, Any]:
    """Shape: without its secret; event_types is null if it gets all of its kind."""
    return {**receiver._asdict(), "event_types": list(receiver.event_types) or None}


def describe_receivers(state: State) -> dict[str, Any]:
    return {"receivers": [describe_receiver(one) for one in state.reference.receivers]}
