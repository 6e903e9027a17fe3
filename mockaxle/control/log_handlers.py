"""The calls of control on a world's log."""

import re
from asyncio import get_running_loop, to_thread
from collections.abc import Sequence
from itertools import islice
from typing import Any

from starlette.responses import Response

from mockaxle.contract.document import Contract
from mockaxle.contract.request_schemas import RequestSchemas
from mockaxle.control import bodies
from mockaxle.control.endpoint import ControlCall, Endpoint
from mockaxle.control.following import followed
from mockaxle.control.history import Filter, numbered, summary, whole
from mockaxle.control.reading import read, read_query, refused
from mockaxle.control.rendering import written
from mockaxle.control.verification import VERIFY, verify
from mockaxle.core.accounts import LOG_IN
from mockaxle.core.outbox import Outbox
from mockaxle.core.state import State
from mockaxle.recordings.beginning import dump_base
from mockaxle.recordings.bodies import unpacked
from mockaxle.recordings.formats import FORMS
from mockaxle.recordings.jsonl import Recording
from mockaxle.scenarios.dumping import TooManySites
from mockaxle.world.commands.row import JSON
from mockaxle.world.entries import Entry, Exchange, Held
from mockaxle.world.json_bodies import sent_in
from mockaxle.world.log import Chunk
from mockaxle.world.value import World

NUMBER = re.compile(r"[1-9][0-9]{0,17}")
MAX_UNKNOWN_KEYS = 100
EXPECTED = {"calls": [{"operation": "POST /auth/token-form", "at_least": 1}]}


class LogHandlers:
    """Handles calls on a world's log."""

    def __init__(self, contract: Contract) -> None:
        self._schemas = RequestSchemas(contract.document)

    def endpoints(self) -> list[Endpoint[ControlCall]]:
        return [
            Endpoint("GET /log", "Read the log", self.get_log, query=bodies.LogQuery),
            Endpoint("GET /recording", "Write the log as a file", self.get_recording, query=bodies.RecordingQuery),
            Endpoint(
                "POST /verify", "Check that calls and deliveries were made", self.verify, VERIFY, example=EXPECTED
            ),
            Endpoint("GET /log/{number}", "Read one entry with its explanation", self.get_entry),
        ]

    async def get_log(self, call: ControlCall) -> Response:
        """Answer a page of the entries that match the filters, oldest first unless the query says otherwise.

        If there is none yet, wait for the first one as long as is asked.
        """
        asked = read_query(call.request, bodies.LogQuery)
        wanted = Filter(asked.operation, asked.status, asked.site, asked.text)
        until = get_running_loop().time() + asked.wait
        found, last = await followed(call.hosted, wanted, after=asked.after, until=until)
        dropped = call.hosted.log.dropped

        def page() -> bytes:
            if asked.newest_first:
                found.reverse()
            shown = [summary(n, entry) for n, entry in found[asked.offset : asked.offset + asked.limit]]
            return written({"entries": shown, "total": len(found), "dropped": dropped, "last": last})

        return Response(await to_thread(page), media_type=JSON)

    async def get_recording(self, call: ControlCall) -> Response:
        """Write the kept entries with their base."""
        asked, log = read_query(call.request, bodies.RecordingQuery), call.hosted.log
        format, base, entries, dropped = asked.format, log.base, tuple(log), log.dropped
        if asked.without_last_log_in and entries and _is_log_in(entries[-1]):
            entries = entries[:-1]

        def recording() -> str:
            begun = dump_base(base, whole=format == "jsonl")
            return "".join(FORMS[format].write(Recording(call.name, begun, entries, dropped)))

        try:
            text = await to_thread(recording)
        except TooManySites as error:
            return refused(409, str(error))
        return Response(text, media_type=FORMS[format].media_type)

    async def verify(self, call: ControlCall) -> Response:
        """Answer 200 if the log contains the calls and deliveries, else 409 with near misses."""
        entries, dropped, state = list(numbered(call.hosted.log)), call.hosted.log.dropped, call.hosted.world.state
        return await to_thread(_verified, call.body, entries, dropped=dropped, state=state)

    async def get_entry(self, call: ControlCall) -> Response:
        named = call.path["number"]
        number = int(named) if NUMBER.fullmatch(named) else 0
        try:
            entry = call.hosted.log.entry(number)
        except KeyError:
            return refused(404, f"There is no entry {named!r:.60}, or it is no longer kept")
        chunks, outbox = tuple(call.hosted.log.chunks), call.hosted.world.state.outbox
        text = await to_thread(lambda: written(self.explained(number, entry, chunks=chunks, outbox=outbox)))
        return Response(text, media_type=JSON)

    def explained(self, number: int, entry: Entry, *, chunks: Sequence[Chunk[World]], outbox: Outbox) -> dict[str, Any]:
        """Return an entry with its explanation and the keys of its body that the API does not know."""
        data = whole(number, entry, chunks=chunks, outbox=outbox)
        if isinstance(entry, Exchange | Held):
            data["unknown_keys"] = self._unknown_keys_of(entry)
        return data

    def _unknown_keys_of(self, exchange: Exchange | Held) -> list[dict[str, Any]]:
        """List unknown keys with their places and the nearest known keys, or None."""
        sent = sent_in(unpacked(exchange.request))
        found = self._schemas.unknown_keys(exchange.operation, sent)
        return [{"place": one.place, "nearest": one.nearest} for one in islice(found, MAX_UNKNOWN_KEYS)]


def _verified(body: bytes, entries: Sequence[tuple[int, Entry]], *, dropped: int, state: State) -> Response:
    """Read a body and verify its calls and deliveries. Raises: ValidationError."""
    verdict = verify(read(body, VERIFY), entries, dropped=dropped, state=state)
    return Response(written(verdict), 200 if verdict["verified"] else 409, media_type=JSON)


def _is_log_in(entry: Entry) -> bool:
    return isinstance(entry, Exchange) and entry.request.path == LOG_IN
