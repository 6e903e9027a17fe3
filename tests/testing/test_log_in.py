"""A test's log-in waits for a mock on which its address opened too many worlds, but not for ever."""

from datetime import timedelta

import httpx
import pytest

from mockaxle.app import App, create_app
from mockaxle.client.client import Client
from mockaxle.serving.settings import ServerSettings
from mockaxle.testing.transports import AppTransport
from mockaxle.testing.world import ControlRefused, World
from tests.clocks import ManualClock

URL = "http://192.0.2.1:2953"


class Waiting:
    """A clock that a sleep moves on."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.at += timedelta(seconds=seconds)

    def app(self) -> App:
        return create_app(ServerSettings(host="192.0.2.1", new_worlds_per_minute=1), clock=self.clock)


def test_a_log_in_waits_until_its_address_may_open_a_world() -> None:
    waiting = Waiting()
    with Client(URL, transport=AppTransport(waiting.app())) as client:
        worlds = [World(URL, f"test-{number}", "demo", client, sleep=waiting.sleep) for number in range(3)]
        assert all(world.token for world in worlds)
    assert waiting.slept == [60, 60]


@pytest.mark.parametrize(
    ("retry_after", "slept"), [("7", [7] * 8), ("60", [60]), ("0", [1] * 60), ("61", []), ("soon", []), (None, [])]
)
def test_after_a_minute_it_fails_with_the_servers_text(retry_after: str | None, slept: list[float]) -> None:
    waiting = Waiting()
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    transport = httpx.MockTransport(lambda request: httpx.Response(429, headers=headers, json={"detail": "too many"}))
    with Client(URL, transport=transport) as client:
        world = World(URL, "test", "demo", client, sleep=waiting.sleep)
        with pytest.raises(ControlRefused, match=r"429.*too many"):
            _ = world.token
    assert waiting.slept == slept


def test_a_429_that_the_test_asked_for_is_not_waited_for() -> None:
    waiting = Waiting()
    app = create_app(clock=waiting.clock)
    with Client("http://127.0.0.1:2953", transport=AppTransport(app)) as client:
        world = World(URL, "test", "demo", client, sleep=waiting.sleep)
        world.faults.add("status", status=429, retry_after_seconds=1, operation="POST /auth/token-form")
        with pytest.raises(ControlRefused, match="429"):
            _ = world.token
    assert waiting.slept == []
