"""The messages of a world: what the platform says to the partner. Source: N4."""

from asyncio import get_running_loop, to_thread
from collections.abc import Collection, Iterator
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
from mockaxle.serving.hosted_world import HostedWorld
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
        state, now, away = hosted.world.state, hosted.instant(worlds.now()), _in_flight(hosted)
        if await to_thread(_has_match, state, asked, now=now, after=seen, away=away) or loop.time() >= until:
            break
        if asked.status is None and not asked.claimable:  # else an older one may come to match
            seen = state.outbox.made
        if hosted.world.state is state:
            left = until - loop.time()
            await hosted.changed.wait(min(left, LOOK_SECONDS) if asked.claimable else left)
        seen = min(seen, hosted.world.state.outbox.made)  # a reset or a rewind makes their numbers anew
    return Response(await to_thread(page, hosted.world.state, asked, now=now, away=away), media_type=JSON)


def _has_match(state: State, asked: bodies.MessageQuery, *, now: datetime, after: int, away: Collection[str]) -> bool:
    return next(_matching(state, asked, now=now, after=after, away=away), None) is not None


def page(state: State, asked: bodies.MessageQuery, *, now: datetime, away: Collection[str] = ()) -> bytes:
    """Write the messages that match at an instant. Shape: away has the ids of those in flight."""
    found = _matching(state, asked, now=now, after=asked.after, away=away)
    return written({"messages": list(map(describe_message, found)), "dropped": state.outbox.dropped})


def _in_flight(hosted: HostedWorld) -> set[str]:
    return {message_id for restarts, message_id in hosted.in_flight if restarts == hosted.restarts}


def _matching(
    state: State, asked: bodies.MessageQuery, *, now: datetime, after: int, away: Collection[str]
) -> Iterator[Message]:
    """Shape: an asset is named by its id or by its external id."""
    asset = asked.asset and (state.asset_ids.get(asked.asset) or asked.asset)
    first = state.outbox.first_open - 1 if asked.claimable else 0
    for message in state.outbox.after(max(after, asked.after, first)):
        facts = ((asked.type, message.type), (asked.status, message.status), (asked.receiver, message.receiver))
        fits = all(wanted in (None, found) for wanted, found in facts)
        if asked.claimable:
            fits = fits and message.id not in away and is_claimable(state, message, now=now)
        if fits and (asset is None or asset in message.asset_ids):
            yield message
