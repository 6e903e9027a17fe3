"""A connection to PostgreSQL that is made anew after it broke. It has a loop of its own, so that its calls block."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from threading import Lock
from typing import Any, TypeAlias, TypeVar

import asyncpg

from mockaxle.journals.engine import EngineLost, EngineRefused

T = TypeVar("T")
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Work = Callable[[Connection], Coroutine[Any, Any, T]]
BROKEN = (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError, TimeoutError, EOFError)
"""What the library raises of itself. Its InternalClientError is no relative of its other errors."""

UNKNOWN_OUTCOMES = ("08", "40003", "57P01", "57P02", "57P03")
"""Beginnings of SQLSTATE codes after which it is not known whether a statement was done."""

KEEPALIVES = {"tcp_keepalives_idle": "5", "tcp_keepalives_interval": "2", "tcp_keepalives_count": "3"}
"""The server ends the session of a client that has gone, and its locks, after about 11 s."""


BY_KEY = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off", "jit": "off"}
"""Rows are found by their primary keys, whatever the tables' statistics say. A statement that is planned while the
tables are empty would read them whole, also when they have grown, until PostgreSQL next analyses them.
"""


TURNS_TO_NOTICE = 4
"""Turns of the loop, which runs during calls only, until it has noticed that a connection has ended between two."""


class DatabaseSession:
    """Shape: `prepare` is called with each new connection. Used by one thread at a time. Units: timeout in seconds."""

    def __init__(self, url: str, *, name: str, timeout: float, prepare: Work[None]) -> None:
        self._loop = _new_loop()
        self._connect = partial(
            asyncpg.connect, url, timeout=timeout, server_settings={"application_name": name, **KEEPALIVES, **BY_KEY}
        )
        self._prepare = prepare
        self._timeout = timeout
        self._turn = Lock()
        self._connection: Connection | None = None

    def call(self, work: Work[T], *, again: bool = False) -> T:
        """Do a work, which may last as long as the timeout; `again` repeats it once on a new connection.

        Raises: EngineRefused if nothing of it was done, EngineLost if that is not known.
        """
        with self._turn:
            had_one = self._connection is not None
            try:
                return self._loop.run_until_complete(self._done(work))
            except EngineLost:
                if not (again and had_one):
                    raise
                return self._loop.run_until_complete(self._done(work))

    async def _done(self, work: Work[T]) -> T:
        connection = await self._connected()
        try:
            return await self._in_time(connection, work(connection))
        except asyncpg.PostgresError as error:
            if connection.is_closed() or (error.sqlstate or "").startswith(UNKNOWN_OUTCOMES):
                self._drop()
                raise EngineLost(f"the connection to the database was lost: {error}") from error
            raise EngineRefused(said(error)) from error
        except BROKEN as error:
            self._drop()
            raise EngineLost(f"the connection to the database was lost: {_named(error)}") from error

    async def _in_time(self, connection: Connection, work: Coroutine[Any, Any, T]) -> T:
        """Wait for a work; after the timeout, break its connection. Raises: TimeoutError."""
        task = self._loop.create_task(work)
        done, _ = await asyncio.wait((task,), timeout=self._timeout)
        if not done:
            connection.terminate()
            task.cancel()
            task.add_done_callback(_retrieved)
            await asyncio.wait((task,), timeout=1)  # the library may wait for ever
            raise TimeoutError(f"it did not answer within {self._timeout:g} s")
        return task.result()

    async def _connected(self) -> Connection:
        """Return the connection, made if there is none or it has ended. Raises: EngineRefused."""
        for _ in range(TURNS_TO_NOTICE if self._connection is not None else 0):
            await asyncio.sleep(0)
        if self._connection is not None and self._connection.is_closed():
            self._connection = None
        if self._connection is None:
            try:
                connection = await self._connect()
            except (asyncpg.PostgresError, ValueError, *BROKEN) as error:
                raise EngineRefused(f"the database cannot be reached: {_named(error)}") from error
            try:
                await self._in_time(connection, self._prepare(connection))
            except (asyncpg.PostgresError, *BROKEN) as error:
                connection.terminate()
                raise EngineRefused(said(error)) from error
            except EngineRefused:
                connection.terminate()
                raise
            self._connection = connection
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    def close(self) -> None:
        with self._turn:
            self._loop.run_until_complete(self._closed())
            self._loop.close()

    async def _closed(self) -> None:
        if self._connection is not None and not self._connection.is_closed():
            with suppress(asyncpg.PostgresError, *BROKEN):
                await self._connection.close(timeout=1)
        self._connection = None
        await asyncio.sleep(0)  # the sockets of broken connections are closed in the loop's next turn


def _new_loop() -> asyncio.AbstractEventLoop:
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    import uvloop

    return uvloop.new_event_loop()


def _retrieved(task: "asyncio.Task[Any]") -> None:
    """Retrieve an error of which nobody wants to know, since asyncio would report it as lost."""
    if not task.cancelled():
        task.exception()


def said(error: BaseException) -> str:
    """Say in a few words what the database refused."""
    state = getattr(error, "sqlstate", None)
    if state == "53100":
        return "the database's disk is full"
    if state == "53200":
        return "the database's memory is full"
    if state == "25006":
        return "the database is read-only"
    return _named(error)


def _named(error: BaseException) -> str:
    return f"{error}" or type(error).__name__
