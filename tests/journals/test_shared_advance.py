"""A stepwise advance of one worker, as the others see it: they stand with it, and end it if that worker has ended."""

import os
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from datetime import datetime, timedelta
from itertools import islice
from threading import Event
from typing import Any, NamedTuple

import httpx
import pytest

from tests.deliveries.test_advance import TIMED
from tests.journals import test_messages, test_workers
from tests.journals.test_messages import Receiver, put_receiver_and_car
from tests.journals.test_serving_files import log_in, url_of
from tests.journals.test_workers import CONTROL, ManyConnections
from tests.journals.worker_processes import workers_of

journal, server, receiver = test_workers.journal, test_workers.server, test_messages.receiver
CLOCK = f"{CONTROL}/clock"
ASKED = 8


class Waiting(NamedTuple):
    """A world with a message that was refused. The next attempt is not answered before `goes_on` is set."""

    client: ManyConnections
    pool: ThreadPoolExecutor
    receiver: Receiver
    goes_on: Event

    def advance(self, number: int = 1) -> "list[Future[httpx.Response]]":
        """Ask for advances at once, and wait for the attempt on the way."""
        body = {"by": "61m"}
        answers = [self.pool.submit(self.client.post, f"{CLOCK}/advance", json=body) for _ in range(number)]
        assert self.receiver.has_begun.wait(30)
        return answers


@pytest.fixture
def waiting(server: "subprocess.Popen[str]", receiver: Receiver) -> Iterator[Waiting]:
    url = url_of(server)
    with ManyConnections(url, log_in(url)) as client, ThreadPoolExecutor(ASKED) as pool:
        assert client.put(CLOCK, json={"rate": 0}).status_code == 200
        asset_id = put_receiver_and_car(client, receiver)
        assert client.post(f"{CONTROL}/snapshots", json={"name": "early"}).status_code == 200
        assert client.post(f"/entities/asset/{asset_id}/event/plug-in", json={}).status_code == 200
        while not client.get(f"{CONTROL}/messages").json()["messages"][0]["attempts"]:
            pass
        assert client.put(CLOCK, json={"rate": 1}).status_code == 200
        receiver.holds = goes_on = Event()
        receiver.has_begun.clear()
        receiver.takes.set()
        try:
            yield Waiting(client, pool, receiver, goes_on)
        finally:
            goes_on.set()


def clocks(client: ManyConnections) -> list[dict[str, Any]]:
    return [answer.json() for answer in client.each("GET", CLOCK)]


def past_dispatch(now: str) -> tuple[str, str, dict[str, Any]]:
    """Return the call of a dispatch that has begun."""
    hour, at = timedelta(hours=1), datetime.fromisoformat(now)
    times = {"start_time": f"{at - hour:%FT%TZ}", "end_time": f"{at + hour:%FT%TZ}"}
    return "POST", "/dispatches", {**times, "short_notice": True, "power_kw": 1, "fraction": 1}


@pytest.mark.rule("N13")
def test_all_workers_stand_with_the_one_that_advances(waiting: Waiting) -> None:
    client, (answer,) = waiting.client, waiting.advance()
    for verb, path, body in (*TIMED[:-1], past_dispatch(clocks(client)[0]["now"])):
        refused = client.each(verb, f"{CONTROL}{path}", body)
        assert {one.status_code for one in refused} == {409}, [path, *(one.text for one in refused)]
    found = clocks(client)
    (to,) = {one["advancing_to"] for one in found}
    assert to is not None
    assert found == clocks(client), "none goes on"
    assert {one.status_code for one in client.each("GET", "/entities/site")} == {200}
    waiting.goes_on.set()
    assert answer.result(60).json()["reached"] is True
    assert {one["advancing_to"] for one in clocks(client)} == {None}
    assert client.post(f"{CLOCK}/advance", json={"by": "1m"}).json()["reached"] is True


@pytest.mark.rule("N13")
def test_of_advances_that_race_one_is_made(waiting: Waiting) -> None:
    answers = waiting.advance(ASKED)
    refused = [one.result(60).status_code for one in islice(as_completed(answers), ASKED - 1)]
    waiting.goes_on.set()
    assert refused == [409] * (ASKED - 1)
    assert sorted(one.result(60).status_code for one in answers) == [200, *refused]


@pytest.mark.rule("N13")
def test_a_stepwise_advance_ends_with_its_worker_and_the_next_one_goes_on(
    server: "subprocess.Popen[str]", waiting: Waiting
) -> None:
    before, (answer,) = clocks(waiting.client)[0]["now"], waiting.advance()
    for pid in workers_of(server.pid):
        os.kill(pid, signal.SIGKILL)
    waiting.goes_on.set()
    with pytest.raises(httpx.TransportError):
        answer.result(60)
    with ManyConnections(waiting.client.url, waiting.client.token) as client:
        found = clocks(client)
        assert {one["advancing_to"] for one in found} == {None}
        between = {one["now"] for one in found}
        assert client.post(f"{CLOCK}/advance", json={"by": "61m"}).json()["reached"] is True
        after = {one["now"] for one in clocks(client)}
    assert before <= min(between) <= max(between) < min(after)
