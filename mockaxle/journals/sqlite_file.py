"""A journal in one SQLite file, written by one process or by several on one machine."""

import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import Any, Literal

from mockaxle.journals.byte_locks import ByteLocks
from mockaxle.journals.engine import EngineRefused, StreamSize
from mockaxle.journals.rows import Batch, JournalRow, RowHead, in_parts, lines_in, state_key
from mockaxle.world.base_form import digests_in

BUSY_SECONDS = 2
FORMAT = 1
APPLICATION_ID = 0x6D6F636B
Sync = Literal["always", "normal"]
SYNCHRONOUS = {"always": "FULL", "normal": "NORMAL"}
COLUMNS = "world, number, id, first_entry, kind, made_with, text"
TABLES = (
    "CREATE TABLE row (world TEXT, number INTEGER, id INTEGER NOT NULL, first_entry INTEGER NOT NULL, "
    "kind TEXT NOT NULL, made_with TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (world, number))",
    "CREATE TABLE base (world TEXT, number INTEGER, made_with TEXT NOT NULL, part INTEGER, text TEXT NOT NULL, "
    "PRIMARY KEY (world, number, part))",
    "CREATE TABLE state (digest TEXT, part INTEGER, text TEXT NOT NULL, PRIMARY KEY (digest, part))",
    "CREATE TABLE server (key_digest TEXT NOT NULL, format INTEGER NOT NULL)",
)
APPEND = (
    f"INSERT INTO row ({COLUMNS}) SELECT ?, ?, ?, ?, ?, ?, ? "
    "WHERE (SELECT id FROM row WHERE world = ? AND number = ?) IS ?"
)
PRUNE_ROWS = "DELETE FROM row WHERE world = ? AND number < ? AND number < (SELECT max(number) FROM row WHERE world = ?)"
LAST_ROWS = (
    f"SELECT {COLUMNS} FROM row JOIN (SELECT world AS one, max(number) AS last FROM row GROUP BY world) "
    "ON world = one AND number = last ORDER BY world"
)
SINCE_OPENED = (
    f"SELECT {COLUMNS} FROM row WHERE world = :world AND number >= "
    "coalesce((SELECT max(number) FROM row WHERE world = :world AND kind = 'opened'), 0) ORDER BY number"
)


WRITING = "writing"
"""The lock of the process that writes; no address of a world is like it."""


class OtherRowKept(Exception):
    """Streams whose last row is another one than their writer knows."""

    def __init__(self, world: str) -> None:
        super().__init__(world)
        self.world = world


class SqliteFile:
    """A file with one connection to write and one to read, each used by one thread at a time.

    Made by `open_file`. Processes that share it take turns to write: SQLite itself would only look again now and then
    whether another one has ended. Raises: EngineRefused from each call.
    """

    kind = "file"
    on_loop = None

    def __init__(
        self,
        place: Path,
        writing: sqlite3.Connection,
        reading: sqlite3.Connection,
        *,
        sync: Sync = "always",
        shared: bool = False,
    ) -> None:
        self.place = str(place)
        self._writing = writing
        self._reading = reading
        self._turn = Lock()
        self._sync = self._last_sync = SYNCHRONOUS[sync]
        self._locks = ByteLocks(place)
        self._shared = shared

    def append(self, batch: Batch) -> tuple[str, ...]:
        try:
            with _refusing(), self._writing_turn(durable=batch.durable), _transaction(self._writing) as write:
                for row in batch.rows:
                    _append(write, row)
                for world, number, made_with, lines in batch.bases:
                    parts = enumerate(in_parts(lines))
                    values = [(world, number, made_with, part, text) for part, text in parts]
                    write.executemany("INSERT OR REPLACE INTO base VALUES (?, ?, ?, ?, ?)", values)
                for key, state in batch.states:
                    texts = [(key, part, text) for part, text in enumerate(in_parts(state))]
                    write.executemany("INSERT OR IGNORE INTO state VALUES (?, ?, ?)", texts)
                for world, number in batch.pruned:
                    _prune(write, world, number)
        except OtherRowKept as conflict:
            return (conflict.world,)
        return ()

    @contextmanager
    def _writing_turn(self, *, durable: bool) -> Iterator[None]:
        """Write in a block. Its transaction is flushed to the disk, or that is left to the next one."""
        sync = self._sync if durable else SYNCHRONOUS["normal"]
        if sync != self._last_sync:
            self._writing.execute(f"PRAGMA synchronous = {sync}")
            self._last_sync = sync
        with self._locks.held(WRITING) if self._shared else nullcontext():
            yield

    def heads(self, worlds: Collection[str]) -> dict[str, RowHead]:
        query = "SELECT number, id FROM row WHERE world = ? ORDER BY number DESC LIMIT 1"
        found = ((world, self._found(query, (world,))) for world in worlds)
        return {world: RowHead(*heads[0]) for world, heads in found if heads}

    def last_row(self, world: str) -> JournalRow | None:
        found = self._found(f"SELECT {COLUMNS} FROM row WHERE world = ? ORDER BY number DESC LIMIT 1", (world,))
        return _row(*found[0]) if found else None

    def rows_from(self, world: str, number: int) -> list[JournalRow]:
        query = f"SELECT {COLUMNS} FROM row WHERE world = ? AND number >= ? ORDER BY number"
        return [_row(*found) for found in self._found(query, (world, number))]

    def last_rows(self) -> Iterator[JournalRow]:
        return iter([_row(*found) for found in self._found(LAST_ROWS)])

    def rows(self, world: str) -> list[JournalRow]:
        return [_row(*found) for found in self._found(SINCE_OPENED, {"world": world})]

    def base_numbers(self, world: str) -> list[int]:
        found = self._found("SELECT number FROM base WHERE world = ? AND part = 0 ORDER BY number", (world,))
        return [number for (number,) in found]

    def base_head(self, world: str, number: int) -> str:
        found = self._found("SELECT text FROM base WHERE world = ? AND number = ? AND part = 0", (world, number))
        return _lines(found, f"base {number} of {world}")[0]

    def base(self, world: str, number: int) -> list[str]:
        found = self._found("SELECT text FROM base WHERE world = ? AND number = ? ORDER BY part", (world, number))
        return _lines(found, f"base {number} of {world}")

    def state(self, key: str) -> list[str]:
        return _lines(self._found("SELECT text FROM state WHERE digest = ? ORDER BY part", (key,)), f"state {key}")

    def scenarios(self) -> Iterator[tuple[str, list[str]]]:
        keys = self._found("SELECT digest FROM state WHERE digest BETWEEN 'scenario:' AND 'scenario;' AND part = 0")
        return ((key, self.state(key)) for (key,) in keys)

    def size(self, world: str) -> StreamSize:
        rows, text = self._found("SELECT count(*), coalesce(sum(length(text)), 0) FROM row WHERE world = ?", (world,))[
            0
        ]
        of_bases = self._found("SELECT coalesce(sum(length(text)), 0) FROM base WHERE world = ?", (world,))[0][0]
        states = "SELECT coalesce(sum(length(text)), 0) FROM state WHERE digest BETWEEN ? AND ?"
        return StreamSize(rows, text + of_bases + self._found(states, (f"{world}:", f"{world};"))[0][0])

    def remarks(self) -> list[str]:
        return []

    def try_lock(self, name: str) -> bool:
        with _refusing():
            return self._locks.take(name)

    def unlock(self, name: str) -> None:
        with _refusing():
            self._locks.leave(name)

    def close(self) -> None:
        self._locks.close()
        self._reading.close()
        self._writing.close()

    def _found(self, query: str, values: Any = ()) -> list[Any]:
        with self._turn, _refusing():
            return self._reading.execute(query, values).fetchall()


def open_file(path: Path, *, key_digest: str, sync: Sync = "always", shared: bool = False) -> SqliteFile:
    """Open a journal, made with mode 0600 if there is none. Raises: EngineRefused."""
    with _refusing(path):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        writing = _connected(f"{path.absolute().as_uri()}?mode=rw")
        with ExitStack() as stack:
            stack.enter_context(closing(writing))
            writing.execute("PRAGMA journal_mode = WAL")
            writing.execute(f"PRAGMA synchronous = {SYNCHRONOUS[sync]}")
            with _transaction(writing) as write:
                _check_server(write, key_digest, path=path)
            stack.pop_all()
        return SqliteFile(path, writing, _connected(f"{path.absolute().as_uri()}?mode=ro"), sync=sync, shared=shared)


def read_file(path: Path) -> SqliteFile:
    """Open a journal to read it only, also while a server writes it. Raises: EngineRefused."""
    with _refusing(path):
        if not path.is_file():
            raise EngineRefused(f"there is no file {path}")
        reading = _connected(f"{path.absolute().as_uri()}?mode=ro")
        _check_format(reading, path)
        snapshot = _connected(f"{path.absolute().as_uri()}?mode=ro")
        snapshot.execute("BEGIN")  # all reads see the file as the first one does
        return SqliteFile(path, reading, snapshot)


def key_digest_of(path: Path) -> str:
    """Return the digest of the key with which a journal was made. Raises: EngineRefused."""
    if not path.is_file():
        raise EngineRefused(f"there is no file {path}")
    with _refusing(path), closing(_connected(f"{path.absolute().as_uri()}?mode=ro")) as reading:
        _check_format(reading, path)
        found: str = reading.execute("SELECT key_digest FROM server").fetchone()[0]
        return found


def _connected(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS)
    connection.execute("PRAGMA wal_autocheckpoint = 4000")
    return connection


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


@contextmanager
def _refusing(path: Path | None = None) -> Iterator[None]:
    """Raises: EngineRefused for what the system or SQLite refuses."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        place = f"{path}: " if path else ""
        raise EngineRefused(f"{place}{_said(error)}") from error


def _said(error: Exception) -> str:
    name = getattr(error, "sqlite_errorname", "")
    if name == "SQLITE_FULL" or getattr(error, "errno", None) == 28:
        return "the disk is full"
    if name.startswith("SQLITE_READONLY"):
        return "the file is read-only"
    if name == "SQLITE_NOTADB":
        return "it is not a journal of mockaxle"
    return getattr(error, "strerror", None) or str(error)


def _check_server(write: sqlite3.Connection, key_digest: str, *, path: Path) -> None:
    """Make the tables of an empty file, or check that a file is a journal of this key. Raises: EngineRefused."""
    if not write.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        write.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        for table in TABLES:
            write.execute(table)
        write.execute("INSERT INTO server VALUES (?, ?)", (key_digest, FORMAT))
        return
    _check_format(write, path)
    if write.execute("SELECT key_digest FROM server").fetchone()[0] != key_digest:
        raise EngineRefused(
            f"{path} was made with another key, so tokens and passwords in it would not be valid; use that key, or "
            "begin a new journal"
        )


def _check_format(connection: sqlite3.Connection, path: Path) -> None:
    """Raises: EngineRefused."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise EngineRefused(f"{path} is not a journal of mockaxle")
    format = connection.execute("SELECT format FROM server").fetchone()[0]
    if format != FORMAT:
        raise EngineRefused(f"{path} is a journal of format {format}; this version reads {FORMAT}")


def _append(write: sqlite3.Connection, row: JournalRow) -> None:
    """Raises: OtherRowKept."""
    world, number, id, previous_id, first_entry, kind, made_with, text = row
    values = (world, number, id, first_entry, kind, made_with, text, world, number - 1, previous_id)
    try:
        is_kept = write.execute(APPEND, values).rowcount == 1
    except sqlite3.IntegrityError:
        is_kept = False
    if not is_kept:
        raise OtherRowKept(world)


def _prune(write: sqlite3.Connection, world: str, number: int) -> None:
    """Delete the rows before a base, older bases, and the states of no other base of the world."""
    write.execute(PRUNE_ROWS, (world, number, world))
    write.execute("DELETE FROM base WHERE world = ? AND number < ?", (world, number))
    kept = {state_key(world, digest) for lines in _bases(write, world) for digest in digests_in(lines[1:])}
    every = write.execute("SELECT DISTINCT digest FROM state WHERE digest BETWEEN ? AND ?", (f"{world}:", f"{world};"))
    gone = [(key,) for (key,) in every.fetchall() if key not in kept]
    write.executemany("DELETE FROM state WHERE digest = ?", gone)


def _bases(read: sqlite3.Connection, world: str) -> Iterator[list[str]]:
    found = read.execute("SELECT number, text FROM base WHERE world = ? ORDER BY number, part", (world,)).fetchall()
    for number in sorted({number for number, _ in found}):
        yield lines_in(text for one, text in found if one == number)


def _lines(found: Iterable[tuple[str]], what: str) -> list[str]:
    """Raises: KeyError."""
    lines = lines_in(part for (part,) in found)
    if lines == [""]:
        raise KeyError(what)
    return lines


def _row(world: str, number: int, id: int, first_entry: int, kind: Any, made_with: str, text: str) -> JournalRow:
    return JournalRow(world, number, id, None, first_entry, kind, made_with, text)
