"""Messages that wait are sent after a crash, before anybody calls."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import httpx
import pytest

from tests.calling import CHARGER, onboarding
from tests.journals.test_serving_files import log_in, serving, url_of

FULL = "full_asset_schedule_control"


class Receiver(ThreadingHTTPServer):
    """Refuses messages until it is told to take them. Shape: while `holds` is not set, it does not answer."""

    holds: Event | None = None

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), ReceiverHandler)
        self.takes, self.has_refused, self.has_taken, self.has_begun = Event(), Event(), Event(), Event()


class ReceiverHandler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.has_begun.set()
        if self.server.holds is not None:
            self.server.holds.wait(60)
        takes = self.server.takes.is_set()
        self.send_response(200 if takes else 503)
        self.end_headers()
        (self.server.has_taken if takes else self.server.has_refused).set()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def put_receiver_and_car(http: httpx.Client, receiver: Receiver) -> str:
    """Let the world's schedules go to a receiver; return the id of a charger in full control."""
    body = {"url": f"http://127.0.0.1:{receiver.server_port}/{{asset_id}}", "kind": "schedules"}
    assert http.put("/__mockaxle/world/receivers/car", json=body).status_code == 200
    home = http.post("/entities/site/onboard", json=onboarding(assets=[CHARGER], proposition=FULL)).json()
    return str(home["assets"][0]["asset_id"])


def test_a_message_of_a_world_that_came_back_is_sent(receiver: Receiver, tmp_path: Path) -> None:
    journal = str(tmp_path / "mock.db")
    receiver.takes.set()
    with serving("--journal", journal) as process:
        url = url_of(process)
        token = log_in(url)
        with httpx.Client(base_url=url, headers=token) as http:
            asset_id = put_receiver_and_car(http, receiver)
    with serving("--journal", journal) as process:
        place = f"{url_of(process)}/entities/asset/{asset_id}/event/plug-in"
        assert httpx.post(place, json={}, headers=token).status_code == 200
        assert receiver.has_taken.wait(30)


def test_a_message_that_waits_is_sent_after_a_kill(receiver: Receiver, tmp_path: Path) -> None:
    journal = str(tmp_path / "mock.db")
    with serving("--journal", journal) as process:
        url = url_of(process)
        with httpx.Client(base_url=url, headers=log_in(url)) as http:
            world = f"{url}/__mockaxle/world"
            assert http.put(f"{world}/clock", json={"rate": 1000}).status_code == 200
            asset_id = put_receiver_and_car(http, receiver)
            assert http.post(f"/entities/asset/{asset_id}/event/plug-in", json={}).status_code == 200
            assert receiver.has_refused.wait(30)
            waiting = http.get(f"{world}/messages").json()
    assert waiting
    receiver.takes.set()
    with serving("--journal", journal) as process:
        url_of(process)
        assert receiver.has_taken.wait(30)
