"""`mockaxle serve --journal`: files, keys, locks, and what is refused in one line before the server starts."""

import os
import re
import resource
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from secrets import token_hex

import httpx
import pytest

from mockaxle.journals import file_lock
from tests.calling import onboarding

SERVE = (sys.executable, "-m", "mockaxle.cli", "serve", "--port", "0", "--quiet")


@contextmanager
def serving(
    *options: str, environment: Mapping[str, str] | None = None, limit: int = 0
) -> Iterator[subprocess.Popen[str]]:
    """Serve until the block ends. Units: limit of the size of a file in bytes, 0 for none."""

    def limited() -> None:
        if limit:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    line, around = (*SERVE, *options), {**os.environ, **(environment or {})}
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, env=around, preexec_fn=limited) as process:
        try:
            yield process
        finally:
            process.kill()


def url_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def refused(*options: str, environment: Mapping[str, str] | None = None) -> str:
    around = {**os.environ, **(environment or {})}
    done = subprocess.run((*SERVE, *options), capture_output=True, text=True, env=around, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    return done.stderr


def log_in(url: str, username: str = "demo") -> dict[str, str]:
    answer = httpx.post(f"{url}/auth/token-form", data={"username": username, "password": "demo"}, timeout=60)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture
def journal(tmp_path: Path) -> str:
    return str(tmp_path / "mock.db")


def test_a_home_is_there_after_kill_9(journal: str) -> None:
    with serving("--journal", journal) as process:
        url = url_of(process)
        token = log_in(url)
        assert httpx.post(f"{url}/entities/site/onboard", json=onboarding(), headers=token).status_code == 200
    with serving("--journal", journal) as process:
        url = url_of(process)
        assert len(httpx.get(f"{url}/entities/site", headers=token).json()["sites"]) == 1
        health = httpx.get(f"{url}/__mockaxle/health").json()["journal"]
        assert health == {"kind": "file", "state": "ok", "reloaded": 0}


def test_pages_and_control_find_worlds_that_are_not_in_memory(journal: str) -> None:
    with serving("--journal", journal) as process:
        url = url_of(process)
        token = log_in(url)
    options = ("--journal", journal, "--admin-token", "let-me-in")
    for path, headers in (("world/log", token), ("worlds/demo/clock", {"Authorization": "Bearer let-me-in"})):
        with serving(*options) as process:
            assert httpx.get(f"{url_of(process)}/__mockaxle/{path}", headers=headers).status_code == 200
    with serving(*options) as process:
        found = httpx.get(f"{url_of(process)}/__mockaxle/worlds", headers={"Authorization": "Bearer let-me-in"}).json()
    assert found["worlds"] == [{"world": "demo", "in_memory": False}]


def test_the_files_are_their_owners_only(journal: str, tmp_path: Path) -> None:
    with serving("--journal", journal) as process:
        log_in(url_of(process))
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()}
    assert modes == dict.fromkeys(("mock.db", "mock.db-wal", "mock.db-shm", "mock.db.key", "mock.db.lock"), 0o600)


def test_a_server_that_is_stopped_writes_a_base_and_leaves_one_file(journal: str, tmp_path: Path) -> None:
    with serving("--journal", journal) as process:
        log_in(url_of(process))
        process.terminate()
        assert process.wait(30) == 0
    assert {one.name for one in tmp_path.iterdir()} == {"mock.db", "mock.db.key", "mock.db.lock"}
    with closing(sqlite3.connect(journal)) as database:
        assert database.execute("SELECT count(DISTINCT world) FROM base").fetchone() == (1,)


def test_a_second_server_is_told_the_process_of_the_first(journal: str) -> None:
    with serving("--journal", journal) as process:
        url_of(process)
        assert f"is in use by the process {process.pid}" in refused("--journal", journal)


def test_another_key_is_refused_and_the_right_one_may_be_given(journal: str, tmp_path: Path) -> None:
    with serving("--journal", journal) as process:
        token = log_in(url_of(process))
    beside = Path(f"{journal}.key")
    moved = beside.rename(tmp_path / "elsewhere")
    assert "mock.db.key is missing" in refused("--journal", journal)
    assert "made with another key" in refused("--journal", journal, environment={"MOCKAXLE_KEY": token_hex(32)})
    for options, environment in ((("--key-file", str(moved)), {}), ((), {"MOCKAXLE_KEY": moved.read_text()})):
        with serving("--journal", journal, *options, environment=environment) as process:
            assert httpx.get(f"{url_of(process)}/auth/users/me/", headers=token).status_code == 200


@pytest.mark.parametrize("key", ["", "abc", "0" * 63, "g" * 64])
def test_a_key_that_is_none_is_refused(journal: str, tmp_path: Path, key: str) -> None:
    place = tmp_path / "key"
    place.write_text(key)
    assert str(place) in refused("--journal", journal, "--key-file", str(place))


def test_a_key_without_a_journal_keeps_tokens_readable(tmp_path: Path) -> None:
    key = {"MOCKAXLE_KEY": "ab" * 32}
    with serving(environment=key) as process:
        assert httpx.get(f"{url_of(process)}/__mockaxle/health").json().keys() == {"status", "version"}


def test_other_files_are_refused(journal: str, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("Not a database, but long enough to look like one. " * 100)
    Path(f"{text}.key").write_text("ab" * 32)
    assert "is not a journal of mockaxle" in refused("--journal", str(text))
    assert "Is a directory" in refused("--journal", str(tmp_path), environment={"MOCKAXLE_KEY": "ab" * 32})
    assert "No such file" in refused("--journal", str(tmp_path / "none" / "mock.db"))


def test_a_database_of_another_program_is_refused(journal: str) -> None:
    with closing(sqlite3.connect(journal)) as database, database:
        database.execute("CREATE TABLE mine (one TEXT)")
    Path(f"{journal}.key").write_text("ab" * 32)
    assert "is not a journal of mockaxle" in refused("--journal", journal)


def test_a_full_disk_answers_503_and_loses_nothing(journal: str) -> None:
    with serving("--journal", journal, limit=400_000) as process:
        url = url_of(process)
        token = log_in(url)
        kept, answer = 0, httpx.Response(200)
        while answer.status_code == 200 and kept < 1000:
            site = {"mpan": f"{kept:013}", "street_address": f"{kept} Canal Row", "postcode": "M1 1AE"}
            answer = httpx.post(f"{url}/entities/site", json=site, headers=token)
            kept += answer.status_code == 200
        assert answer.status_code == 503, answer.text
        assert (answer.status_code, answer.json()["done"], answer.headers["retry-after"]) == (503, "no", "1")
        assert len(httpx.get(f"{url}/entities/site?limit=1000", headers=token).json()["sites"]) == kept
    with serving("--journal", journal) as process:
        assert len(httpx.get(f"{url_of(process)}/entities/site?limit=1000", headers=token).json()["sites"]) == kept


def test_without_a_journal_nothing_of_it_is_imported() -> None:
    code = (
        "import sys, mockaxle.app; from mockaxle.app import create_app; create_app(); "
        "print([name for name in sys.modules if name.startswith(('mockaxle.journals', 'mockaxle.lasting', 'sqlite3'))])"
    )
    done = subprocess.run((sys.executable, "-c", code), capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"


def test_a_network_file_system_is_known_by_its_type(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mountinfo"
    share = re.sub(" ", r"\\040", str(tmp_path))
    mounts.write_text(f"1 0 0:1 / / rw - ext4 /dev/vda rw\n2 1 0:2 / {share} rw - nfs4 host:/share rw\n")
    monkeypatch.setattr(file_lock, "MOUNTS", mounts)
    assert file_lock.file_system_of(tmp_path / "mock.db") == "nfs4"
    assert file_lock.file_system_of(Path("/")) == "ext4"
