"""The messages of a world: what the platform says to the partner. Source: N4."""

from asyncio import get_running_loop, to_thread
from collections.abc import Iterator
from datetime import datetime
from functools import partial

from starlette.responses import Response

from mockaxle.control import bodies
from mockaxle.control.endpoint import ControlCall, Endpoint
from mockaxle.control.reading import read_query
from mockaxle.control.rendering import written
from mockaxle.core.messages import Message
from mockaxle.core.receiving import is_claimable
from mockaxle.core.state import State
from mockaxle.serving.worlds import Worlds
from mockaxle.world.commands.messages import describe_message
from mockaxle.world.commands.row import JSON

LOOK_SECONDS = 1
"""How often a call looks for messages that can be claimed, since they may fall due by the clock."""


def message_endpoints(worlds: Worlds) -> list[Endpoint[ControlCall]]:
    summary, handler = "Read what the platform says to the partner", partial(get_messages, worlds)
    return [Endpoint("GET /messages", summary, handler, query=bodies.MessageQuery)]


async def get_messages(worlds: Worlds, call: ControlCall) -> Response:
    """Answer the kept messages that match the filters, oldest first; wait for the first one as long as is asked."""
    asked = read_query(call.request, bodies.MessageQuery)
    loop, hosted = get_running_loop(), call.hosted
    until, seen = loop.time() + asked.wait, asked.after
    while True:
        state, now = hosted.world.state, hosted.instant(worlds.now())
        if await to_thread(_has_match, state, asked, now=now, after=seen) or loop.time() >= until:
            break
        if asked.status is None and not asked.claimable:  # else an older one may come to match
            seen = state.outbox.made
        if hosted.world.state is state:
            left = until - loop.time()
            await hosted.changed.wait(min(left, LOOK_SECONDS) if asked.claimable else left)
        seen = min(seen, hosted.world.state.outbox.made)  # a reset or a rewind makes their numbers anew
    return Response(await to_thread(page, hosted.world.state, asked, now=now), media_type=JSON)


def _has_match(state: State, asked: bodies.MessageQuery, *, now: datetime, after: int) -> bool:
    return next(_matching(state, asked, now=now, after=after), None) is not None


def page(state: State, asked: bodies.MessageQuery, *, now: datetime) -> bytes:
    """Write the messages that match at an instant."""
    found = _matching(state, asked, now=now, after=asked.after)
    return written({"messages": list(map(describe_message, found)), "dropped": state.outbox.dropped})


def _matching(state: State, asked: bodies.MessageQuery, *, now: datetime, after: int) -> Iterator[Message]:
    """Shape: an asset is named by its id or by its external id."""
    asset = asked.asset and (state.asset_ids.get(asked.asset) or asked.asset)
    first = state.outbox.first_open - 1 if asked.claimable else 0
    for message in state.outbox.after(max(after, asked.after, first)):
        facts = ((asked.type, message.type), (asked.status, message.status), (asked.receiver, message.receiver))
        fits = all(wanted in (None, found) for wanted, found in facts)
        fits = fits and (not asked.claimable or is_claimable(state, message, now=now))
        if fits and (asset is None or asset in message.asset_ids):
            yield message
