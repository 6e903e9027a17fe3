"""Sends one request to a receiver that cannot be trusted: it may hang, send without end, or speak no HTTP.

Each attempt resolves the host once and opens a connection of its own to an address that was allowed. Redirects are not
followed, proxies not used, cookies not kept, and a long answer is not read to its end. Source: N2, N5, N9.
"""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from ipaddress import ip_address
from time import monotonic
from typing import NamedTuple

import httpx

from mockaxle.deliveries.targets import Address, Targets, TargetUrl, read_target
from mockaxle.world.commands.refusals import TargetRefused

MAX_READ = 65_536
MAX_ERROR = 200
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
        try:
            async with asyncio.timeout(timeout_ms / 1000):
                status = await self._status(read_target(url), body, headers)
        except TimeoutError:
            error = f"no complete answer within {timeout_ms:,} ms"
        except TargetRefused as refused:
            error = refused.text
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError, UnicodeError) as broken:
            error = " ".join(f"{type(broken).__name__}: {broken}".split())
        return Answered(status, error and error[:MAX_ERROR], round((monotonic() - began) * 1000))

    async def _status(self, target: TargetUrl, body: bytes, headers: Mapping[str, str]) -> int:
        addresses = await _resolved(target)
        self._targets.check_addresses(target, addresses)
        trust = await self._trusted() if target.scheme == "https" else PLAIN
        *others, last = addresses
        for address in others:
            try:
                return await _posted(target, address, trust, body=body, headers=headers)
            except httpx.ConnectError:
                continue  # another address of the host may listen
        return await _posted(target, last, trust, body=body, headers=headers)

    async def _trusted(self) -> ssl.SSLContext:
        """Read the certificates that are trusted, once and in a thread, since that takes long."""
        if self._trust is None:
            self._trust = await asyncio.to_thread(httpx.create_ssl_context, trust_env=False)
        return self._trust


async def _resolved(target: TargetUrl) -> list[Address]:
    """Raises: OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(ip_address(str(address[0]).partition("%")[0]) for *_, address in found))


async def _posted(
    target: TargetUrl, address: Address, trust: ssl.SSLContext, *, body: bytes, headers: Mapping[str, str]
) -> int:
    """Raises: httpx.HTTPError and other errors of connections."""
    url = httpx.URL(scheme=target.scheme, host=str(address), port=target.port, raw_path=target.path.encode("ascii"))
    sent = {"Host": target.authority, **headers, "Connection": "close"}
    named = {} if str(address) == target.host else {"sni_hostname": target.host}
    request = httpx.Request("POST", url, headers=sent, content=body, extensions=named)
    async with httpx.AsyncHTTPTransport(verify=trust, trust_env=False) as transport:
        response = await transport.handle_async_request(request)
        try:
            await _skim(response)
        finally:
            await response.aclose()
    return response.status_code


async def _skim(response: httpx.Response) -> None:
    """Read the body to its end or its limit, and forget it."""
    read = 0
    assert isinstance(response.stream, httpx.AsyncByteStream), "an asynchronous transport has no other"
    async for piece in response.stream:
        read += len(piece)
        if read >= MAX_READ:
            return
