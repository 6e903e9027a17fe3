"""A connection to PostgreSQL that is made anew after it broke: on a running loop, or with calls that block."""

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
"""Turns of a loop that runs during calls only, until it has noticed that a connection has ended between two."""

TURNS_TO_END = 4
"""Turns of a loop until those that wait for a broken connection know it, and its socket is closed."""


class DatabaseSession:
    """Shape: `prepare` is called with each new connection. Used on one loop, by one call at a time.

    Units: timeout in seconds.
    """

    def __init__(self, url: str, *, name: str, timeout: float, prepare: Work[None]) -> None:
        self._connect = partial(
            asyncpg.connect, url, timeout=timeout, server_settings={"application_name": name, **KEEPALIVES, **BY_KEY}
        )
        self._prepare = prepare
        self._timeout = timeout
        self._connection: Connection | None = None

    @property
    def has_connection(self) -> bool:
        return self._connection is not None

    async def call(self, work: Work[T]) -> T:
        """Do a work, which may last as long as the timeout.

        Raises: EngineRefused if nothing of it was done, EngineLost if that is not known.
        """
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
        task = asyncio.ensure_future(work)
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
        if self._connection is not None and not self._connection.is_closed():
            return self._connection
        self._connection = None
        try:
            connection = await self._connect()
        except (asyncpg.PostgresError, ValueError, *BROKEN) as error:
            raise EngineRefused(f"the database cannot be reached: {_named(error)}") from error
        try:
            await self._in_time(connection, self._prepare(connection))
            self._connection = connection
        except (asyncpg.PostgresError, *BROKEN) as error:
            raise EngineRefused(said(error)) from error
        finally:
            if self._connection is not connection:
                connection.terminate()
        return connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def close(self) -> None:
        if self._connection is not None and not self._connection.is_closed():
            with suppress(asyncpg.PostgresError, *BROKEN):
                await self._connection.close(timeout=1)
        self._connection = None
        await _turns(TURNS_TO_END)

    async def break_off(self) -> None:
        """End the connection at once, also for a call that waits for it: it raises EngineLost."""
        self._drop()
        await _turns(TURNS_TO_END)


class BlockingSession:
    """A session with a loop of its own, whose calls block. Used by one thread at a time."""

    def __init__(self, session: DatabaseSession) -> None:
        self._loop = _new_loop()
        self._session = session
        self._turn = Lock()

    def call(self, work: Work[T], *, again: bool = False) -> T:
        """As the session's call; `again` repeats a work once if its connection turns out to be broken.

        Raises: EngineRefused, EngineLost.
        """
        with self._turn:
            had_one = self._session.has_connection
            try:
                return self._loop.run_until_complete(self._called(work))
            except EngineLost:
                if not (again and had_one):
                    raise
                return self._loop.run_until_complete(self._session.call(work))

    async def _called(self, work: Work[T]) -> T:
        await _turns(TURNS_TO_NOTICE if self._session.has_connection else 0)
        return await self._session.call(work)

    def close(self) -> None:
        with self._turn:
            self._loop.run_until_complete(self._session.close())
            self._loop.close()


async def _turns(number: int) -> None:
    """Let the loop go on with what else is ready."""
    for _ in range(number):
        await asyncio.sleep(0)


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
