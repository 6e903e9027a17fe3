"""A mock on a free port of loopback, in a thread of this process."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mockaxle.app import App, create_app
from mockaxle.serving.listener import serve_in_thread
from mockaxle.serving.settings import ServerSettings
from tests.recorded import watching

MAX_WORLDS = 100_000
"""More than the tests of a session open, so that no test drops the world of another."""


@dataclass(frozen=True)
class Served:
    app: App
    base_url: str

    @property
    def port(self) -> int:
        return int(self.base_url.rpartition(":")[2])

    def talk(self, raw: bytes) -> bytes:
        """Sends bytes and reads until the server hangs up."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(raw)
            return b"".join(iter(lambda: connection.recv(65536), b""))


@contextmanager
def serving() -> Iterator[Served]:
    app = create_app(ServerSettings(max_worlds=MAX_WORLDS))
    with watching(app), serve_in_thread(app) as base_url:
        yield Served(app, base_url)
