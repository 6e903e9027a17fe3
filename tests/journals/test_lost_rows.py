"""A journal that has lost its last rows: reads are not missed, changes are."""

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.calling import Caller
from tests.journals.conftest import StartLasting


def lose_last_row(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        query = "SELECT world, max(number) FROM row WHERE world NOT LIKE '@%'"
        database.execute("DELETE FROM row WHERE world = ? AND number = ?", database.execute(query).fetchone())


def sites(caller: Caller) -> int:
    return len(caller.get("/entities/site").json["sites"])


def test_lost_reads_are_not_told(start_lasting: StartLasting, tmp_path: Path) -> None:
    server = start_lasting(is_shared=True)
    caller = Caller(server)  # type: ignore[arg-type]
    caller.onboard()
    assert sites(caller) == 1
    lose_last_row(tmp_path / "mock.db")
    assert sites(caller) == 1
    assert (server.said, server.lasting.health()["reloaded"]) == ([], 0)


def test_lost_changes_are_told_and_not_invented(start_lasting: StartLasting, tmp_path: Path) -> None:
    server = start_lasting(is_shared=True)
    caller = Caller(server)  # type: ignore[arg-type]
    assert caller.onboard().status == 200
    lose_last_row(tmp_path / "mock.db")
    assert sites(caller) == 0
    assert (len(server.said), server.lasting.health()["reloaded"]) == (1, 1)
    assert "The world 'acme' has lost calls that were answered" in server.said[0]
    assert (caller.onboard().status, sites(caller)) == (200, 1)
