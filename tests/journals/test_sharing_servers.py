"""Two servers on one database, called over HTTP: what one of them did, the other knows at once."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import NamedTuple

import httpx
import pytest

from tests.calling import CHARGER, onboarding
from tests.cli.test_serve import run
from tests.journals.postgres_server import PostgresServer
from tests.journals.test_messages import FULL, Receiver
from tests.journals.test_serving_files import log_in, serving, url_of

GIVEN = {"MOCKAXLE_KEY": "ab" * 32, "MOCKAXLE_ADMIN_TOKEN": "let-me-in"}
ADMIN = {"Authorization": "Bearer let-me-in"}
WORLD = "/__mockaxle/world"
HOMES = 2000


class Pair(NamedTuple):
    """Two servers, and a token of one world that the first one issued."""

    one: httpx.Client
    other: httpx.Client


@pytest.fixture
def pair(postgres: PostgresServer) -> Iterator[Pair]:
    with pair_on(postgres.url()) as pair:
        yield pair


@contextmanager
def pair_on(url: str) -> Iterator[Pair]:
    with (
        serving("--journal", url, environment=GIVEN) as first,
        serving("--journal", url, environment=GIVEN) as second,
        httpx.Client(base_url=url_of(first), timeout=30) as one,
        httpx.Client(base_url=url_of(second), timeout=30) as other,
    ):
        token = log_in(str(one.base_url).rstrip("/"))
        for client in (one, other):
            client.headers.update(token)
        yield Pair(one, other)


def status(answer: httpx.Response) -> int:
    return answer.status_code


def test_tokens_sites_clock_and_snapshots_are_known_to_both(pair: Pair) -> None:
    one, other = pair
    assert status(other.post("/entities/site/onboard", json=onboarding())) == 200
    assert len(one.get("/entities/site").json()["sites"]) == 1
    assert status(other.put(f"{WORLD}/clock", json={"rate": 0})) == 200
    assert one.get(f"{WORLD}/clock").json() == other.get(f"{WORLD}/clock").json()
    assert status(one.post(f"{WORLD}/snapshots", json={"name": "evening"})) == 200
    assert status(other.post(f"{WORLD}/snapshots/evening/restore", json={})) == 200
    assert one.get(f"{WORLD}/recording").text == other.get(f"{WORLD}/recording").text


def test_accounts_forks_and_drops_are_known_to_both(pair: Pair) -> None:
    one, other = pair
    reader = {"username": "reader", "kind": "read_only", "password": "theirs"}
    assert status(one.post(f"{WORLD}/accounts", json=reader)) == 200
    words = ("theirs", "wrong guess")
    log_ins = [other.post("/auth/token-form", data={"username": "reader", "password": word}) for word in words]
    assert [status(answer) for answer in log_ins] == [200, 401]
    fork = one.post(f"{WORLD}/fork", json={}).json()
    form = {"username": fork["username"], "password": fork["password"]}
    assert status(other.post("/auth/token-form", data=form)) == 200
    assert status(other.delete("/__mockaxle/worlds/demo", headers=ADMIN)) == 204
    assert status(one.get("/auth/users/me/")) == 401
    worlds = [client.get("/__mockaxle/worlds", headers=ADMIN).json()["worlds"] for client in pair]
    assert [[found["world"] for found in each] for each in worlds] == [["demo-fork-1"]] * 2


def test_a_drop_takes_accounts_that_the_other_server_added(pair: Pair) -> None:
    one, other = pair
    reader = {"username": "reader", "kind": "read_only", "password": "theirs"}
    assert status(one.post(f"{WORLD}/accounts", json=reader)) == 200
    assert "reader" in other.get(f"{WORLD}/accounts").text
    url = str(other.base_url).rstrip("/")
    assert status(httpx.delete(f"{url}/__mockaxle/worlds/demo", headers=ADMIN)) == 204
    form = {"username": "reader", "password": "not theirs"}
    assert status(one.post("/auth/token-form", data=form)) == 200, "nobody's: with a kept password it were 401"


def test_onboardings_that_race_make_one_site(pair: Pair) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(pair[n % 2].post, "/entities/site/onboard", json=onboarding()) for n in range(16)]
    assert {status(one.result()) for one in answers} == {200}
    assert len({one.result().json()["site"]["site_id"] for one in answers}) == 1
    assert [len(client.get("/entities/site").json()["sites"]) for client in pair] == [1, 1]


def test_commands_that_race_are_all_done(pair: Pair) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(pair[n % 2].post, f"{WORLD}/snapshots", json={"name": f"{n}"}) for n in range(16)]
    assert {status(one.result()) for one in answers} == {200}
    found = [client.get(f"{WORLD}/snapshots").json()["snapshots"] for client in pair]
    assert [len(each) for each in found] == [16, 16]


def test_a_command_that_takes_long_is_not_overtaken_for_ever(postgres: PostgresServer) -> None:
    url = postgres.url()
    with pair_on(url) as pair:
        check_long_command(pair)
    assert run("journal", "check", url).stdout.endswith("all replay to the same answers\n")


def check_long_command(pair: Pair) -> None:
    """Load a scenario at one server, while the other changes the same world as fast as it can."""
    one, other = pair
    homes = {"sites": [{"mpan": f"19{n:011}"} for n in range(HOMES)]}
    is_over = Event()

    def changes() -> list[int]:
        found = []
        while not is_over.is_set():
            found.append(status(other.put(f"{WORLD}/clock", json={"rate": 0})))
        return found

    with ThreadPoolExecutor(1) as thread:
        changing = thread.submit(changes)
        try:
            loaded = one.put(f"{WORLD}/scenario", json=homes)
        finally:
            is_over.set()
    assert status(loaded) == 200, loaded.text[:200]
    assert set(changing.result()) == {200}
    assert other.get("/entities/site?limit=1").json()["total_num_sites"] == HOMES


def test_a_message_is_sent_by_the_server_that_made_it(pair: Pair) -> None:
    one, other = pair
    with Receiver() as receiver, ThreadPoolExecutor(1) as thread:
        thread.submit(receiver.serve_forever)
        receiver.takes.set()
        body = {"url": f"http://127.0.0.1:{receiver.server_port}/{{asset_id}}", "kind": "schedules"}
        assert status(one.put(f"{WORLD}/receivers/car", json=body)) == 200
        home = one.post("/entities/site/onboard", json=onboarding(assets=[CHARGER], proposition=FULL)).json()
        asset_id = home["assets"][0]["asset_id"]
        assert status(other.post(f"/entities/asset/{asset_id}/event/plug-in", json={})) == 200
        assert receiver.has_taken.wait(30)
        receiver.shutdown()
    for client in pair:
        message = client.get(f"{WORLD}/messages").json()["messages"][0]
        while message["status"] == "waiting":
            message = client.get(f"{WORLD}/messages").json()["messages"][0]
        assert (message["status"], len(message["attempts"])) == ("accepted", 1)
