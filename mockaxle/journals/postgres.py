"""A journal in a PostgreSQL database, written by any number of servers, each of which holds a shared advisory lock."""

import os
import socket
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from functools import partial
from secrets import token_hex
from typing import Any

import asyncpg

from mockaxle.core.clock import system_clock
from mockaxle.journals.database_session import BlockingSession, Connection, DatabaseSession, said
from mockaxle.journals.database_url import shown
from mockaxle.journals.engine import EngineRefused, StreamSize
from mockaxle.journals.rows import BaseRecord, Batch, JournalRow, RowHead, in_parts, lines_in, state_key
from mockaxle.world.base_form import digests_in

FORMAT = 1
MAX_NAME = 63
TELLING_SECONDS, REFUSED_SECONDS = 1, 5
"""Differences of the machine's clock from the database's that are told, and that are too far ahead to serve."""

COLUMNS = "world, number, id, first_entry, kind, made_with, text"
TABLES = """
CREATE TABLE row (world text, number bigint, id bigint NOT NULL, first_entry bigint NOT NULL, kind text NOT NULL,
    made_with text NOT NULL, text text NOT NULL, PRIMARY KEY (world, number));
CREATE TABLE base (world text, number bigint, made_with text NOT NULL, part integer, text text NOT NULL,
    PRIMARY KEY (world, number, part));
CREATE TABLE state (digest text, part integer, text text NOT NULL, PRIMARY KEY (digest, part));
CREATE TABLE server (key_digest text NOT NULL, format integer NOT NULL);
"""
HEADS_THAT_DIFFER = """
    SELECT head.world FROM unnest($1::text[], $2::bigint[], $3::bigint[]) AS head (world, number, previous)
    LEFT JOIN row AS last ON last.world = head.world AND last.number = head.number - 1
    WHERE last.id IS DISTINCT FROM head.previous"""
HEADS_TAKEN = """
    SELECT head.world FROM unnest($1::text[], $2::bigint[]) AS head (world, number)
    JOIN row ON row.world = head.world AND row.number = head.number"""
NEW_ROWS = f"""
    unnest($4::text[], $5::bigint[], $6::bigint[], $7::bigint[], $8::text[], $9::text[], $10::text[])
    AS new ({COLUMNS})"""
APPEND = f"""
    INSERT INTO row ({COLUMNS}) SELECT new.* FROM {NEW_ROWS} WHERE NOT EXISTS ({HEADS_THAT_DIFFER})"""
APPEND_WITHOUT_FLUSH = f"""
    INSERT INTO row ({COLUMNS})
    SELECT new.* FROM {NEW_ROWS}, (SELECT set_config('synchronous_commit', 'off', true)) AS setting
    WHERE NOT EXISTS ({HEADS_THAT_DIFFER})"""
PUT_BASE = """
    INSERT INTO base (world, number, made_with, part, text) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (world, number, part) DO UPDATE SET made_with = excluded.made_with, text = excluded.text"""
PUT_STATE = "INSERT INTO state (digest, part, text) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING"
PRUNE_ROWS = """
    DELETE FROM row WHERE world = $1 AND number < $2 AND number < (SELECT max(number) FROM row WHERE world = $1)"""
HEADS = """
    SELECT wanted.world, last.number, last.id FROM unnest($1::text[]) AS wanted (world)
    JOIN LATERAL (
        SELECT number, id FROM row WHERE row.world = wanted.world ORDER BY number DESC LIMIT 1
    ) AS last ON true"""
LAST_ROWS = f"SELECT DISTINCT ON (world) {COLUMNS} FROM row ORDER BY world, number DESC"
SINCE_OPENED = f"""
    SELECT {COLUMNS} FROM row WHERE world = $1 AND number >= coalesce(
        (SELECT max(number) FROM row WHERE world = $1 AND kind = 'opened'), 0) ORDER BY number"""
SIZE = """
    SELECT (SELECT count(*) FROM row WHERE world = $1),
        (SELECT coalesce(sum(length(text)), 0) FROM row WHERE world = $1)
        + (SELECT coalesce(sum(length(text)), 0) FROM base WHERE world = $1)
        + (SELECT coalesce(sum(length(text)), 0) FROM state WHERE digest LIKE $1 || ':%')"""
HOLDER = """
    SELECT application_name, pid FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND pg_locks.database =
        (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (classid::bigint << 32 | objid::bigint) = $1"""
LOCK_KEY = "hashtextextended($1, 'row'::regclass::oid::bigint)"
MAKING_LOCK = 0x6D6F636B61786C65
"""The key of the lock under which the tables are made, if several servers start at once."""


class DatabaseOnLoop:
    """Keeps small batches on the loop of a server, which saves them the way to a thread and back."""

    def __init__(self, session: DatabaseSession) -> None:
        self._session = session

    async def append(self, batch: Batch) -> tuple[str, ...]:
        return await self._session.call(lambda connection: _kept(connection, batch))

    async def leave(self) -> None:
        await self._session.break_off()


class Database:
    """A database with one session to write, one to read, and one to ask for last rows and to hold locks.

    Shape: `on_loop` is None if the journal is read only, or held alone, which a single session that writes can do.
    Made by `open_database` and `read_database`. Raises: EngineRefused from each call.
    """

    kind = "postgresql"

    def __init__(
        self,
        place: str,
        *,
        reading: BlockingSession,
        writing: BlockingSession | None = None,
        asking: BlockingSession | None = None,
        on_loop: DatabaseOnLoop | None = None,
    ) -> None:
        self.place = place
        self.on_loop = on_loop
        self._writing = writing
        self._reading = reading
        self._asking = asking or reading

    def append(self, batch: Batch) -> tuple[str, ...]:
        assert self._writing is not None, "the journal was opened to read it only"
        return self._writing.call(lambda connection: _kept(connection, batch))

    def heads(self, worlds: Collection[str]) -> dict[str, RowHead]:
        return {found["world"]: RowHead(found["number"], found["id"]) for found in self._asked(HEADS, list(worlds))}

    def last_row(self, world: str) -> JournalRow | None:
        found = self._asked(f"SELECT {COLUMNS} FROM row WHERE world = $1 ORDER BY number DESC LIMIT 1", world)
        return _row(found[0]) if found else None

    def rows_from(self, world: str, number: int) -> list[JournalRow]:
        query = f"SELECT {COLUMNS} FROM row WHERE world = $1 AND number >= $2 ORDER BY number"
        return [_row(found) for found in self._asked(query, world, number)]

    def last_rows(self) -> Iterator[JournalRow]:
        return iter([_row(found) for found in self._found(LAST_ROWS)])

    def rows(self, world: str) -> list[JournalRow]:
        return [_row(found) for found in self._found(SINCE_OPENED, world)]

    def base_numbers(self, world: str) -> list[int]:
        return [
            found["number"]
            for found in self._found("SELECT number FROM base WHERE world = $1 AND part = 0 ORDER BY number", world)
        ]

    def base_head(self, world: str, number: int) -> str:
        found = self._found("SELECT text FROM base WHERE world = $1 AND number = $2 AND part = 0", world, number)
        return _lines(found, f"base {number} of {world}")[0]

    def base(self, world: str, number: int) -> list[str]:
        found = self._found("SELECT text FROM base WHERE world = $1 AND number = $2 ORDER BY part", world, number)
        return _lines(found, f"base {number} of {world}")

    def state(self, key: str) -> list[str]:
        return _lines(self._found("SELECT text FROM state WHERE digest = $1 ORDER BY part", key), f"state {key}")

    def scenarios(self) -> Iterator[tuple[str, list[str]]]:
        keys = self._found("SELECT digest FROM state WHERE digest LIKE 'scenario:%' AND part = 0")
        return ((found["digest"], self.state(found["digest"])) for found in keys)

    def size(self, world: str) -> StreamSize:
        [(rows, characters)] = self._found(SIZE, world)
        return StreamSize(rows, characters)

    def try_lock(self, name: str) -> bool:
        [(is_taken,)] = self._asked(f"SELECT pg_try_advisory_lock({LOCK_KEY})", name)
        return bool(is_taken)

    def unlock(self, name: str) -> None:
        self._asked(f"SELECT pg_advisory_unlock({LOCK_KEY})", name)

    def remarks(self) -> list[str]:
        """Say what of the database's settings may lose calls that were answered."""
        [found] = self._found(
            "SELECT current_setting('synchronous_commit') AS commit, current_setting('fsync') AS fsync, "
            "current_setting('synchronous_standby_names') AS standbys, clock_timestamp() AS now"
        )
        said = []
        if "off" in (found["commit"], found["fsync"]):
            name = "synchronous_commit" if found["commit"] == "off" else "fsync"
            said.append(f"The database has {name} = off: the last answered calls may be lost at its crash")
        if not found["standbys"]:
            said.append("The database has no synchronous standby: a failover may lose the last answered calls")
        if abs(seconds := _seconds_ahead_of(found["now"])) > TELLING_SECONDS:
            said.append(f"The clock of this machine is {seconds:+.1f} s off the database's")
        return said

    def connect(self) -> None:
        """Raises: EngineRefused."""
        for session in (self._writing, self._asking, self._reading):
            if session is not None:
                session.call(lambda connection: connection.fetchval("SELECT 1"))

    def close(self) -> None:
        for session in {self._reading, self._asking, self._writing} - {None}:
            assert session is not None
            session.close()

    def _asked(self, query: str, *values: Any) -> list[asyncpg.Record]:
        return self._asking.call(lambda connection: connection.fetch(query, *values), again=True)

    def _found(self, query: str, *values: Any) -> list[asyncpg.Record]:
        return self._reading.call(lambda connection: connection.fetch(query, *values), again=True)


def open_database(url: str, *, key_digest: str, timeout: float, shared: bool = False) -> Database:
    """Open a journal, made if there is none, and hold it: with other servers, or against them.

    Raises: EngineRefused.
    """
    name = f"mockaxle {token_hex(3)}, process {os.getpid()} on {socket.gethostname()}"[:MAX_NAME]

    async def prepare(connection: Connection) -> None:
        await _make_tables(connection, key_digest)
        await _check_server(connection, key_digest)
        await _check_clock(connection)
        await _hold(connection, name, shared=shared)

    make = partial(DatabaseSession, url, name=name, timeout=timeout)
    writing, asking, reading = (BlockingSession(make(prepare=one)) for one in (prepare, _check_format, _check_format))
    on_loop = DatabaseOnLoop(make(prepare=prepare)) if shared else None
    return _opened(Database(shown(url), reading=reading, writing=writing, asking=asking, on_loop=on_loop))


def read_database(url: str, *, timeout: float) -> Database:
    """Open a journal to read it as it is at this moment, also while a server writes it. Raises: EngineRefused."""

    async def prepare(connection: Connection) -> None:
        await _check_format(connection)
        await connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    reading = BlockingSession(DatabaseSession(url, name="mockaxle journal", timeout=timeout, prepare=prepare))
    return _opened(Database(shown(url), reading=reading))


def key_digest_in(url: str, *, timeout: float) -> str:
    """Return the digest of the key with which a journal was made. Raises: EngineRefused."""
    session = BlockingSession(DatabaseSession(url, name="mockaxle journal", timeout=timeout, prepare=_check_format))
    try:
        found: str = session.call(lambda connection: connection.fetchval("SELECT key_digest FROM server"))
        return found
    finally:
        session.close()


def _opened(database: Database) -> Database:
    """Connect, so that what is wrong is told at once. Raises: EngineRefused."""
    try:
        database.connect()
    except EngineRefused:
        database.close()
        raise
    return database


async def _make_tables(connection: Connection, key_digest: str) -> None:
    """Make the tables of an empty database. Raises: EngineRefused."""
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", MAKING_LOCK)
        if await connection.fetchval("SELECT to_regclass('server') IS NULL"):
            try:
                await connection.execute(TABLES)
            except asyncpg.PostgresError as error:
                raise EngineRefused(f"the tables of the journal cannot be made: {said(error)}") from error
            await connection.execute("INSERT INTO server (key_digest, format) VALUES ($1, $2)", key_digest, FORMAT)


async def _check_server(connection: Connection, key_digest: str) -> None:
    """Raises: EngineRefused."""
    await _check_format(connection)
    if await connection.fetchval("SELECT key_digest FROM server") != key_digest:
        raise EngineRefused(
            "the journal in the database was made with another key, so tokens and passwords in it would not be valid; "
            "use that key, or another database"
        )


async def _check_clock(connection: Connection) -> None:
    """Raises: EngineRefused if this machine is far ahead: the worlds' instants would follow it, and never go back."""
    ahead = _seconds_ahead_of(await connection.fetchval("SELECT clock_timestamp()"))
    if ahead > REFUSED_SECONDS:
        raise EngineRefused(f"the clock of this machine is {ahead:.0f} s ahead of the database's; set it first")


def _seconds_ahead_of(instant: datetime) -> float:
    return (system_clock() - instant).total_seconds()


async def _check_format(connection: Connection) -> None:
    """Raises: EngineRefused."""
    try:
        format = await connection.fetchval("SELECT format FROM server")
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError):
        raise EngineRefused("the database has no journal of mockaxle") from None
    if format != FORMAT:
        raise EngineRefused(f"the database has a journal of format {format}; this version reads {FORMAT}")


async def _hold(connection: Connection, name: str, *, shared: bool) -> None:
    """Take the lock of the journal, also from an own session that broke. Raises: EngineRefused."""
    key = await connection.fetchval("SELECT 'row'::regclass::oid::bigint")
    take = f"SELECT pg_try_advisory_lock{'_shared' if shared else ''}($1)"
    if await connection.fetchval(take, key):
        return
    holder = await connection.fetchrow(HOLDER, key)
    if holder is not None and holder["application_name"] == name:
        await connection.execute("SELECT pg_terminate_backend($1, 1000)", holder["pid"])
        if await connection.fetchval(take, key):
            return
    told = holder["application_name"] if holder is not None else "another server"
    raise EngineRefused(f"the journal is in use by {told}")


async def _kept(connection: Connection, batch: Batch) -> tuple[str, ...]:
    """Keep a batch; return the streams whose last row is another one than expected, for which nothing is kept."""
    rows = sorted(batch.rows, key=lambda row: (row.world, row.number))
    heads = {row.world: row for row in reversed(rows)}
    return () if await _appended(connection, batch, rows, heads=heads) else await _lost(connection, heads)


async def _appended(
    connection: Connection, batch: Batch, rows: list[JournalRow], *, heads: dict[str, JournalRow]
) -> bool:
    """Keep a batch, in one statement if it has rows only; return whether its streams had the expected rows."""
    try:
        if not (batch.bases or batch.states or batch.pruned):
            append = APPEND if batch.durable else APPEND_WITHOUT_FLUSH
            return await _rows_appended(connection, rows, heads, append=append)
        async with connection.transaction():
            return await _rows_appended(connection, rows, heads) and await _others_kept(connection, batch)
    except asyncpg.UniqueViolationError:
        return False


async def _rows_appended(
    connection: Connection, rows: list[JournalRow], heads: dict[str, JournalRow], *, append: str = APPEND
) -> bool:
    if not rows:
        return True
    columns = [[getattr(row, name) for row in rows] for name in COLUMNS.split(", ")]
    status = await connection.execute(append, *_expected(heads), *columns)
    return int(status.rpartition(" ")[2]) == len(rows)


async def _others_kept(connection: Connection, batch: Batch) -> bool:
    for base in batch.bases:
        await connection.executemany(PUT_BASE, _base_values(base))
    for key, lines in batch.states:
        await connection.executemany(PUT_STATE, [(key, part, text) for part, text in enumerate(in_parts(lines))])
    for world, number in batch.pruned:
        await _prune(connection, world, number)
    return True


def _expected(heads: dict[str, JournalRow]) -> tuple[list[str], list[int], list[int | None]]:
    """Return the streams, the numbers of their next rows, and the ids of the rows before these."""
    rows = heads.values()
    return list(heads), [row.number for row in rows], [row.previous_id for row in rows]


async def _lost(connection: Connection, heads: dict[str, JournalRow]) -> tuple[str, ...]:
    """Return the streams whose last row is another one than expected; all if that has changed meanwhile."""
    worlds, numbers, previous = _expected(heads)
    differ = await connection.fetch(HEADS_THAT_DIFFER, worlds, numbers, previous)
    taken = await connection.fetch(HEADS_TAKEN, worlds, numbers)
    return tuple({found["world"] for found in (*differ, *taken)}) or tuple(heads)


def _base_values(base: BaseRecord) -> list[tuple[Any, ...]]:
    parts = enumerate(in_parts(base.lines))
    return [(base.world, base.number, base.made_with, part, text) for part, text in parts]


async def _prune(connection: Connection, world: str, number: int) -> None:
    """Delete the rows before a base, older bases, and the states of no other base of the world."""
    await connection.execute(PRUNE_ROWS, world, number)
    await connection.execute("DELETE FROM base WHERE world = $1 AND number < $2", world, number)
    kept = set[str]()
    found = await connection.fetch("SELECT number, text FROM base WHERE world = $1 ORDER BY number, part", world)
    for one in {record["number"] for record in found}:
        lines = lines_in(record["text"] for record in found if record["number"] == one)
        kept |= {state_key(world, digest) for digest in digests_in(lines[1:])}
    await connection.execute(
        "DELETE FROM state WHERE digest LIKE $1 || ':%' AND NOT digest = ANY($2::text[])", world, list(kept)
    )


def _lines(found: Iterable[asyncpg.Record], what: str) -> list[str]:
    """Raises: KeyError."""
    lines = lines_in(record["text"] for record in found)
    if lines == [""]:
        raise KeyError(what)
    return lines


def _row(found: asyncpg.Record) -> JournalRow:
    world, number, id, first_entry, kind, made_with, text = found
    return JournalRow(world, number, id, None, first_entry, kind, made_with, text)
