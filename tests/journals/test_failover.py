"""A database that fails over to its standby under load."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from tests.cli.test_serve import run
from tests.journals.history import Load, problems
from tests.journals.postgres_server import PostgresServer, StandbyServer
from tests.journals.test_kills import server_in


@pytest.fixture
def standby(request: pytest.FixtureRequest, own_postgres: PostgresServer) -> Iterator[StandbyServer]:
    server = StandbyServer(own_postgres, synchronous=request.param == "synchronous")
    yield server
    server.end()


@pytest.mark.parametrize("standby", ["synchronous"], indirect=True)
def test_a_failover_to_a_synchronous_standby_loses_nothing(
    tmp_path: Path, own_postgres: PostgresServer, standby: StandbyServer, capfd: pytest.CaptureFixture[str]
) -> None:
    with ExitStack() as stack:
        for name in "ab":
            (tmp_path / name).mkdir()
        url = standby.url_of_both()
        servers = [stack.enter_context(server_in(tmp_path / name, journal=url)) for name in "ab"]
        with Load(*(one.port_file for one in servers)) as load:
            load.wait_for(300)
            own_postgres.kill()
            standby.query("ALTER SYSTEM SET synchronous_standby_names = ''")
            standby.promote()
            load.wait_for(300)
        for server in servers:
            assert list(problems(load.deeds, server.url)) == []
    assert "has lost calls" not in capfd.readouterr().err


@pytest.mark.parametrize("standby", ["asynchronous"], indirect=True)
def test_a_standby_that_lacks_the_last_calls_is_seen(
    tmp_path: Path, own_postgres: PostgresServer, standby: StandbyServer, capfd: pytest.CaptureFixture[str]
) -> None:
    url = standby.url_of_both()
    with server_in(tmp_path, journal=url) as server:
        with Load(server.port_file) as load:
            load.wait_for(200)
            standby.kill()
            load.wait_for(200)
            own_postgres.kill()
            standby.start()
            standby.promote()
            load.wait_for(200)
        assert list(problems(load.deeds, server.url)) != []
        assert httpx.get(f"{server.url}/__mockaxle/health").json()["journal"]["reloaded"] > 0
    assert "has lost calls that were answered" in capfd.readouterr().err
    done = run("journal", "check", url)
    assert (done.returncode, done.stderr) == (0, "")
