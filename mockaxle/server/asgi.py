"""ASGI to Request, Response to ASGI, and nothing between."""

from asyncio import sleep
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any, Protocol

from mockaxle.exchange import HELD, Headers, Request, Response, Way
from mockaxle.passwords import PasswordUnhashed
from mockaxle.server.network import TRANSPORT, break_off
from mockaxle.server.peers import peer_of
from mockaxle.world import WorldBusy

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]


class Answer(Protocol):
    def __call__(self, request: Request, /, *, hashed: bytes | None) -> Response:
        """The response; `hashed` is the hash of the request's password. Raises: WorldBusy, PasswordUnhashed."""
        ...


class SurfaceApp:
    """An ASGI application that answers each request with a plain function; redirects lead below the root path."""

    def __init__(
        self, answer: Answer, *, body_limit: int, root_path: str = "", trusted_proxies: Collection[str] = ()
    ) -> None:
        self._answer = answer
        self._body_limit = body_limit
        self._root = root_path.encode()
        self._trusted_proxies = trusted_proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read_body(scope["headers"], receive, self._body_limit)
        if body is None:
            return
        peer = peer_of(scope, self._trusted_proxies)
        response = await self._response(_request(scope, body, limit=self._body_limit, peer=peer))
        response = _below(self._root, response) if self._root else response
        if response.way is None:
            await _send(send, response)
        else:
            await _send_its_way(scope, send, response=response, way=response.way)

    async def _response(self, request: Request) -> Response:
        hashed = None
        while True:
            try:
                response = self._answer(request, hashed=hashed)
            except WorldBusy as busy:
                await busy.over()
                continue
            except PasswordUnhashed as unhashed:
                hashed = await unhashed.hashed_aside()
                continue
            if response.status != HELD or response.way is None:
                return response
            await sleep(response.way.delay_ms / 1000)
            request = request._replace(resumed=True)


async def _send_its_way(scope: Scope, send: Send, *, response: Response, way: Way) -> None:
    """Sends late, or breaks the connection; without one, dribbling is just being late."""
    dribbles = way.network == "dribble" and TRANSPORT in scope.get("extensions", {})
    if not dribbles:
        await sleep(way.delay_ms / 1000)
    if dribbles or way.breaks:
        await break_off(scope, response)
    else:
        await _send(send, response)


def _request(scope: Scope, body: bytes, *, limit: int, peer: str) -> Request:
    oversize = len(body) > limit
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
