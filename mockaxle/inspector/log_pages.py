"""The log of a world as pages: all entries, one entry with its reasons, and the stream that keeps pages up to date."""

import json
from asyncio import get_running_loop, to_thread
from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import Response, StreamingResponse

from mockaxle.control.following import followed
from mockaxle.control.history import Filter, numbered, summary
from mockaxle.inspector.log_rows import log_row, log_rows
from mockaxle.inspector.paging import number_in, paging
from mockaxle.inspector.rendering import HEADERS, pretty
from mockaxle.inspector.snippets import snippets
from mockaxle.inspector.state_changes import state_changes
from mockaxle.inspector.surroundings import Surroundings
from mockaxle.inspector.visits import WorldVisit

ENTRIES_PER_PAGE = 50
STREAM_SECONDS, POLL_SECONDS, MAX_EVENTS = 120.0, 2.0, 100
ANY, NO_STATUS = Filter(), -1
"""A filter that takes all, and a status that no entry has."""


async def show_log(surroundings: Surroundings, visit: WorldVisit) -> Response:
    """Show the entries that match the filters, newest first."""
    query = visit.request.query_params
    asked = {name: query.get(name, "").strip() for name in ("operation", "status", "site", "text")}
    status = (number_in(asked["status"]) or NO_STATUS) if asked["status"] else None
    wanted = Filter(asked["operation"] or None, status, asked["site"] or None, asked["text"] or None)
    pages, log = paging(query.get("page", "1"), per_page=ENTRIES_PER_PAGE), visit.hosted.log
    entries = tuple(numbered(log))

    def rows() -> tuple[Any, int]:
        found = [(number, entry) for number, entry in reversed(entries) if wanted.takes(entry)]
        shown = found[pages.offset : pages.offset + ENTRIES_PER_PAGE]
        return log_rows(shown), len(found)

    shown, total = await to_thread(rows)
    values = {"rows": shown, "total": total, "dropped": log.dropped, "asked": asked, "pages_of": pages.of(total)}
    return await visit.of_world("log.html", {**values, "operations": surroundings.operations})


async def show_entry(surroundings: Surroundings, visit: WorldVisit) -> Response:
    number, log = number_in(visit.request.path_params["number"]) or 0, visit.hosted.log
    try:
        entry = log.entry(number)
    except KeyError:
        text = f"There is no entry {visit.request.path_params['number']:.40}, or it is no longer kept."
        back = f"{visit.path}/log"
        return await visit.of_world("refused.html", {"title": "No such entry", "text": text, "back": back}, status=404)
    last = log.last
    chunks, outbox = tuple(log.chunks), visit.hosted.world.state.outbox
    past, base = surroundings.worlds.past(visit.hosted), surroundings.base_url(visit.request)

    def values() -> dict[str, Any]:
        told = surroundings.logs.explained(number, entry, chunks=chunks, outbox=outbox)
        before, after = past.around(number)
        changes, more = state_changes(before, after)
        code = snippets(number, entry, before=before, base=base)
        bodies = {part: pretty(told[part]["body"]) for part in ("request", "response") if part in told}
        shown = {"entry": told, "bodies": bodies, "snippets": code}
        return {**shown, "changes": changes, "has_more_changes": more, "is_unchanged": before == after}

    found = await to_thread(values)
    row = log_row(number, entry)
    return await visit.of_world("entry.html", {**found, "row": row, "last": last, "first": log.dropped + 1})


async def stream_log(surroundings: Surroundings, visit: WorldVisit) -> Response:
    """Tell of each new entry as it comes, for two minutes; the browser asks again with the last number it has."""
    text = visit.request.headers.get("last-event-id", visit.request.query_params.get("after", ""))
    found = number_in(text)
    after = visit.hosted.log.last if found is None else found
    headers = {**HEADERS, "X-Accel-Buffering": "no"}
    events = _events(surroundings, visit, after=after)
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def _events(surroundings: Surroundings, visit: WorldVisit, *, after: int) -> AsyncIterator[str]:
    """Yield events of the stream until the log-in ends. A comment now and then keeps the connection open."""
    loop = get_running_loop()
    until = loop.time() + STREAM_SECONDS
    yield f"retry: 1000\nid: {after}\n\n"
    while loop.time() < until:
        seen, until_then = after, min(until, loop.time() + POLL_SECONDS)
        found, after = await followed(visit.hosted, ANY, after=seen, until=until_then)
        if not _is_seen(surroundings, visit):
            return
        if not found:
            yield f"id: {after}\ndata: {{}}\n\n" if after < seen else ": nothing new\n\n"
        for number, entry in found[-MAX_EVENTS:]:
            yield f"id: {number}\ndata: {json.dumps(summary(number, entry))}\n\n"


def _is_seen(surroundings: Surroundings, visit: WorldVisit) -> bool:
    """Tell whether the visitor may still see the world."""
    is_kept = surroundings.worlds.find(visit.hosted.world.name) is visit.hosted
    return is_kept and surroundings.door.visitor(visit.request) is not None
