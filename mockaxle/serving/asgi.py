"""Converts ASGI to requests, and responses to ASGI."""

import json
from asyncio import sleep
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from mockaxle.core.limits import MAX_AT_ONCE
from mockaxle.serving.accounts import NOTHING, Prepared
from mockaxle.serving.catching_up import WorldBehind
from mockaxle.serving.journalling import AnswerUnkept, WorldUnchecked, WorldUnloaded
from mockaxle.serving.network import TRANSPORT, break_off, join_head
from mockaxle.serving.new_worlds import WorldUnbuilt
from mockaxle.serving.passwords import PasswordUnhashed
from mockaxle.serving.patience import Patience
from mockaxle.serving.waiting import ClientGone, unless_gone
from mockaxle.world.entries import Headers, Request, Response, Wait, Way
from mockaxle.world.stored_world import JournalConflict, JournalFailed
from mockaxle.world.value import WorldBusy

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

CHUNKED = b"chunked"
Answer = Callable[[Request, Prepared], Response | Wait]
"""Answers a request, given the parts of a log-in done aside.

Raises: WAITED_FOR.
"""

WAITED_FOR = (
    WorldBusy,
    WorldBehind,
    WorldUnloaded,
    WorldUnchecked,
    PasswordUnhashed,
    WorldUnbuilt,
    AnswerUnkept,
    JournalConflict,
)
"""What an attempt at an answer may need first."""

AnswerAside = Callable[[Request, Prepared], Awaitable[Response | Wait]]
"""Answers a request with the work in a thread."""


class SurfaceApp:
    """An ASGI application that answers requests by a plain function. Redirects stay below the root path.

    `aside` answers requests with large bodies while others are served; `body_limit` returns a call's limit in bytes.
    """

    def __init__(
        self,
        answer: Answer,
        *,
        aside: AnswerAside,
        body_limit: Callable[[Scope], int],
        root_path: str = "",
        patience_seconds: float = 0,
    ) -> None:
        self._answer = answer
        self._aside = aside
        self._body_limit = body_limit
        self._root = root_path.encode()
        self._patience_seconds = patience_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            request = await self._request(scope, receive)
            if request is None:
                return
            response = await self._response(request, receive)
            response = _below(self._root, response) if self._root else response
            if response.way is None:
                await _send(scope, send, response)
            else:
                await _send_its_way(scope, receive, send, response=response, way=response.way)
        except JournalFailed as failed:
            await _send(scope, send, unkept_answer(failed))
        except ClientGone:
            return

    async def _request(self, scope: Scope, receive: Receive) -> Request | None:
        """Read a request, without its body if that is too long; None if the client hung up. Raises: JournalFailed."""
        headers, body, oversize = scope["headers"], b"", 0
        length = _body_length(headers)
        if length:
            limit = await self._limit(scope)
            read = await _read_body(receive, limit, length=length)
            if read is None:
                return None
            body, oversize = (b"", limit) if len(read) > limit else (read, 0)
        path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
        client = str(scope["client"][0]) if scope.get("client") else ""
        return Request(scope["method"], path, query, tuple(headers), body, oversize, scope["scheme"], client=client)

    async def _limit(self, scope: Scope) -> int:
        """Return the limit of a call's body, which may depend on its world. Raises: JournalFailed."""
        while True:
            try:
                return self._body_limit(scope)
            except WorldUnloaded as unloaded:
                await unloaded.loaded()

    async def _response(self, request: Request, receive: Receive) -> Response:
        """Raises: ClientGone, JournalFailed."""
        prepared, patience = NOTHING, Patience(self._patience_seconds)
        while True:
            try:
                answer = await self._attempted(request, prepared)
            except WAITED_FOR as reason:
                after = await self._after(reason, receive, prepared=prepared, patience=patience)
                if isinstance(after, Response):
                    return after
                prepared = after
                continue
            if isinstance(answer, Response):
                return answer
            await unless_gone(receive, sleep(answer.delay_ms / 1000))
            request = request._replace(resumed=True)

    async def _attempted(self, request: Request, prepared: Prepared) -> Response | Wait:
        """Raises: WAITED_FOR."""
        if request.body and _is_slow(request):
            return await self._aside(request, prepared)
        return self._answer(request, prepared)

    async def _after(
        self, reason: Exception, receive: Receive, *, prepared: Prepared, patience: Patience
    ) -> Prepared | Response:
        """Wait for what an attempt needs, and return what the next one has; or the answer, once it is kept.

        Raises: ClientGone, JournalFailed.
        """
        if isinstance(reason, AnswerUnkept | JournalConflict):
            return await patience.kept(reason) or prepared._replace(fresh=frozenset())
        if isinstance(reason, WorldUnchecked):
            try:
                await unless_gone(receive, reason.checked())
            except JournalConflict as conflict:
                await patience.kept(conflict)
                return prepared
            return prepared._replace(fresh=prepared.fresh | {reason.address})
        if isinstance(reason, PasswordUnhashed):
            return prepared._replace(hashed=await unless_gone(receive, reason.hashed_aside()))
        if isinstance(reason, WorldUnbuilt):
            return prepared._replace(world=await unless_gone(receive, reason.built_aside()))
        await unless_gone(receive, _waiting(reason))
        return prepared


async def _waiting(reason: Exception) -> None:
    """Wait for a world."""
    if isinstance(reason, WorldBusy):
        await reason.until_free()
    elif isinstance(reason, WorldBehind):
        await reason.caught_up()
    elif isinstance(reason, WorldUnloaded):
        await reason.loaded()


def unkept_answer(failed: JournalFailed) -> Response:
    """Answer a call that the journal did not keep, and say whether it may have been done."""
    body = json.dumps({"detail": failed.text, "done": failed.done}).encode()
    return Response(503, body, ((b"content-type", b"application/json"), (b"retry-after", b"1")))


def _is_slow(request: Request) -> bool:
    return len(request.body) > MAX_AT_ONCE or request.header(b"content-encoding") is not None


async def _send_its_way(scope: Scope, receive: Receive, send: Send, *, response: Response, way: Way) -> None:
    """Send late, or break the connection. Without a connection, dribbling is a delay. Raises: ClientGone."""
    dribbles = way.network == "dribble" and TRANSPORT in scope.get("extensions", {})
    if way.delay_ms and not dribbles:
        await unless_gone(receive, sleep(way.delay_ms / 1000))
    if dribbles or way.breaks:
        await break_off(scope, response)
    else:
        await _send(scope, send, response)


def _below(root: bytes, response: Response) -> Response:
    headers = tuple((name, root + value if name == b"location" else value) for name, value in response.headers)
    return response._replace(headers=headers)


def _body_length(headers: Headers) -> bytes:
    """Return the digits of Content-Length, empty if there is no body; `chunked` if its length is not stated."""
    length = b""
    for name, value in headers:
        if name == b"content-length":
            length = value.lstrip(b"0")
        elif name == b"transfer-encoding":
            return CHUNKED
    return length


async def _read_body(receive: Receive, limit: int, *, length: bytes) -> bytes | None:
    """Read the body, at most a little beyond the limit; None if the client hung up."""
    if length.isdigit() and (len(length) > len(str(limit)) or int(length) > limit):  # it may have any number of digits
        return bytes(limit + 1)
    body = bytearray()
    more = True
    while more and len(body) <= limit:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


async def _send(scope: Scope, send: Send, response: Response) -> None:
    join_head(scope)
    headers = [*response.headers, (b"content-length", b"%d" % len(response.body))]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
