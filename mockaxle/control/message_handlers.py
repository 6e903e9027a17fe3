"""The messages of a world: what the platform says to the partner. Source: N4."""

import json
from asyncio import get_running_loop, to_thread
from collections.abc import Iterator
from typing import Any

from starlette.responses import Response

from mockaxle.control import bodies
from mockaxle.control.endpoint import ControlCall, Endpoint
from mockaxle.control.reading import read_query
from mockaxle.control.rendering import written
from mockaxle.core.messages import Attempt, Message
from mockaxle.core.state import State
from mockaxle.world.commands.row import JSON


def message_endpoints() -> list[Endpoint[ControlCall]]:
    summary = "Read what the platform says to the partner"
    return [Endpoint("GET /messages", summary, get_messages, query=bodies.MessageQuery)]


async def get_messages(call: ControlCall) -> Response:
    """Answer the kept messages that match the filters, oldest first; wait for the first one as long as is asked."""
    asked = read_query(call.request, bodies.MessageQuery)
    loop, hosted = get_running_loop(), call.hosted
    until, seen = loop.time() + asked.wait, asked.after
    while True:
        state = hosted.world.state
        if await to_thread(_has_match, state, asked, after=seen) or loop.time() >= until:
            break
        if asked.status is None:  # else an older one may come to match
            seen = state.outbox.made
        if hosted.world.state is state:
            await hosted.changed.wait(until - loop.time())
        seen = min(seen, hosted.world.state.outbox.made)  # a reset or a rewind makes their numbers anew
    return Response(await to_thread(page, hosted.world.state, asked), media_type=JSON)


def _has_match(state: State, asked: bodies.MessageQuery, *, after: int) -> bool:
    return next(_matching(state, asked, after=after), None) is not None


def page(state: State, asked: bodies.MessageQuery) -> bytes:
    """Write the messages that match."""
    found = _matching(state, asked, after=asked.after)
    return written({"messages": list(map(_shown, found)), "dropped": state.outbox.dropped})


def _matching(state: State, asked: bodies.MessageQuery, *, after: int) -> Iterator[Message]:
    """Shape: an asset is named by its id or by its external id."""
    asset = asked.asset and (state.asset_ids.get(asked.asset) or asked.asset)
    for message in state.outbox.after(max(after, asked.after)):
        fits = asked.type in (None, message.type) and asked.status in (None, message.status)
        if fits and (asset is None or asset in message.asset_ids):
            yield message


def _shown(message: Message) -> dict[str, Any]:
    fields = {name: value for name, value in message._asdict().items() if name not in ("asset_ids", "external_id")}
    return {
        **fields,
        "asset_id": message.asset_ids[0] if len(message.asset_ids) == 1 else None,
        "created_at": message.created_at.isoformat(),
        "body": json.loads(message.body),
        "attempts": [_tried(attempt) for attempt in message.attempts],
        "next_at": message.next_at and message.next_at.isoformat(),
    }


def _tried(attempt: Attempt) -> dict[str, Any]:
    return {**attempt._asdict(), "at": attempt.at.isoformat(), "real_at": attempt.real_at.isoformat()}
