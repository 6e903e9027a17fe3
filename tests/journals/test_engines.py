"""What each engine promises about rows, and what would be lost if it promised less."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from mockaxle.journals import postgres as database
from mockaxle.journals import sqlite_file as file
from mockaxle.journals.engine import Engine, EngineRefused
from mockaxle.journals.rows import Batch, JournalRow, new_id
from tests.journals.postgres_server import PostgresServer, schema_of

WORLD = "w"
FORGET = "DELETE FROM row WHERE number = 2"
Forget = Callable[[], object]


@pytest.fixture(params=["file", "database"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Engine, Forget]]:
    """An engine, and how it forgets the last row that it took, as after a crash before a flush."""
    if request.param == "file":
        one: Engine = file.open_file(tmp_path / "mock.db", key_digest="a test's")
        forget: Forget = partial(forget_in_file, tmp_path / "mock.db")
    else:
        postgres: PostgresServer = request.getfixturevalue("postgres")
        url = postgres.url()
        one = database.open_database(url, key_digest="a test's", timeout=20)
        forget = partial(postgres.query, FORGET, schema=schema_of(url))
    yield one, forget
    one.close()


def forget_in_file(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        other.execute(FORGET)


def row(number: int, after: JournalRow | None) -> JournalRow:
    return JournalRow(WORLD, number, new_id(), None if after is None else after.id, 1, "entries", "a test", "{}")


def is_taken(engine: Engine, one: JournalRow) -> bool:
    return engine.append(Batch((one,))) == ()


def goes_on_from_a_lost_row(engine: Engine, forget: Forget) -> bool:
    """Tell whether a server may go on from a row that was taken in, was lost with the engine, and had a successor."""
    first = row(1, None)
    unflushed = row(2, first)
    assert is_taken(engine, first)
    assert is_taken(engine, unflushed)
    forget()
    assert is_taken(engine, row(2, first)), "what another server did, and told its client"
    return is_taken(engine, row(3, unflushed))


def test_a_row_is_taken_only_after_the_row_on_which_it_was_computed(engine: tuple[Engine, Forget]) -> None:
    assert not goes_on_from_a_lost_row(*engine)


def test_by_the_number_alone_an_answered_call_would_be_lost(
    engine: tuple[Engine, Forget], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file, "APPEND", file.APPEND.replace(" IS ?", " IS ? OR true"))
    by_number = database.APPEND.replace("IS DISTINCT FROM head.previous", "IS NULL AND false")
    monkeypatch.setattr(database, "APPEND", by_number)
    assert goes_on_from_a_lost_row(*engine)


def test_of_two_rows_with_one_number_one_is_taken(engine: tuple[Engine, Forget]) -> None:
    first = row(1, None)
    assert is_taken(engine[0], first)
    assert not is_taken(engine[0], row(1, None))
    assert [is_taken(engine[0], row(2, first)) for _ in range(2)] == [True, False]


HOLDS = """
import sys
from pathlib import Path
from mockaxle.journals.byte_locks import ByteLocks
print(ByteLocks(Path(sys.argv[1])).take("writing"), flush=True)
sys.stdin.read()
"""


def test_a_process_that_writes_for_ever_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mockaxle.journals.byte_locks.PATIENCE_SECONDS", 0.01)
    place = tmp_path / "mock.db"
    line = (sys.executable, "-c", HOLDS, str(place))
    with (
        closing(file.open_file(place, key_digest="a test's", shared=True)) as engine,
        subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder,
    ):
        assert holder.stdout
        assert holder.stdout.readline() == "True\n"
        with pytest.raises(EngineRefused, match="another process has been writing"):
            engine.append(Batch((row(1, None),)))
        holder.communicate("")
        assert is_taken(engine, row(1, None))
