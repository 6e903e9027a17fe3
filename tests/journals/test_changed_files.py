"""A journal file that another process changed: what it wrote is taken in, and what does not replay is passed over."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.calling import Caller
from tests.journals.conftest import StartLasting
from tests.journals.lasting_app import LastingApp


def caller_on(server: LastingApp) -> Caller:
    return Caller(server)  # type: ignore[arg-type]


def sites(caller: Caller) -> int:
    return len(caller.get("/entities/site").json["sites"])


def test_what_another_process_wrote_is_taken_in(start_lasting: StartLasting) -> None:
    first = start_lasting()
    caller = caller_on(first)
    second = start_lasting()
    same = caller_on(second)
    refused = caller.onboard()
    assert (refused.status, refused.json["done"]) == (503, "no")
    assert first.worlds.find("acme").world == second.worlds.find("acme").world
    assert (caller.onboard().status, same.onboard().status) == (200, 503)


def test_rows_that_replay_otherwise_lead_to_the_last_base(start_lasting: StartLasting, tmp_path: Path) -> None:
    server = start_lasting()
    caller = caller_on(server)
    caller.onboard()
    server.restart(crashed=False)
    caller.post("/data/readings", {"readings": []})

    def change() -> None:
        with closing(sqlite3.connect(tmp_path / "mock.db")) as database, database:
            falsify(database)

    server.crash_after(change)
    assert sites(caller) == 1
    assert len(server.said) == 1
    assert "answered otherwise" in server.said[0]
    server.restart()
    assert (sites(caller), len(server.said)) == (1, 1)


def falsify(database: Any) -> None:
    """Change the digest of an answer in the last row with entries."""
    world, number, text = database.execute(
        "SELECT world, number, text FROM row WHERE kind = 'entries' ORDER BY number DESC LIMIT 1"
    ).fetchone()
    lines = text.split("\n")
    changed = json.dumps({**json.loads(lines[1]), "digest": "0" * 32})
    database.execute(
        "UPDATE row SET text = ? WHERE world = ? AND number = ?", ("\n".join((lines[0], changed)), world, number)
    )
