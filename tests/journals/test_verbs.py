"""`mockaxle journal`: what it prints, and what it refuses."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mockaxle.journals.checking import check_worlds
from mockaxle.journals.copying import copy_journal
from mockaxle.journals.sqlite_file import open_file, read_file
from mockaxle.serving.catching_up import catch_up
from mockaxle.serving.settings import JournalSettings
from tests.calling import Caller
from tests.cli.test_serve import run
from tests.clocks import ManualClock
from tests.commanding import carry_out
from tests.journals.lasting_app import on_file


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A journal with two worlds, of which one has a receiver with a secret."""
    place = tmp_path / "mock.db"
    server = on_file(place, ManualClock())
    Caller(server, "alpha").onboard()  # type: ignore[arg-type]
    Caller(server, "beta")  # type: ignore[arg-type]
    carry_out(server.worlds, "alpha", "POST /snapshots", {"name": "s"})
    hosted = server.worlds.find("alpha")

    async def keep_secret() -> None:
        server.journalled.set_secrets(hosted, {"partner": "whsec_a-secret"})

    server.on_loop(keep_secret())
    server.end()
    return place


def test_a_sound_journal_is_checked(journal: Path) -> None:
    done = run("journal", "check", str(journal))
    assert done.returncode == 0
    assert re.fullmatch(r"2 worlds, \d rows, 4 lines: all replay to the same answers\n", done.stdout)


def test_a_changed_answer_is_found(journal: Path) -> None:
    with closing(sqlite3.connect(journal)) as database, database:
        database.execute("UPDATE row SET text = replace(text, '\"status\": 200', '\"status\": 201')")
    done = run("journal", "check", str(journal))
    assert done.returncode == 1
    assert "alpha: entry 1 in row 2, POST /auth/token-form at 2026-01-20T12:00:00" in done.stdout
    assert done.stdout.endswith("2 do not replay\n")


def test_a_missing_row_is_found(journal: Path) -> None:
    with closing(sqlite3.connect(journal)) as database, database:
        database.execute("DELETE FROM row WHERE number = 2 AND text LIKE '%alpha%' AND kind = 'entries'")
    done = run("journal", "check", str(journal))
    assert (done.returncode, "alpha: row 2 is missing" in done.stdout) == (1, True)


def test_worlds_are_listed_without_secrets(journal: Path) -> None:
    done = run("journal", "list", str(journal))
    assert [line.split()[0] for line in done.stdout.splitlines()] == ["alpha", "beta"]
    assert "whsec" not in done.stdout


@pytest.mark.parametrize("option", [(), ("--without-secrets",)])
def test_a_copy_has_the_same_worlds(journal: Path, tmp_path: Path, option: tuple[str, ...]) -> None:
    copy = tmp_path / "copy.db"
    assert run("journal", "copy", str(journal), str(copy), *option).returncode == 0
    assert run("journal", "list", str(copy)).stdout.split()[0] == "alpha"
    assert run("journal", "check", str(copy)).returncode == 0
    assert (b"whsec_a-secret" in copy.read_bytes()) == (option == ())


def test_a_copy_does_not_write_over_worlds(journal: Path) -> None:
    done = run("journal", "copy", str(journal), str(journal.with_name("mock.db")))
    assert (done.returncode, "is not empty" in done.stderr) == (2, True)


def test_a_dropped_world_is_gone_with_its_accounts_and_secrets(journal: Path) -> None:
    assert run("journal", "drop", str(journal), "alpha").stdout == "dropped alpha\n"
    assert [line.split()[0] for line in run("journal", "list", str(journal)).stdout.splitlines()] == ["beta"]
    with closing(sqlite3.connect(journal)) as database:
        heads = [json.loads(text) for (text,) in database.execute("SELECT text FROM row WHERE kind = 'account'")]
    assert [one["account"] and one["account"]["username"] for one in heads if one["account"]] == ["beta"]
    assert [one["secrets"] for one in heads if one["secrets"]] == []
    again = run("journal", "drop", str(journal), "alpha")
    assert (again.returncode, "has no world alpha" in again.stderr) == (2, True)


@pytest.mark.parametrize("verb", ["check", "list"])
def test_a_file_that_is_not_there_is_named(verb: str, tmp_path: Path) -> None:
    done = run("journal", verb, str(tmp_path / "none.db"))
    assert (done.returncode, done.stderr.count("\n"), "none.db" in done.stderr) == (2, 1, True)


def test_a_journal_in_use_can_be_read_and_not_dropped_from(tmp_path: Path) -> None:
    from tests.journals.test_serving_files import log_in, serving, url_of

    place = str(tmp_path / "used.db")
    with serving("--journal", place) as process:
        log_in(url_of(process))
        assert run("journal", "check", place).returncode == 0
        done = run("journal", "drop", place, "demo")
        assert (done.returncode, f"in use by the process {process.pid}" in done.stderr) == (2, True)


def test_a_world_that_was_looked_at_is_sound(tmp_path: Path) -> None:
    clock = ManualClock()
    server = on_file(tmp_path / "mock.db", clock)
    caller = Caller(server, "alpha")  # type: ignore[arg-type]
    asset_id = caller.onboard().json["assets"][0]["asset_id"]
    caller.plug_in(asset_id, [{"start_timestamp": "2026-01-20T22:00:00Z", "end_timestamp": "2026-01-21T06:00:00Z"}])
    clock.advance(days=60)
    hosted = server.worlds.find("alpha")
    before = hosted.world
    server.on_loop(catch_up(hosted, now=hosted.instant(clock())))
    assert hosted.world != before
    server.restart(crashed=False)
    [found] = check_worlds(server.engine, server.lasting._keeper._finder)
    server.crash()
    assert (found.problem, found.bases) == ("", 2)


def test_a_copy_is_of_one_moment(tmp_path: Path) -> None:
    server = on_file(tmp_path / "mock.db", ManualClock())
    caller = Caller(server, "alpha")  # type: ignore[arg-type]
    source = read_file(tmp_path / "mock.db")
    next(source.last_rows())
    caller.onboard()
    carry_out(server.worlds, "alpha", "POST /rewind", {"before": 2})
    with closing(source), closing(open_file(tmp_path / "copy.db", key_digest="a test's")) as copy:
        copy_journal(source, copy, without_secrets=False)
    server.crash()
    copied = on_file(tmp_path / "copy.db", ManualClock())
    [found] = check_worlds(copied.engine, copied.lasting._keeper._finder)
    number = len(copied.worlds.find("alpha").log)
    copied.crash()
    assert (found.problem, found.bases, number) == ("", 1, 1)


def test_entries_keep_their_numbers_if_other_ones_are_kept_after_a_crash(tmp_path: Path) -> None:
    settings = JournalSettings(log_entries=40, base_characters=6_000)
    server = on_file(tmp_path / "mock.db", ManualClock(), journal=settings)
    caller = Caller(server, "alpha")  # type: ignore[arg-type]
    for _ in range(4):
        for _ in range(3):
            for _ in range(30):
                caller.get("/entities/site")
            server.keep_reads()
            server.restart()
        last = server.worlds.find("alpha").log.last
        carry_out(server.worlds, "alpha", "POST /rewind", {"before": last - 3})
        server.restart()
        log = server.worlds.find("alpha").log
        assert (log.last, len(log) >= 20) == (last - 3, True)
    server.crash()
