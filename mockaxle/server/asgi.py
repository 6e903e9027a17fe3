"""ASGI to Request, Response to ASGI, and nothing between."""

from asyncio import sleep
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any, Protocol

from mockaxle.exchange import HELD, Headers, Request, Response, Way
from mockaxle.passwords import PasswordUnhashed
from mockaxle.server.network import TRANSPORT, break_off
from mockaxle.server.peers import peer_of
from mockaxle.waiting import ClientGone, unless_gone
from mockaxle.world import WorldBusy

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]

AT_ONCE = 1 << 16
"""Bytes of a body that is answered in the event loop; models of more would hold it for too long."""


class Answer(Protocol):
    def __call__(self, request: Request, /, *, hashed: bytes | None) -> Response:
        """The response; `hashed` is the hash of the request's password. Raises: WorldBusy, PasswordUnhashed."""
        ...


class AnswerAside(Protocol):
    def __call__(self, request: Request, /, *, hashed: bytes | None) -> Awaitable[Response]:
        """The same, with the work in a thread."""
        ...


class SurfaceApp:
    """An ASGI application that answers each request with a plain function; redirects lead below the root path.

    `aside` answers requests with large bodies while others are served; `body_limit` gives the limit of a call in bytes.
    """

    def __init__(
        self,
        answer: Answer,
        *,
        aside: AnswerAside,
        body_limit: Callable[[Scope], int],
        root_path: str = "",
        trusted_proxies: Collection[str] = (),
    ) -> None:
        self._answer = answer
        self._aside = aside
        self._body_limit = body_limit
        self._root = root_path.encode()
        self._trusted_proxies = trusted_proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = self._body_limit(scope)
        body = await _read_body(scope["headers"], receive, limit)
        if body is None:
            return
        peer = peer_of(scope, self._trusted_proxies)
        try:
            response = await self._response(_request(scope, body, limit=limit, peer=peer), receive)
            response = _below(self._root, response) if self._root else response
            if response.way is None:
                await _send(send, response)
            else:
                await _send_its_way(scope, receive, send, response=response, way=response.way)
        except ClientGone:
            return

    async def _response(self, request: Request, receive: Receive) -> Response:
        """Raises: ClientGone."""
        hashed = None
        while True:
            try:
                response = await self._attempt(request, hashed=hashed)
            except WorldBusy as busy:
                await unless_gone(receive, busy.over())
                continue
            except PasswordUnhashed as unhashed:
                hashed = await unless_gone(receive, unhashed.hashed_aside())
                continue
            if response.status != HELD or response.way is None:
                return response
            await unless_gone(receive, sleep(response.way.delay_ms / 1000))
            request = request._replace(resumed=True)

    async def _attempt(self, request: Request, *, hashed: bytes | None) -> Response:
        if _is_large(request):
            return await self._aside(request, hashed=hashed)
        return self._answer(request, hashed=hashed)


def _is_large(request: Request) -> bool:
    return len(request.body) > AT_ONCE or request.header(b"content-encoding") is not None


async def _send_its_way(scope: Scope, receive: Receive, send: Send, *, response: Response, way: Way) -> None:
    """Sends late, or breaks the connection; without one, dribbling is just being late. Raises: ClientGone."""
    dribbles = way.network == "dribble" and TRANSPORT in scope.get("extensions", {})
    if way.delay_ms and not dribbles:
        await unless_gone(receive, sleep(way.delay_ms / 1000))
    if dribbles or way.breaks:
        await break_off(scope, response)
    else:
        await _send(send, response)


def _request(scope: Scope, body: bytes, *, limit: int, peer: str) -> Request:
    oversize = limit if len(body) > limit else 0
    return Request(
        scope["method"],
        scope["raw_path"].decode("latin-1"),
        scope["query_string"].decode("latin-1"),
        tuple(scope["headers"]),
        b"" if oversize else body,
        oversize,
        scope["scheme"],
        peer=peer,
    )


def _below(root: bytes, response: Response) -> Response:
    headers = tuple((name, root + value if name == b"location" else value) for name, value in response.headers)
    return response._replace(headers=headers)


async def _read_body(headers: Headers, receive: Receive, limit: int) -> bytes | None:
    """The body, some bytes over the limit where it is longer, or None where the client is gone."""
    length = next((value for name, value in headers if name == b"content-length"), b"")
    if _exceeds(length, limit):
        return bytes(limit + 1)
    if length in (b"", b"0") and all(name != b"transfer-encoding" for name, _ in headers):
        return b""
    body = bytearray()
    more = True
    while more and len(body) <= limit:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


def _exceeds(length: bytes, limit: int) -> bool:
    """Whether a Content-Length is over the limit; as text first, since it may have any number of digits."""
    digits = length.lstrip(b"0")
    return digits.isdigit() and (len(digits) > len(str(limit)) or int(digits) > limit)


async def _send(send: Send, response: Response) -> None:
    headers = [*response.headers, (b"content-length", b"%d" % len(response.body))]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
