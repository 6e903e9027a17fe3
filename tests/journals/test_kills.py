"""A server that is killed under load keeps what it acknowledged, and the check that says so can fail."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from random import Random
from typing import Any, Protocol

import pytest

from tests.journals.history import Deed, Load, problems, scenario
from tests.journals.postgres_server import PostgresServer
from tests.journals.worker_processes import workers_of

KILLS = int(os.environ.get("MOCKAXLE_KILLS", "3"))
SERVE = ("-m", "mockaxle.cli")
CARELESS = ("-m", "tests.journals.careless_server")
GIVEN = {"MOCKAXLE_KEY": "ab" * 32, "MOCKAXLE_ADMIN_TOKEN": "let-me-in"}
ROOT = Path(__file__).parents[2]


class KilledServer:
    """A server on one journal, which is killed and started again."""

    def __init__(
        self,
        folder: Path,
        program: Sequence[str] = SERVE,
        *,
        journal: str | None = None,
        options: Sequence[str] = (),
        environment: Mapping[str, str] = GIVEN,
        port: int = 0,
    ) -> None:
        self.journal, self.port_file, self._program = journal or str(folder / "mock.db"), folder / "port", program
        self._options, self._environment, self.port = options, environment, port
        self._scenario = folder / "homes.toml"
        self._scenario.write_text(scenario())
        self._process = self._started()

    def _started(self) -> "subprocess.Popen[str]":
        options = ("--port", str(self.port), "--port-file", str(self.port_file), "--quiet", "--journal", self.journal)
        more = ("--scenario", str(self._scenario), "--max-worlds", "2", *self._options)
        line = (sys.executable, *self._program, "serve", *options, *more)
        around = {**os.environ, **self._environment, "PYTHONFAULTHANDLER": "1"}
        process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=around)
        assert process.stdout
        self.url = process.stdout.readline().strip()
        assert self.url, "the server does not start"
        return process

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()
        self.port_file.unlink()

    def start(self) -> None:
        self._process = self._started()

    def stop(self) -> int:
        self._process.terminate()
        try:
            self._process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGABRT)
            self._process.communicate()
            raise
        return self._process.returncode


@contextmanager
def server_in(folder: Path, program: Sequence[str] = SERVE, **others: Any) -> Iterator[KilledServer]:
    server = KilledServer(folder, program, **others)
    try:
        yield server
    finally:
        server.stop()


class OneWorker:
    """One of the workers of a server, another one each time; its server begins the next one."""

    def __init__(self, server: KilledServer) -> None:
        self._server = server
        self._draw = Random(3)

    def kill(self) -> None:
        os.kill(self._draw.choice(workers_of(self._server.pid)), signal.SIGKILL)

    def start(self) -> None:
        pass


class Killed(Protocol):
    """A server, or the database of one."""

    def kill(self) -> None:
        """End it at once."""

    def start(self) -> None:
        """Start it again."""


def live(servers: Sequence[KilledServer], victims: Iterable[Killed], *, calls: int = 250) -> list[Deed]:
    """Load servers, kill a victim after about so many acknowledged calls, and return what the clients were told."""
    draw = Random(7)
    with Load(*(one.port_file for one in servers)) as load:
        for victim in victims:
            load.wait_for(draw.randrange(calls // 2, calls))
            victim.kill()
            victim.start()
        load.wait_for(calls)
    return load.deeds


def test_nothing_that_was_acknowledged_is_lost_by_kills(tmp_path: Path) -> None:
    with server_in(tmp_path) as server:
        check_all_kept([server], [server] * KILLS)


def test_nothing_is_lost_in_a_database_by_kills_of_server_and_database(
    tmp_path: Path, own_postgres: PostgresServer
) -> None:
    with server_in(tmp_path, journal=own_postgres.url()) as server:
        check_all_kept([server], [server, own_postgres, server] * max(1, KILLS // 3))


def test_nothing_is_lost_by_kills_of_servers_that_share_a_database(
    tmp_path: Path, own_postgres: PostgresServer
) -> None:
    url = own_postgres.url()
    with ExitStack() as stack:
        servers = []
        for name in "abc":
            (folder := tmp_path / name).mkdir()
            servers.append(stack.enter_context(server_in(folder, journal=url)))
        check_all_kept(servers, [*servers, own_postgres] * max(1, KILLS // 3))


def test_nothing_is_lost_by_kills_of_workers_on_one_file(tmp_path: Path) -> None:
    with server_in(tmp_path, options=("--workers", "3")) as server:
        check_all_kept([server], [OneWorker(server)] * KILLS)


def check_all_kept(servers: Sequence[KilledServer], victims: Sequence[Killed]) -> None:
    """Kill the victims under load; afterwards all that was acknowledged is there, on each server, and replays."""
    deeds = live(servers, victims)
    for server in servers:
        assert list(problems(deeds, server.url)) == []
    assert {deed.kind for deed in deeds if deed.answer is not None} >= {"withdrawal", "reading", "enrol", "token"}
    assert [one.stop() for one in servers] == [0] * len(servers)
    line = (sys.executable, *SERVE, "journal", "check", server.journal)
    checked = subprocess.run(line, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, ""), checked.stdout
    assert checked.stdout.startswith("3 worlds, ")


def test_the_check_finds_a_server_that_answers_before_it_keeps(tmp_path: Path) -> None:
    with server_in(tmp_path, CARELESS) as server:
        assert list(problems(live([server], [server] * 2), server.url)) != []


@pytest.mark.parametrize("username", ["alpha", "beta"])
def test_the_check_finds_a_row_that_was_lost(tmp_path: Path, username: str) -> None:
    with server_in(tmp_path) as server:
        with Load(server.port_file) as load:
            load.wait_for(100)
        server.kill()
        with closing(sqlite3.connect(server.journal)) as database, database:
            lose_change(database, username)
        server.start()
        assert list(problems(load.deeds, server.url)) != []


def lose_change(database: sqlite3.Connection, username: str) -> None:
    """Delete the last rows of a world from the last one with an onboarding on, as a disk might that lies."""
    query = (
        "SELECT world, number FROM row WHERE text LIKE ? AND text LIKE '%POST /entities/site/onboard%' ORDER BY 2 DESC"
    )
    world, number = database.execute(query, (f'%"name": "{username}"%',)).fetchone()
    database.execute("DELETE FROM row WHERE world = ? AND number >= ?", (world, number))
    database.execute("DELETE FROM base WHERE world = ? AND number >= ?", (world, number))
