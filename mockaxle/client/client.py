"""Calls one server, with limits on the unpacked size of an answer and on its total time.

The server cannot be trusted. It may send a byte a minute, gzip that grows a thousandfold, endless redirects or no HTTP
at all. So no redirect is followed, no cookie is kept, and only gzip is unpacked, step by step. A timeout per read never
ends a slow answer, and a thread that waits in a read cannot be stopped. Hence the calls run on an event loop in a
thread, where a late call is cancelled and its connection closed.
"""

import os
import ssl
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from string import punctuation
from types import TracebackType
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from anyio import fail_after
from anyio.from_thread import BlockingPortal, start_blocking_portal

from mockaxle.client.errors import CertificateNotTrusted, NotReached, NotReadable, TooLong, TooSlow, UrlRefused
from mockaxle.client.response import ClientResponse
from mockaxle.core.gunzip import UnpackedTooLong, gunzip
from mockaxle.core.limits import ANSWER_SECONDS, MAX_ANSWER

USER_AGENT = "mockaxle"
ACCEPTED = {"Accept": "*/*", "Accept-Encoding": "gzip", "User-Agent": USER_AGENT}
SENT_AS_IT_IS = punctuation.replace("#", "")
"""Characters of a path and a query that are not encoded, besides letters and digits."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of an answer. Units: total seconds; bytes, packed and unpacked."""

    seconds: float = ANSWER_SECONDS
    size: int = MAX_ANSWER


DEFAULT_BOUNDS = Bounds()


class Client:
    """Calls a server by its base URL; a context manager. Shape: `transport` and `portal` for a mock without a socket.

    Raises: UrlRefused.
    """

    def __init__(
        self,
        base_url: str,
        *,
        ca: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        portal: BlockingPortal | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._base = read_base_url(self.base_url)
        self._verify = ca or self._base.scheme == "https"
        self._given_transport, self._given_portal = transport, portal
        self._portal: BlockingPortal | None = None

    def __enter__(self) -> "Client":
        self._process, self._closing = os.getpid(), ExitStack()
        self._transport = self._given_transport or httpx.AsyncHTTPTransport(verify=self._verify, trust_env=False)
        self._portal = self._given_portal or self._closing.enter_context(start_blocking_portal())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._running().call(self._transport.aclose)
        self._portal = None
        self._closing.__exit__(kind, error, at)

    def _running(self) -> BlockingPortal:
        """Return the event loop. A forked process does not have its thread. Raises: NotReached."""
        assert self._portal, "a client is used within its block"
        if self._process != os.getpid():
            raise NotReached("this client was opened before the process was forked; open one in the new process")
        return self._portal

    def call(
        self,
        verb: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        within: Bounds = DEFAULT_BOUNDS,
        **body: Any,
    ) -> ClientResponse:
        """Call; redirects are returned like any answer. Shape: `json`, `data` (a form) or `content` as the body.

        Raises: Unanswered.
        """
        with as_unanswered():
            request = self._request(verb, path + (f"?{urlencode(query)}" if query else ""), headers or {}, body)
            return self._running().call(self._answer, request, within)

    def _request(self, verb: str, path: str, headers: Mapping[str, str], body: Mapping[str, Any]) -> httpx.Request:
        """Build a request, always to the origin of the base URL."""
        raw_path = self._base.raw_path.rstrip(b"/") + quote(path, SENT_AS_IT_IS).encode()
        sent = httpx.Headers(ACCEPTED, encoding="latin-1")
        for name, value in headers.items():
            sent[name] = value
        return httpx.Request(verb, self._base.copy_with(raw_path=raw_path), headers=sent, **body)

    async def _answer(self, request: httpx.Request, within: Bounds) -> ClientResponse:
        """Raises: Unanswered, httpx.TransportError and other errors of connections."""
        try:
            with fail_after(within.seconds):
                response = await self._transport.handle_async_request(request)
                try:
                    body = await _whole(response, within.size)
                finally:
                    await response.aclose()
        except TimeoutError:
            raise TooSlow(within.seconds) from None
        return ClientResponse(response.status_code, response.headers, _unpacked(response, body, limit=within.size))


async def cut_off(body: bytes) -> AsyncIterator[bytes]:
    """Send a part of a body as the content of a call, and break the connection. Raises: httpx.WriteError."""
    yield body
    raise httpx.WriteError("the body was cut off, since the delivery is awkward")


def read_base_url(text: str) -> httpx.URL:
    """Raises: UrlRefused."""
    try:
        url = httpx.URL(text)
        host, port = url.host, url.port
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise UrlRefused(f"it is not a base URL: {error}") from None
    if url.scheme not in ("http", "https") or not host or not (port is None or 0 < port < 65536):
        raise UrlRefused("it is not a base URL such as http://127.0.0.1:2953")
    if url.userinfo or "?" in text or "#" in text:
        raise UrlRefused("a base URL has no account, query or fragment; pass the account by its own option")
    return url


@contextmanager
def as_unanswered() -> Iterator[None]:
    """Turn errors of httpx and sockets into ours. Raises: Unanswered."""
    try:
        yield
    except (httpx.InvalidURL, UnicodeError) as error:
        raise UrlRefused(f"the call cannot be sent: {error}") from None
    except (httpx.TransportError, OSError) as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise CertificateNotTrusted() from None
        raise NotReached(str(error) or type(error).__name__) from None


async def _whole(response: httpx.Response, limit: int) -> bytes:
    """Read the body, still packed. Raises: TooLong."""
    body = bytearray()
    assert isinstance(response.stream, httpx.AsyncByteStream), "an asynchronous transport has no other"
    async for piece in response.stream:
        body += piece
        if len(body) > limit:
            raise TooLong(limit)
    return bytes(body)


def _unpacked(response: httpx.Response, body: bytes, *, limit: int) -> bytes:
    """Raises: NotReadable, TooLong."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding == "identity" or not body:
        return body
    if encoding not in ("gzip", "x-gzip"):
        raise NotReadable(f"the answer is encoded as {encoding!r:.40}, which was not accepted")
    try:
        return gunzip(body, limit=limit)
    except UnpackedTooLong:
        raise TooLong(limit) from None
    except zlib.error as error:
        raise NotReadable(f"the answer's gzip cannot be unpacked: {error}") from None
