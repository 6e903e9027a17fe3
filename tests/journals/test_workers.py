"""`mockaxle serve --workers`: several processes that answer as one."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from mockaxle.cli import workers
from mockaxle.cli.journal_options import JournalOptions
from mockaxle.cli.running import ServePlan
from mockaxle.cli.workers import BEFORE_IT_SERVED
from mockaxle.journals.file_lock import locked
from mockaxle.serving.listener import open_socket
from mockaxle.serving.settings import DEFAULT_SETTINGS
from tests.calling import onboarding
from tests.cli.test_serve import MOCKAXLE, run
from tests.harness.test_check import suites
from tests.journals import test_messages
from tests.journals.history import home
from tests.journals.postgres_server import PostgresServer
from tests.journals.test_messages import Receiver, put_receiver_and_car
from tests.journals.test_serving_files import log_in, refused, serving, url_of
from tests.journals.worker_processes import workers_of
from tests.mutants.checking import ACCOUNTS, check
from tests.stateful.test_http import Organisation, machine

CHECKED = (*suites("journeys", "auth", "idempotency", "lifecycle"), "--examples", "2")
CONTROL = "/__mockaxle/world"
GIVEN = {"MOCKAXLE_KEY": "ab" * 32, "MOCKAXLE_ADMIN_TOKEN": "let-me-in"}
WORKERS = 3


@pytest.fixture(params=["file", "database"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "file":
        return str(tmp_path / "mock.db")
    postgres: PostgresServer = request.getfixturevalue("postgres")
    return postgres.url()


receiver = test_messages.receiver


@pytest.fixture
def server(journal: str) -> Iterator["subprocess.Popen[str]"]:
    with serving("--journal", journal, "--workers", str(WORKERS), environment=GIVEN) as process:
        yield process
        process.terminate()
        assert process.wait(60) == 0


def sites_seen(url: str, token: dict[str, str]) -> set[int]:
    """Return the numbers of sites that many connections see, which reach several workers."""
    answers = (httpx.get(f"{url}/entities/site", headers=token, timeout=60) for _ in range(4 * WORKERS))
    return {len(answer.json()["sites"]) for answer in answers}


def test_what_one_worker_did_all_know(server: "subprocess.Popen[str]") -> None:
    url = url_of(server)
    token = log_in(url)
    for count in (1, 2, 3):
        made = home(f"19{count:011}")
        assert httpx.post(f"{url}/entities/site/onboard", json=made, headers=token, timeout=60).status_code == 200
        assert sites_seen(url, token) == {count}
    assert len(workers_of(server.pid)) == WORKERS


def test_workers_that_are_killed_are_followed_by_others(tmp_path: Path) -> None:
    command = (*MOCKAXLE, "serve", "--port", "0", "--quiet", "--journal", str(tmp_path / "mock.db"), "--workers", "2")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            url = url_of(server)
            token = log_in(url)
            answer = httpx.post(f"{url}/entities/site/onboard", json=onboarding(), headers=token, timeout=60)
            assert answer.status_code == 200
            killed = workers_of(server.pid)
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
            assert server.stderr
            said = {server.stderr.readline() for _ in killed}
            assert said == {f"mockaxle: The worker {pid} has ended (SIGKILL); another one begins\n" for pid in killed}
            assert sites_seen(url, token) == {1}
            assert not set(killed) & set(workers_of(server.pid))
            server.terminate()
            assert server.communicate(timeout=60) == ("", "")
            assert server.returncode == 0
        finally:
            server.kill()


@pytest.mark.parametrize("calls", [0, 1])
def test_a_server_stops_while_its_workers_start(tmp_path: Path, calls: int) -> None:
    with serving("--journal", str(tmp_path / "mock.db"), "--workers", "4") as server:
        url = url_of(server)
        for _ in range(calls):
            assert httpx.get(f"{url}/__mockaxle/health", timeout=60).status_code == 200
        server.terminate()
        assert server.wait(30) in ((0,) if calls else (0, BEFORE_IT_SERVED))


def test_a_worker_that_the_system_refuses_is_begun_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(workers, "RESTART_SECONDS", 0)
    monkeypatch.setattr(workers, "COMMAND", (str(tmp_path / "nothing"),))

    def hear(line: str) -> None:
        said.append(line)
        monkeypatch.setattr(workers, "COMMAND", (sys.executable, "-c", "import sys; sys.stdin.buffer.read()"))

    monkeypatch.setattr(workers, "report", hear)
    assert asyncio.run(kept_until(lambda kept: bool(kept._running))) == 0
    assert said == ["A worker cannot be started: No such file or directory"]


STUCK = """
import pathlib, signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path(sys.argv[1]).touch()
signal.pause()
"""


def test_a_worker_that_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    ready = tmp_path / "ready"
    monkeypatch.setattr(workers, "COMMAND", (sys.executable, "-c", STUCK, str(ready)))
    monkeypatch.setattr(workers, "STOP_SECONDS", 0.1)
    monkeypatch.setattr(workers, "report", said.append)
    assert asyncio.run(kept_until(lambda kept: ready.exists())) == 1
    assert said == ["Workers that have not ended within 0.1 s, and are killed: 1"]


async def kept_until(is_enough: Callable[[workers.Workers], bool]) -> int:
    """Keep one worker until something has happened, and return the exit status."""
    options = JournalOptions("mock.db", "always", timedelta(3), 1, timedelta(3), None, workers=1)
    with open_socket("127.0.0.1", 0) as listening:
        kept = workers.Workers(ServePlan(DEFAULT_SETTINGS, options, None, None, False), listening, inherited=())
        running = asyncio.create_task(kept.run())
        while not is_enough(kept):
            await asyncio.sleep(0)
        kept._stopping.set()
        return await running


def test_a_module_in_the_present_folder_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "calendar.py").write_text("raise SystemExit(7)")
    monkeypatch.chdir(tmp_path)
    program = f"{Path(sys.executable).parent}/mockaxle"
    command = (program, "serve", "--port", "0", "--quiet", "--journal", "mock.db", "--workers", "2")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert httpx.get(f"{url_of(server)}/__mockaxle/health", timeout=60).status_code == 200
        finally:
            server.terminate()


def test_the_workers_of_a_server_that_is_killed_end_and_leave_the_file(tmp_path: Path) -> None:
    journal = tmp_path / "mock.db"
    with serving("--journal", str(journal), "--workers", "2") as server:
        url = url_of(server)
        token = log_in(url)
        assert "is in use by the process" in refused("--journal", str(journal))
        server.kill()
        assert server.stdout
        assert server.stdout.read() == "", "until the workers have closed the output that they share"
    with locked(journal):
        pass
    with serving("--journal", str(journal)) as server:
        assert httpx.get(f"{url_of(server)}/auth/users/me/", headers=token).status_code == 200


class ManyConnections(httpx.Client):
    """Sends each call on one of several connections, which lead to several workers."""

    def __init__(self, url: str, token: dict[str, str] | None = None) -> None:
        super().__init__(base_url=url, timeout=60)
        self.url, self.token = url, token
        self._others = [httpx.Client(base_url=url, headers=token, timeout=60) for _ in range(4 * WORKERS)]
        self._draw = Random(11)

    def request(self, *arguments: Any, **others: Any) -> httpx.Response:
        return self._draw.choice(self._others).request(*arguments, **others)

    def each(self, verb: str, path: str, body: Any = None) -> list[httpx.Response]:
        """Send a call on each connection."""
        return [one.request(verb, path, json=body) for one in self._others]

    def __exit__(self, *_: object) -> None:
        for one in self._others:
            one.close()
        self.close()


class SharedOrganisation(Organisation):
    """One of several workers."""

    @property
    def state(self) -> object:  # type: ignore[override]  # it is read only
        """What is in all its records; the same text is the same object."""
        found = [self.call("GET", f"/entities/{kind}?limit=5000").text for kind in ("site", "asset")]
        return sys.intern("\n".join(found))


@pytest.mark.property
@pytest.mark.rule("L0", "L13", "U1", "U5", "U6", "E4")
def test_calls_to_any_worker_agree_with_the_model(server: "subprocess.Popen[str]") -> None:
    with ManyConnections(url_of(server)) as client:
        organisation = partial(SharedOrganisation, client)
        run_state_machine_as_test(machine(organisation), settings=settings(max_examples=5, stateful_step_count=30))


def test_the_check_finds_nothing_wrong_with_four_workers(tmp_path: Path) -> None:
    options = ("--journal", str(tmp_path / "mock.db"), "--workers", "4", "--scenario", str(ACCOUNTS))
    with serving(*options) as server:
        code, report, printed = check(url_of(server), tmp_path, *CHECKED)
    assert (code, report["green"]) == (0, True), printed


def test_messages_of_a_killed_worker_are_sent_by_another(server: "subprocess.Popen[str]", receiver: Receiver) -> None:
    url = url_of(server)
    with httpx.Client(base_url=url, headers=log_in(url), timeout=60) as http:
        assert http.put(f"{CONTROL}/clock", json={"rate": 1000}).status_code == 200
        asset_id = put_receiver_and_car(http, receiver)
        assert http.post(f"/entities/asset/{asset_id}/event/plug-in", json={}).status_code == 200
        assert receiver.has_refused.wait(30)
        for pid in workers_of(server.pid):
            os.kill(pid, signal.SIGKILL)
        receiver.takes.set()
        assert receiver.has_taken.wait(60)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--workers", "2"), "several workers need --journal"),
        (("--workers", "0", "--journal", "mock.db"), "0 is not in the range x>=1"),
        (("--workers", "2", "--journal", "/nowhere/mock.db"), "the journal cannot be used: /nowhere/mock.db.key: "),
    ],
)
def test_what_workers_cannot_do_is_refused_before_any_begins(options: tuple[str, ...], why: str) -> None:
    assert why in refused(*options)


def test_workers_serve_https_with_a_certificate_made_at_the_start(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    options = ("--journal", str(tmp_path / "mock.db"), "--workers", "2", "--tls", "self", "--tls-ca-file", authority)
    with serving(*map(str, options)) as server:
        url = url_of(server)
        done = run("healthcheck", "--url", url, "--tls-ca-file", str(authority))
        assert (url.partition(":")[0], done.returncode, done.stderr) == ("https", 0, "")
