"""A mock for a test: served on a free port, or in the test's process without a socket."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from mockaxle.app import App, create_app
from mockaxle.client.client import Client
from mockaxle.serving.listener import serve_in_thread
from mockaxle.serving.settings import DEFAULT_SEED, ServerSettings
from mockaxle.testing.receivers import ReceiverApps
from mockaxle.testing.scenarios import scenario_of
from mockaxle.testing.transports import AppTransport, AsyncTransport, running
from mockaxle.testing.world import World

IN_PROCESS_URL = "http://127.0.0.1:2953"
"""The base URL of an in-process mock; nothing listens there."""


class MockAxle:
    """Runs a mock during a block and returns one of its worlds: `with MockAxle() as axle: client(axle.base_url)`.

    Shape: scenario is a file, the name of a shipped one, or its content; with `socket=False` there is no server: pass
    `axle.transport` or `axle.async_transport` to an httpx client.
    Raises: ValueError if there is no such scenario, ScenarioRefused if it is wrong.
    """

    def __init__(
        self,
        *,
        scenario: str | Path | Mapping[str, Any] | None = None,
        seed: str = DEFAULT_SEED,
        username: str = "demo",
        password: str = "demo",
        socket: bool = True,
    ) -> None:
        found = None if scenario is None else scenario_of(scenario)
        self.app = create_app(ServerSettings(seed=seed), scenario=found)
        self._account = (username, password)
        self._socket = socket
        self._until = ExitStack()

    def __enter__(self) -> World:
        username, password = self._account
        return self._until.enter_context(served(self.app, username=username, password=password, socket=self._socket))

    def __exit__(self, *error: object) -> None:
        self._until.close()


@contextmanager
def served(app: App, *, username: str, password: str, socket: bool) -> Iterator[World]:
    """Serve an app, with or without a socket, and yield a world of it."""
    if socket:
        with ReceiverApps(app) as apps, serve_in_thread(app) as url, Client(url) as client:
            yield World(url, username, password, client, _apps=apps)
        return
    with (
        ReceiverApps(app) as apps,
        running(app) as transport,
        Client(IN_PROCESS_URL, transport=AppTransport(app), portal=transport.portal) as client,
    ):
        through = (client, transport, AsyncTransport(transport))
        yield World(IN_PROCESS_URL, username, password, *through, _apps=apps)
