"""A journal in PostgreSQL: what a server needs to start on it, and what it says when the database is in trouble."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from mockaxle.journals.engine import EngineRefused
from mockaxle.journals.postgres import Database, open_database
from mockaxle.serving.settings import JournalSettings
from tests.calling import Answer, Caller, onboarding
from tests.cli.test_serve import run
from tests.clocks import ManualClock
from tests.journals.lasting_app import LastingApp
from tests.journals.postgres_server import PostgresServer, schema_of
from tests.journals.test_serving_files import log_in, refused, serving, url_of
from tests.journals.test_trouble import caller_on, sites

KEY = {"MOCKAXLE_KEY": "ab" * 32}
GIVEN = {**KEY, "MOCKAXLE_ADMIN_TOKEN": "let-me-in"}


@pytest.fixture
def url(postgres: PostgresServer) -> str:
    return postgres.url()


def opened(url: str, *, timeout: float = 20, shared: bool = False) -> Database:
    return open_database(url, key_digest="a test's", timeout=timeout, shared=shared)


@pytest.fixture
def lasting() -> Iterator[Callable[..., LastingApp]]:
    """Starts servers in this process, and ends them after the test."""
    started: list[LastingApp] = []

    def start(url: str, *, journal: JournalSettings | None = None) -> LastingApp:
        settings = journal or JournalSettings()
        opens = partial(opened, url, timeout=settings.timeout.total_seconds(), shared=True)
        started.append(LastingApp(opens, ManualClock(), journal=settings))
        return started[-1]

    yield start
    for one in started:
        one.crash()


Lasting = Callable[..., LastingApp]


def add_site(caller: Caller, number: int) -> Answer:
    return caller.post("/entities/site", {"mpan": f"{number:013}", "street_address": f"{number} Row", "postcode": "M1"})


def test_a_home_is_there_after_kill_9_and_nothing_shows_the_user(url: str) -> None:
    with serving("--journal", url, environment=GIVEN) as process:
        server = url_of(process)
        token = log_in(server)
        assert httpx.post(f"{server}/entities/site/onboard", json=onboarding(), headers=token).status_code == 200
    with serving("--journal", url, environment=GIVEN) as process:
        server = url_of(process)
        assert len(httpx.get(f"{server}/entities/site", headers=token).json()["sites"]) == 1
        health = httpx.get(f"{server}/__mockaxle/health").json()["journal"]
        assert health == {"kind": "postgresql", "state": "ok", "reloaded": 0}


def test_the_start_names_the_database_without_its_user(url: str) -> None:
    line = (sys.executable, "-m", "mockaxle.cli", "serve", "--port", "0", "--journal", url)
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=GIVEN) as process:
        assert process.stdout
        said = ""
        while "Journal:" not in said:
            said = process.stdout.readline()
        process.terminate()
        _, complaints = process.communicate(timeout=60)
    assert said == "Journal: postgresql:///mock, with 0 worlds\n"
    assert "no synchronous standby: a failover may lose the last answered calls" in complaints
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("environment", "needs"),
    [({"MOCKAXLE_ADMIN_TOKEN": "x"}, "--key-file or MOCKAXLE_KEY"), (KEY, "MOCKAXLE_ADMIN_TOKEN")],
)
def test_key_and_admin_token_must_be_given(environment: dict[str, str], needs: str) -> None:
    assert needs in refused("--journal", "postgresql://nowhere/mock", environment=environment)


@pytest.mark.parametrize("place", ["postgresql://me:secret@db/mock", "postgres://db/mock?password=secret"])
def test_a_password_on_the_command_line_is_refused_and_not_repeated(place: str) -> None:
    said = refused("--journal", place, environment=GIVEN)
    assert all(name in said for name in ("MOCKAXLE_JOURNAL", "PGPASSWORD", "PGPASSFILE"))
    verb = run("journal", "check", place)
    assert (verb.returncode, "PGPASSFILE" in verb.stderr) == (2, True)
    assert "secret" not in said + verb.stderr


def test_a_password_in_the_environment_is_not_shown() -> None:
    said = refused(environment={**GIVEN, "MOCKAXLE_JOURNAL": "postgresql://me:secret@127.0.0.1:1/mock"})
    assert "cannot be reached" in said
    assert "secret" not in said


def test_another_key_is_refused(url: str) -> None:
    opened(url).close()
    with pytest.raises(EngineRefused, match="made with another key"):
        open_database(url, key_digest="another", timeout=20)


def test_a_command_that_needs_the_journal_alone_is_told_of_a_server(url: str) -> None:
    first = opened(url, shared=True)
    opened(url, shared=True).close()
    with pytest.raises(EngineRefused, match=r"in use by mockaxle [0-9a-f]{6}, process \d+ on "):
        opened(url)
    first.close()
    opened(url).close()


def test_servers_that_race_to_make_the_tables_make_one_journal(postgres: PostgresServer) -> None:
    for _ in range(3):
        url = postgres.url()
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(partial(opened, shared=True), [url] * 4))
        assert postgres.query("SELECT count(*) FROM server", schema=schema_of(url)) == "1"
        for one in found:
            one.close()


def test_tables_of_another_program_are_left_alone(postgres: PostgresServer, url: str) -> None:
    postgres.query("CREATE TABLE state (mine text)", schema=schema_of(url))
    with pytest.raises(EngineRefused, match='tables of the journal cannot be made: relation "state" already'):
        opened(url)
    assert postgres.query("SELECT to_regclass('row') IS NULL", schema=schema_of(url)) == "t"
    told = run("journal", "list", url)
    assert (told.returncode, "has no journal of mockaxle" in told.stderr) == (2, True)


def test_worlds_are_copied_from_a_file_to_a_database_and_back(url: str, tmp_path: Path) -> None:
    place = str(tmp_path / "mock.db")
    with serving("--journal", place) as process:
        token = log_in(url_of(process))
    key = {"MOCKAXLE_KEY": Path(f"{place}.key").read_text(), "MOCKAXLE_ADMIN_TOKEN": "let-me-in"}
    assert run("journal", "copy", place, url).returncode == 0
    with serving("--journal", url, environment=key) as process:
        server = url_of(process)
        assert httpx.post(f"{server}/entities/site/onboard", json=onboarding(), headers=token).status_code == 200
        assert run("journal", "check", url).stdout.endswith("all replay to the same answers\n")
        process.terminate()
        assert process.wait(60) == 0
    back = str(tmp_path / "back.db")
    assert run("journal", "copy", url, back).returncode == 0
    with serving("--journal", back, environment=key) as process:
        assert len(httpx.get(f"{url_of(process)}/entities/site", headers=token).json()["sites"]) == 1


def test_no_table_is_read_whole_for_a_call(postgres: PostgresServer, url: str, lasting: Lasting) -> None:
    server = lasting(url)
    caller = caller_on(server)
    for number in range(12):  # the sixth time, PostgreSQL keeps a statement's plan
        assert add_site(caller, number).status == 200
        assert caller.get("/entities/site").status == 200
    server.restart()
    counted = f"SELECT seq_scan FROM pg_stat_user_tables WHERE schemaname = '{schema_of(url)}' AND relname = 'row'"
    assert postgres.query(counted) == "1", "when its index was made"


def test_a_frozen_database_is_answered_in_time_and_found_again(own_postgres: PostgresServer, lasting: Lasting) -> None:
    server = lasting(own_postgres.url(), journal=JournalSettings(timeout=timedelta(seconds=2)))
    caller = caller_on(server)
    server.keep_reads()
    own_postgres.freeze()
    late = caller.onboard()
    own_postgres.thaw()
    assert (late.status, late.json["done"]) == (503, "perhaps")
    answer = caller.onboard()
    while answer.status == 503:
        answer = caller.onboard()
    assert (answer.status, sites(caller)) == (200, 1)


def test_a_killed_database_is_told_and_found_again(own_postgres: PostgresServer, lasting: Lasting) -> None:
    server = lasting(own_postgres.url())
    caller = caller_on(server)
    caller.onboard()
    server.keep_reads()
    own_postgres.kill()
    for refusal in (add_site(caller, 99).json for _ in range(2)):
        assert (refusal["done"], "cannot be reached" in refusal["detail"]) == ("no", True)
    own_postgres.start()
    assert sites(caller) == 1
    assert (add_site(caller, 99).status, sites(caller)) == (200, 2)


def test_a_database_that_was_killed_between_two_calls_costs_none(
    own_postgres: PostgresServer, lasting: Lasting
) -> None:
    server = lasting(own_postgres.url())
    caller = caller_on(server)
    own_postgres.kill()
    own_postgres.start()
    answer = add_site(caller, 99)
    assert (answer.status, sites(caller)) == (200, 1), answer.json


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (-60, r"-(60\.0|59\.\d) s off the database's"),
        (0, None),
        (3, r"\+3\.\d s off"),
        (7, r"[78] s ahead of the database's; set it first"),
    ],
)
def test_a_clock_that_differs_from_the_databases_is_told_and_never_taken_along(
    url: str, monkeypatch: pytest.MonkeyPatch, ahead: int, said: str | None
) -> None:
    monkeypatch.setattr("mockaxle.journals.postgres.system_clock", lambda: datetime.now(UTC) + timedelta(seconds=ahead))
    if ahead > 5:
        with pytest.raises(EngineRefused, match=said):
            opened(url)
        return
    with closing(opened(url)) as database:
        remarks = [one for one in database.remarks() if "clock" in one]
    assert (len(remarks), all(re.search(said, one) for one in remarks if said)) == (said is not None, True)


@pytest.mark.parametrize("setting", ["synchronous_commit", "fsync"])
def test_a_setting_that_may_lose_answered_calls_is_told(own_postgres: PostgresServer, setting: str) -> None:
    own_postgres.query(f"ALTER SYSTEM SET {setting} = off")
    own_postgres.query("SELECT pg_reload_conf()")
    while own_postgres.query(f"SHOW {setting}") != "off":
        pass
    with closing(opened(own_postgres.url())) as database:
        assert any(f"{setting} = off" in one for one in database.remarks())


def test_an_emptied_database_is_seen(postgres: PostgresServer, url: str, lasting: Lasting) -> None:
    server = lasting(url)
    caller = caller_on(server)
    caller.onboard()
    server.keep_reads()
    postgres.query("DELETE FROM row", schema=schema_of(url))
    refusal = add_site(caller, 99)
    assert (refusal.status, refusal.json["done"]) == (503, "no")
    assert caller.get("/entities/site").status == 401
    assert sites(caller_on(server)) == 0


def test_a_full_disk_is_named(postgres: PostgresServer, url: str, lasting: Lasting) -> None:
    server = lasting(url)
    caller = caller_on(server)
    schema = schema_of(url)
    full = "BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END"
    postgres.query(f"CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $${full}$$", schema=schema)
    postgres.query("CREATE TRIGGER full_disk BEFORE INSERT ON row EXECUTE FUNCTION full_disk()", schema=schema)
    refusal = caller.onboard()
    assert refusal.status == 503
    assert refusal.json == {
        "detail": "The journal did not keep the call: the database's disk is full",
        "done": "no",
    }
    assert sites(caller) == 0
    postgres.query("DROP TRIGGER full_disk ON row", schema=schema)
    assert caller.onboard().status == 200


def test_an_error_of_the_library_hangs_nobody(url: str, lasting: Lasting, monkeypatch: pytest.MonkeyPatch) -> None:
    server = lasting(url)
    caller, other = caller_on(server), caller_on(server, "other")
    server.keep_reads()
    execute = asyncpg.Connection.execute
    failing = [asyncpg.InternalClientError("got result for unknown protocol state 3")]

    async def broken(connection: Any, query: str, *values: Any, **options: Any) -> str:
        if failing and "INSERT" in query:
            raise failing.pop()
        return await execute(connection, query, *values, **options)

    monkeypatch.setattr(asyncpg.Connection, "execute", broken)
    told = caller.onboard()
    assert (told.status, told.json["done"], "unknown protocol state" in told.json["detail"]) == (503, "perhaps", True)
    assert [one.onboard().status for one in (other, caller)] == [200, 200]


def test_the_lock_is_taken_again_after_a_broken_session(postgres: PostgresServer, url: str, lasting: Lasting) -> None:
    server = lasting(url)
    caller = caller_on(server)
    server.keep_reads()
    postgres.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'mockaxle %'")
    answers = [caller.onboard() for _ in range(2)]
    assert answers[-1].status == 200
    with pytest.raises(EngineRefused, match="in use by"):
        opened(url)


def test_no_password_is_in_the_list_of_processes(postgres: PostgresServer, url: str) -> None:
    secret = url.replace("mock@", "mock:hidden@")
    with serving(environment={**GIVEN, "MOCKAXLE_JOURNAL": secret}) as process:
        health = httpx.get(f"{url_of(process)}/__mockaxle/health").text
        line = Path(f"/proc/{process.pid}/cmdline").read_text()
    assert "hidden" not in json.dumps([health, line])
