"""A mock on a free port of loopback, in a thread of this process."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread

from mockaxle.app import App, create_app
from mockaxle.listener import base_url, http_server, open_socket


@dataclass(frozen=True)
class Served:
    app: App
    base_url: str
    port: int

    def talk(self, raw: bytes) -> bytes:
        """Sends bytes and reads until the server hangs up."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(raw)
            return b"".join(iter(lambda: connection.recv(65536), b""))


@contextmanager
def serve_in_thread(app: App | None = None) -> Iterator[Served]:
    app = app or create_app()
    with open_socket("127.0.0.1", 0) as listening:
        server = http_server(app)
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield Served(app, base_url(listening), listening.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()
