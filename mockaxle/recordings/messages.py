"""The part of a recording's start that a scenario does not have: messages, dispatches, receivers, e-mails, codes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, NamedTuple

from pydantic import Field, TypeAdapter

from mockaxle.core.awkward_deliveries import USUAL, AwkwardDeliveries
from mockaxle.core.bank_accounts import SentCode
from mockaxle.core.dispatches import Callback, Dispatch, Dispatches
from mockaxle.core.emails import Emails
from mockaxle.core.messages import Message
from mockaxle.core.outbox import outbox_of
from mockaxle.core.receivers import Receiver
from mockaxle.core.receiving import with_receivers
from mockaxle.core.state import State
from mockaxle.core.table import Table

MAX_MADE = 10**9


class Said(NamedTuple):
    """Shape: `ended` has the numbers of the messages that are not open, in the order in which they ended.

    `callbacks` are by asset, `codes` by site. Older versions wrote no e-mails and codes.
    """

    receivers: tuple[Receiver, ...]
    messages: tuple[Message, ...]
    made: Annotated[int, Field(ge=0, le=MAX_MADE)]
    dropped: Annotated[int, Field(ge=0, le=MAX_MADE)]
    ended: tuple[int, ...]
    dispatches: tuple[Dispatch, ...]
    callbacks: dict[str, tuple[Callback, ...]]
    awkward_deliveries: AwkwardDeliveries = USUAL
    emails: Emails = ()
    codes: dict[str, SentCode] = {}  # noqa: RUF012  # by site; a default of a named tuple, which nothing changes


SAID = TypeAdapter(Said)
KEY = "messages"


def dump_said(state: State) -> dict[str, Any]:
    """Return what a state says beyond its scenario, by its key; nothing if it has said nothing."""
    plan, codes = state.reference.awkward_deliveries, _codes(state)
    said = state.reference.receivers or state.outbox.made or state.dispatches.made or state.emails or codes
    if not said and plan == USUAL:
        return {}
    box = state.outbox
    places = range(box.ended_places - len(box.ended), box.ended_places)
    ended = tuple(number for number in map(box.ended.get, places) if number is not None)
    asset_ids = state.asset_order.page(0, limit=state.asset_order.live)
    callbacks = {id: found for id in asset_ids if (found := state.callbacks.get(id))}
    dispatches = tuple(state.dispatches.all())
    sent = (state.reference.receivers, tuple(box.after(0)), box.made, box.dropped, ended)
    return {KEY: SAID.dump_python(Said(*sent, dispatches, callbacks, plan, state.emails, codes), mode="json")}


def _codes(state: State) -> dict[str, SentCode]:
    if not len(state.codes):
        return {}
    site_ids = state.site_order.page(0, limit=state.site_order.live)
    return {id: sent for id in site_ids if (sent := state.codes.get(id))}


def with_said(state: State, data: Mapping[str, Any]) -> State:
    """Add to a state what dump_said wrote. Raises: ValueError."""
    if KEY not in data:
        return state
    said = SAID.validate_python(data[KEY])
    numbers = [message.number for message in said.messages]
    if numbers != sorted(set(numbers)) or not all(0 < number <= said.made for number in numbers):
        raise ValueError("its messages are not in the order of their numbers")
    if sorted(said.ended) != [message.number for message in said.messages if not message.is_open]:
        raise ValueError("its ended messages are not those that are not open")
    dispatches = Dispatches()
    for one in said.dispatches:
        dispatches = dispatches.put(one)
    state = state._replace(reference=replace(state.reference, awkward_deliveries=said.awkward_deliveries))
    return with_receivers(state, said.receivers)._replace(
        outbox=outbox_of(said.messages, made=said.made, dropped=said.dropped, ended=said.ended),
        dispatches=dispatches,
        callbacks=Table.of(said.callbacks),
        emails=said.emails,
        codes=Table.of(said.codes),
    )
