"""While large worlds are read from the journal, the log-ins and calls of others are answered."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Semaphore
from typing import Any

from mockaxle.journals.engine import Engine
from tests.calling import Caller
from tests.journals.conftest import StartLasting

READERS = 2


class SlowReads:
    """The rows of all worlds are read slowly."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.reading, self.go_on = Semaphore(0), Event()

    def rows(self, world: str) -> Any:
        self.reading.release()
        assert self.go_on.wait(50)
        return self._engine.rows(world)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


def test_the_reading_of_worlds_holds_up_no_check(start_lasting: StartLasting) -> None:
    opening: Any = start_lasting(is_shared=True)
    tokens = [Caller(opening, f"large-{n}").token for n in range(READERS)]
    server: Any = start_lasting(is_shared=True, wrap=SlowReads)
    callers = [Caller(server, log_in=False) for _ in tokens]
    with ThreadPoolExecutor(READERS) as threads:
        try:
            for caller, token in zip(callers, tokens, strict=True):
                caller.token = token
            reading = [threads.submit(caller.get, "/entities/site") for caller in callers]
            for _ in reading:
                assert server.engine.reading.acquire(timeout=20)
            assert Caller(server, "mine").token
        finally:
            server.engine.go_on.set()
        assert [one.result().status for one in reading] == [200] * READERS
