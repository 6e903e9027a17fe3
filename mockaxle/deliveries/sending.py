"""Sends one request to a receiver that cannot be trusted: it may hang, send without end, or speak no HTTP.

Each attempt resolves the host once and opens a connection of its own to an address that was allowed. Redirects are not
followed, proxies not used, cookies not kept, and a long answer is not read to its end. Source: N2, N5, N9.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, suppress
from ipaddress import ip_address
from time import monotonic
from typing import NamedTuple

import httpx

from mockaxle.deliveries.local_receivers import LocalFailed, handed_over
from mockaxle.deliveries.targets import Address, Targets, TargetUrl, read_target
from mockaxle.world.commands.refusals import TargetRefused

MAX_READ, SKIM_SECONDS = 65_536, 1
"""How much of an answer's body is read, so that a receiver that sends it sees no broken connection."""

MAX_ERROR = 200
CUT_OFF = "the body was cut off, since the delivery is awkward"
BROKEN = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError, UnicodeError)
MAX_AT_ONCE = 200
"""Requests of all worlds at the same time; each has a connection."""

PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For connections without TLS: httpx would make a context for each of them."""


class Answered(NamedTuple):
    """What became of a request. Shape: the answer's status, or the error. Units: ms of the machine's clock."""

    status: int | None
    error: str | None
    ms: int


class Poster:
    """Sends requests to allowed targets."""

    def __init__(self, targets: Targets) -> None:
        self._targets = targets
        self._trust: ssl.SSLContext | None = None
        self._slots = asyncio.Semaphore(MAX_AT_ONCE)

    async def post(self, url: str, body: bytes, *, headers: Mapping[str, str], timeout_ms: int) -> Answered:
        """Send a request, as soon as there are few enough others; an error is an answer, too."""
        async with self._slots:
            return await self._answered(url, body, headers, timeout_ms=timeout_ms)

    async def _answered(self, url: str, body: bytes, headers: Mapping[str, str], *, timeout_ms: int) -> Answered:
        began, status, error = monotonic(), None, None
        async with AsyncExitStack() as stack:
            try:
                async with asyncio.timeout(timeout_ms / 1000):
                    response = await self._response(read_target(url), body, headers, stack=stack)
            except TimeoutError:
                error = f"no complete answer within {timeout_ms:,} ms"
            except TargetRefused as refused:
                error = refused.text
            except LocalFailed as failed:
                error = _in_a_line(failed.text)
            except BROKEN as broken:
                error = _in_a_line(f"{type(broken).__name__}: {_reason(broken)}")
            else:
                status = response.status_code
            answered = Answered(status, error, round((monotonic() - began) * 1000))
            if error is None:
                await _skim(response)
        return answered

    async def _response(
        self, target: TargetUrl, body: bytes, headers: Mapping[str, str], *, stack: AsyncExitStack
    ) -> httpx.Response:
        local = self._targets.local_receiver(target)
        if local is not None:
            return await handed_over(local, _request(target, target.host, body=body, headers=headers))
        addresses = await _resolved(target)
        self._targets.check_addresses(target, addresses)
        trust = await self._trusted() if target.scheme == "https" else PLAIN
        *others, last = addresses
        for address in others:
            with suppress(httpx.ConnectError):  # another address of the host may listen
                return await _posted(target, address, trust, body=body, headers=headers, stack=stack)
        return await _posted(target, last, trust, body=body, headers=headers, stack=stack)

    async def _trusted(self) -> ssl.SSLContext:
        """Read the certificates that are trusted, once and in a thread, since that takes long."""
        if self._trust is None:
            self._trust = await asyncio.to_thread(httpx.create_ssl_context, trust_env=False)
        return self._trust


def _in_a_line(text: str) -> str:
    """Return the beginning of a text, without line ends and unpaired surrogates."""
    return " ".join(text.split())[:MAX_ERROR].encode(errors="replace").decode()


def _reason(broken: Exception) -> str:
    """Return the words of the system for a broken connection, else those of the library."""
    found = [str(one) for one in _causes(broken) if isinstance(one, OSError) and one.errno is not None]
    return found[-1] if found else str(broken)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


async def _resolved(target: TargetUrl) -> list[Address]:
    """Raises: OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(str(address[0]).partition("%")[0]) for *_, address in found))


async def _posted(
    target: TargetUrl,
    address: Address,
    trust: ssl.SSLContext,
    *,
    body: bytes,
    headers: Mapping[str, str],
    stack: AsyncExitStack,
) -> httpx.Response:
    """Send the request, and return the answer's head; the stack closes the connection.

    Raises: httpx.HTTPError and other errors of connections.
    """
    request = _request(target, str(address), body=body, headers=headers)
    transport = await stack.enter_async_context(httpx.AsyncHTTPTransport(verify=trust, trust_env=False))
    response = await transport.handle_async_request(request)
    stack.push_async_callback(response.aclose)
    return response


def _request(target: TargetUrl, host: str, *, body: bytes, headers: Mapping[str, str]) -> httpx.Request:
    """Shape: host is the address to connect to."""
    url = httpx.URL(scheme=target.scheme, host=host, port=target.port, raw_path=target.path.encode("ascii"))
    sent = {"Host": target.authority, **headers, "Connection": "close"}
    named = {} if host == target.host else {"sni_hostname": target.host}
    is_whole = len(body) == int(headers["Content-Length"])
    return httpx.Request("POST", url, headers=sent, content=body if is_whole else _cut_off(body), extensions=named)


async def _cut_off(body: bytes) -> AsyncIterator[bytes]:
    """Send a part of a body, and break the connection. Raises: httpx.WriteError. Source: N19."""
    yield body
    raise httpx.WriteError(CUT_OFF)


async def _skim(response: httpx.Response) -> None:
    """Read the body for a moment, up to a limit, and forget it: the status decides."""
    read = 0
    assert isinstance(response.stream, httpx.AsyncByteStream), "an asynchronous transport has no other"
    with suppress(TimeoutError, *BROKEN):
        async with asyncio.timeout(SKIM_SECONDS):
            async for piece in response.stream:
                read += len(piece)
                if read >= MAX_READ:
                    return
