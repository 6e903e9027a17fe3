"""The effects of faults on a connection, whose transport the protocol puts into the scope. Source: T1."""

import socket
import struct
import sys
from asyncio import Transport, get_running_loop, sleep
from collections.abc import Awaitable, Callable, MutableMapping
from math import ceil
from typing import Any

from mockaxle.world.entries import Response

TRANSPORT = "mockaxle.transport"
"""The extension of the ASGI scope with the protocol's transport."""

GARBAGE = bytes(range(256))
MAX_PIECES, LEAST_PAUSE_MS = 200, 5
"""Pieces of a dribbled answer, and the time between two: a loop may round a shorter one to none."""

HALF_A_STATUS_LINE = len(b"HTTP/1.1 2")
_HANG_UP_AT_ONCE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class ConnectionBroken(ConnectionResetError):
    """A fault's effect where there is no connection to break. Shape: network as in the way of a response."""

    def __init__(self, fault: str, network: str) -> None:
        super().__init__(f"{fault} breaks the connection: {network}")
        self.network = network


async def break_off(scope: MutableMapping[str, Any], response: Response) -> None:
    """Break the connection as the response's way says. Raises: ConnectionBroken if there is no connection."""
    given = scope.get("extensions", {}).get(TRANSPORT)
    assert response.way is not None, "only a fault breaks a connection"
    if given is None:
        raise ConnectionBroken(response.way.fault, response.way.network)
    await _ACTS[response.way.network](given["transport"], response)
    cycle = given["cycle"]()
    if cycle is not None:
        cycle.disconnected = True  # so that the server sends nothing after it, pipelined calls or not


def join_head(scope: MutableMapping[str, Any]) -> None:
    """Let the server write the head and the body of the coming answer at once, so that the client wakes up once."""
    given = scope.get("extensions", {}).get(TRANSPORT)
    cycle = given["cycle"]() if given is not None and scope["method"] != "HEAD" else None
    if cycle is not None:
        cycle.transport = _JoinedHead(cycle.transport)


class _JoinedHead:
    """The part of a transport that uvicorn uses for an answer of two writes, its head and its body."""

    __slots__ = ("_head", "_transport", "close", "is_closing")

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._head: bytes | None = b""
        self.close = transport.close
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        if self._head is None:
            self._transport.write(data)
        elif self._head:
            self._transport.write(self._head + data)
            self._head = None
        else:
            self._head = data


async def _reset(transport: Transport, response: Response) -> None:
    """Send an RST instead of a FIN, by not lingering."""
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _HANG_UP_AT_ONCE)
    transport.abort()


async def _empty(transport: Transport, response: Response) -> None:
    transport.close()


async def _cut(transport: Transport, response: Response) -> None:
    """Send half of the body, or half of the status line if there is no body."""
    head, body = _head(response), response.body
    transport.write(head + body[: len(body) // 2] if body else head[:HALF_A_STATUS_LINE])
    transport.close()


async def _garbage(transport: Transport, response: Response) -> None:
    transport.write(GARBAGE)
    transport.close()


async def _dribble(transport: Transport, response: Response) -> None:
    """Send the whole answer in small pieces during the delay, the last one at its end."""
    text, delay_ms = spelt(response), response.way.delay_ms if response.way else 0
    size, loop = ceil(len(text) / min(MAX_PIECES, max(1, delay_ms // LEAST_PAUSE_MS))), get_running_loop()
    began = loop.time()
    for end in range(size, len(text) + size, size):
        due = began + delay_ms / 1000 * min(end / len(text), 1)
        while (left := due - loop.time()) > 0:
            await sleep(left)
        if transport.is_closing():
            return
        transport.write(text[end - size : end])
    transport.close()


def spelt(response: Response) -> bytes:
    """Write a whole answer as bytes, after which the connection is closed."""
    return _head(response) + response.body


def _head(response: Response) -> bytes:
    from http.client import responses  # a hundredth of the start-up, and only faults need it

    status = response.status
    lines = [b"HTTP/1.1 %d %s" % (status, responses.get(status, "").encode())]
    lines += [name + b": " + value for name, value in response.headers]
    lines += [b"content-length: %d" % len(response.body), b"connection: close"]
    return b"\r\n".join(lines) + b"\r\n\r\n"


_ACTS: dict[str, Callable[[Transport, Response], Awaitable[None]]] = {
    "reset": _reset,
    "empty": _empty,
    "cut": _cut,
    "garbage": _garbage,
    "dribble": _dribble,
}
