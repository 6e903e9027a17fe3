"""Servers on a journal of the test's own, in a file or in PostgreSQL."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mockaxle.journals.engine import Engine
from mockaxle.journals.postgres import open_database
from mockaxle.journals.sqlite_file import open_file
from tests.clocks import ManualClock
from tests.journals.lasting_app import LastingApp
from tests.journals.postgres_server import PostgresServer

StartLasting = Callable[..., LastingApp]
EACH_ENGINE = pytest.mark.parametrize("start_lasting", ["file", "postgresql"], indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer()
    yield server
    server.end()


@pytest.fixture
def own_postgres() -> Iterator[PostgresServer]:
    """A database server that the test may kill or freeze."""
    server = PostgresServer()
    yield server
    server.end()


@pytest.fixture
def start_lasting(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StartLasting]:
    """Starts servers on one journal, and ends them after the test. `EACH_ENGINE` runs a test with each engine."""
    if getattr(request, "param", "file") == "file":
        opens: Callable[[], Engine] = partial(open_file, tmp_path / "mock.db", key_digest="a test's")
    else:
        url = request.getfixturevalue("postgres").url()
        opens = partial(open_database, url, key_digest="a test's", timeout=20, shared=True)
    started: list[LastingApp] = []

    def start(**options: Any) -> LastingApp:
        started.append(LastingApp(opens, options.pop("clock", ManualClock()), **options))
        return started[-1]

    yield start
    for one in started:
        one.crash()
