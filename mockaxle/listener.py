"""A uvicorn server on a socket of our own, so that the port is known, and in use, before anything else happens."""

import gc
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from weakref import ref

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mockaxle.server.asgi import ASGIApp
from mockaxle.server.network import TRANSPORT
from mockaxle.tls import Certificate

BACKLOG = 2048


def open_socket(host: str, port: int) -> socket.socket:
    """A listening TCP socket. Raises: OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    # asyncio turns Nagle's algorithm off only where it sees that the protocol is TCP
    listening = socket.socket(family, kind, protocol or socket.IPPROTO_TCP)
    try:
        if sys.platform != "win32":
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


def base_url(listening: socket.socket, *, secure: bool = False) -> str:
    host, port = listening.getsockname()[:2]
    return f"{'https' if secure else 'http'}://" + (f"[{host}]:{port}" if ":" in host else f"{host}:{port}")


def spare_the_collector() -> None:
    """Lets the garbage collector pass over what stays, and look seldom: a world's records never form cycles.

    With its defaults it stops all requests for a time that grows with the world.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 1_000)


class OpenProtocol(HttpToolsProtocol):
    """Puts the transport and the cycle into each request's scope, so that a fault can break the connection."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: {"transport": self.transport}}

    def on_headers_complete(self) -> None:
        extension = self.scope["extensions"][TRANSPORT]
        super().on_headers_complete()
        extension["cycle"] = ref(self.cycle)  # a plain one would leave each request to the garbage collector


class HttpServer(uvicorn.Server):
    """Hangs up on uploads that are still coming in when it stops, rather than waiting for them."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for connection in list(self.server_state.connections):
            cycle = getattr(connection, "cycle", None)
            if cycle is not None and cycle.more_body:
                connection.transport.close()
        await super().shutdown(sockets)


def http_server(app: ASGIApp, *, certificate: Certificate | None = None) -> HttpServer:
    """The server; `run(sockets=[...])` it."""
    return HttpServer(
        uvicorn.Config(
            app,
            loop="auto" if sys.platform == "win32" else "uvloop",
            http=OpenProtocol,
            ws="none",
            lifespan="off",
            access_log=False,
            log_level="warning",
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=3,
            ssl_certfile=certificate.chain if certificate else None,
            ssl_keyfile=certificate.key if certificate else None,
        )
    )


@contextmanager
def serve_in_thread(app: ASGIApp, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """The base URL of a server that runs in a thread until the block ends. Raises: OSError."""
    with open_socket(host, port) as listening:
        server = http_server(app)
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield base_url(listening)
        finally:
            server.should_exit = True
            thread.join()
