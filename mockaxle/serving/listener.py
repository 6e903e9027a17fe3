"""A uvicorn server on a socket opened first, so that the port is known and taken before anything else happens."""

import gc
import socket
import sys
from asyncio import Protocol, Task, get_running_loop, wait
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from ssl import SSLContext
from threading import Thread
from typing import TYPE_CHECKING, Any, cast

import uvicorn

from mockaxle.core.limits import KEEP_ALIVE_SECONDS
from mockaxle.serving.connection import ConnectionBounds, OpenProtocol
from mockaxle.serving.handshakes import Handshakes
from mockaxle.serving.settings import DEFAULT_SETTINGS, ServerSettings
from mockaxle.serving.tls import Certificate

if TYPE_CHECKING:
    from mockaxle.serving.asgi import ASGIApp

BACKLOG = 2048
OnStart = Callable[[], Coroutine[Any, Any, None]]


def open_socket(host: str, port: int) -> socket.socket:
    """Open a listening TCP socket. Raises: OSError."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    # asyncio turns Nagle's algorithm off only if it sees that the protocol is TCP
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
    """Let the garbage collector skip all present objects, and look at young ones only, a few thousand at a time.

    Neither records nor connections form cycles. With the defaults it pauses all requests for a time that grows with the
    world; with larger thresholds, for as long as all objects since its last run take. It does not search the present
    objects first: a start leaves less than 1 MB of garbage.
    """
    gc.freeze()
    gc.enable()
    gc.set_threshold(2_000, 10, 50_000)


class DetachedThreads(ThreadPoolExecutor):
    """Threads that the loop does not wait for when it ends."""

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        super().shutdown(wait=False, cancel_futures=True)


class HttpServer(uvicorn.Server):
    """Enforces the limits of connections. When it stops, it aborts uploads instead of waiting for them."""

    def __init__(self, config: uvicorn.Config, bounds: ConnectionBounds, on_start: OnStart | None = None) -> None:
        super().__init__(config)
        self._bounds = bounds
        self._on_start = on_start
        self._beside: Task[None] | None = None
        self._handshakes: Handshakes | None = None
        self._accepting: list[Task[None]] = []

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await self.lifespan.startup()
        loop, config = get_running_loop(), self.config
        loop.set_default_executor(DetachedThreads())
        connect = partial(
            OpenProtocol, self._bounds, config=config, server_state=self.server_state, app_state=self.lifespan.state
        )
        self.servers = []
        if config.ssl:
            self._accept_secured(connect, config.ssl, sockets or [])
        else:
            self.servers = [await loop.create_server(connect, sock=one, backlog=BACKLOG) for one in sockets or ()]
        self.started = True
        if self._on_start is not None:
            self._beside = loop.create_task(self._on_start())

    def _accept_secured(
        self, connect: Callable[[], Protocol], context: SSLContext, sockets: list[socket.socket]
    ) -> None:
        self._handshakes = Handshakes(
            connect, context, bounds=self._bounds, open_now=cast(set[object], self.server_state.connections)
        )
        self._accepting = [get_running_loop().create_task(self._handshakes.accept(one)) for one in sockets]

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for task in self._accepting:
            task.cancel()
        if self._handshakes is not None:
            self._handshakes.close()
        for connection in list(self.server_state.connections):
            cycle = getattr(connection, "cycle", None)
            if cycle is not None and (cycle.more_body or _is_streaming(cycle)):
                connection.transport.close()
        await super().shutdown(sockets)
        if self._beside is not None:
            self._beside.cancel()
            await wait((self._beside,))  # it may have something to end on the loop


def _is_streaming(cycle: Any) -> bool:
    """Tell whether an answer is sent piece by piece, for as long as the client reads it."""
    return bool(cycle.response_started and not cycle.response_complete)


def http_server(
    app: "ASGIApp",
    *,
    settings: ServerSettings = DEFAULT_SETTINGS,
    certificate: Certificate | None = None,
    on_full: Callable[[str], None] = lambda text: None,
    on_start: OnStart | None = None,
) -> HttpServer:
    """Make the server, for `run(sockets=[...])`. `on_full` is called once if it is full; `on_start` runs beside it."""
    return HttpServer(
        uvicorn.Config(
            app,
            loop="auto" if sys.platform == "win32" else "uvloop",
            http="httptools",
            ws="none",
            lifespan="off",
            access_log=False,
            log_level="warning",
            server_header=False,
            proxy_headers=False,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=3,
            ssl_certfile=certificate.chain if certificate else None,
            ssl_keyfile=certificate.key if certificate else None,
        ),
        ConnectionBounds(settings, on_full),
        on_start,
    )


@contextmanager
def serve_in_thread(
    app: "ASGIApp",
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    settings: ServerSettings = DEFAULT_SETTINGS,
    on_full: Callable[[str], None] = lambda text: None,
) -> Iterator[str]:
    """Run a server in a thread until the block ends, and yield its base URL. Raises: OSError."""
    with open_socket(host, port) as listening:
        server = http_server(app, settings=settings, on_full=on_full)
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield base_url(listening)
        finally:
            server.should_exit = True
            thread.join()
