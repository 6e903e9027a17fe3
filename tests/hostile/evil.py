"""A server that sends what no server should: each manner is what it answers to a request."""

import gzip
import json
import socket
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import Any

ESCAPE = "\x1b]0;owned\x07\x9b2J‮"
"""Sets a terminal's title, clears it, and turns the direction of writing."""

Manner = Callable[["Evil"], Iterator[bytes]]


@dataclass
class Evil:
    """Shape: log_in where log-ins and lists are answered well; elsewhere is where redirects lead; calls have come."""

    manner: str
    log_in: bool = False
    elsewhere: str = ""
    calls: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    ended: Event = field(default_factory=Event)


def answer(body: bytes, *, status: str = "200 OK", **headers: str) -> bytes:
    lines = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close", **headers}
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body


def answering(value: Any, **more: Any) -> bytes:
    return answer(json.dumps(value).encode(), **more)


def endless(evil: Evil) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    while True:
        yield b"10000\r\n" + b" " * 0x10000 + b"\r\n"


def endless_head(evil: Evil) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    while True:
        yield b"X-More: " + b"a" * 10_000 + b"\r\n"


def endlessly_interim(evil: Evil) -> Iterator[bytes]:
    while not evil.ended.is_set():
        yield b"HTTP/1.1 100 Continue\r\n\r\n" * 100


def slow(evil: Evil) -> Iterator[bytes]:
    """A byte at a time until the test ends."""
    for byte in answer(b" " * 10_000):
        yield bytes((byte,))
        if evil.ended.wait(0.01):
            return


@cache
def bomb() -> bytes:
    """A gzip of 500 kB that is 500 MB unpacked."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    return b"".join([*(packer.compress(b" " * 1_000_000) for _ in range(500)), packer.flush()])


def packed(evil: Evil) -> Iterator[bytes]:
    yield answer(bomb(), Content_Encoding="gzip")


def packed_twice(evil: Evil) -> Iterator[bytes]:
    yield answer(gzip.compress(bomb()), Content_Encoding="gzip, gzip")


def many_values(evil: Evil) -> Iterator[bytes]:
    yield answer(b"[" + b"[]," * 2_500_000 + b"[]]")


def heavy(evil: Evil) -> Iterator[bytes]:
    """Each answer is within the limits, and no more than some of them are."""
    yield answer(b" " * 7_000_000 + b"{}")


def redirecting(evil: Evil) -> Iterator[bytes]:
    yield answer(b"", status="307 Temporary Redirect", Location=f"{evil.elsewhere}/auth/token-form")


def escaping(evil: Evil) -> Iterator[bytes]:
    said = dict.fromkeys(("detail", "access_token", "now", "sites", "version"), ESCAPE)
    text = json.dumps(said, ensure_ascii=False).encode()
    yield answer(
        text, status="200 \x9b" if evil.log_in else "418 \x9b", X_Mockaxle_Hint="\x9b2J", X_Mockaxle_Rules="\x9b2J"
    )


def not_ascii(evil: Evil) -> Iterator[bytes]:
    yield answering({"access_token": "tökén ", "now": "²", "sites": "٣", "assets": "é"})


def lines_in_a_token(evil: Evil) -> Iterator[bytes]:
    yield answering({"access_token": "a\r\nX-Other: b", "now": "\r\n"})


def deep(evil: Evil) -> Iterator[bytes]:
    yield answer(b"[" * 100_000 + b"]" * 100_000)


def digits(evil: Evil) -> Iterator[bytes]:
    yield answer(b'{"sites": ' + b"9" * 100_000 + b', "access_token": 1}')


def wrong_types(evil: Evil) -> Iterator[bytes]:
    yield answering({"access_token": [1], "now": {}, "sites": [1], "assets": None, "detail": {"a": []}, "site": 1})


def a_list(evil: Evil) -> Iterator[bytes]:
    yield answering([None, 1])


def half_a_character(evil: Evil) -> Iterator[bytes]:
    names = ("access_token", "now", "detail", "id", "site_id", "asset_id", "sites", "status")
    flat = dict.fromkeys(names, "�")
    yield answering({**flat, "site": {**flat, "site_created": True}, "assets": [flat], "enrolment": flat})


def asking_to_wait(evil: Evil) -> Iterator[bytes]:
    yield answering({"detail": "later"}, status="429 Too Many", Retry_After="\xb2")


def strange_charset(evil: Evil) -> Iterator[bytes]:
    yield answer(b"\xff\xfe" * 100, Content_Type="application/json; charset=zlib")


def cut_short(evil: Evil) -> Iterator[bytes]:
    yield answer(b"{}", Content_Length="100")


def no_http(evil: Evil) -> Iterator[bytes]:
    yield b"SSH-2.0-\x1b[2J\xff\r\n\r\n"


def nothing(evil: Evil) -> Iterator[bytes]:
    yield b""


MANNERS: Mapping[str, Manner] = {
    manner.__name__: manner
    for manner in (
        endless, endless_head, packed, packed_twice, many_values, redirecting, escaping, not_ascii,
        lines_in_a_token, deep, digits, wrong_types, a_list, half_a_character, asking_to_wait, strange_charset,
        cut_short, no_http, nothing,
    )
}  # fmt: skip
"""All that end of themselves or by a limit of size."""

OTHERS: Mapping[str, Manner] = {"heavy": heavy}
TIMED: Mapping[str, Manner] = {"slow": slow, "endlessly_interim": endlessly_interim}
"""Those that end by a limit of time."""

GOOD: Mapping[str, Any] = {
    "/auth/token-form": {"access_token": "good"},
    "/entities/site": {"sites": [], "total_num_sites": 0},
    "/entities/asset": {"assets": [], "total_num_assets": 0},
}
"""What a check needs before it sends what it does not see the answers of."""


class Handler(StreamRequestHandler):
    """Answers one request, and hangs up."""

    def handle(self) -> None:
        evil: Evil = self.server.evil  # type: ignore[attr-defined]  # the server below
        path, headers = self._read()
        evil.calls.append((path, headers))
        good = GOOD.get(path.partition("?")[0]) if evil.log_in else None
        pieces = iter([answering(good)]) if good else {**MANNERS, **TIMED, **OTHERS}[evil.manner](evil)
        with suppress(OSError):
            for piece in pieces:
                self.wfile.write(piece)

    def _read(self) -> tuple[str, dict[str, str]]:
        """Path and headers; the body is read, since a connection that is closed before is reset."""
        path = self.rfile.readline().decode("latin-1").split(" ")[1:2]
        headers = {}
        while line := self.rfile.readline().strip():
            name, _, value = line.decode("latin-1").partition(": ")
            headers[name.lower()] = value
        self.rfile.read(int(headers.get("content-length", "0")))
        return "".join(path), headers


class Server(ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    evil: Evil

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that hang up in the middle of a request are no news."""

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection, address


@contextmanager
def evil_server(manner: str, *, log_in: bool = False, elsewhere: str = "") -> Iterator[tuple[str, Evil]]:
    """The base URL of a server of a manner, and what it got."""
    evil = Evil(manner, log_in, elsewhere)
    with Server(("127.0.0.1", 0), Handler) as server:
        server.evil = evil
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", evil
        finally:
            evil.ended.set()
            server.shutdown()
            thread.join()
