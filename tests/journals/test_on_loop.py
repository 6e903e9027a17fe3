"""What is little goes to a database from the server's loop, without a thread."""

from asyncio import get_running_loop
from threading import Event
from typing import Any

import pytest

from mockaxle.journals.engine import EngineOnLoop
from mockaxle.journals.rows import Batch
from mockaxle.serving.credentials import address_of
from tests.journals.conftest import StartLasting
from tests.journals.test_trouble import caller_on, sites

pytestmark = pytest.mark.parametrize("start_lasting", ["database"], indirect=True)


class Watched:
    """An engine that tells which rows a thread kept, and which the loop. With `hides_end`, these never end."""

    def __init__(self, engine: Any) -> None:
        self._engine, self.hides_end = engine, False
        self.on_loop = WatchedOnLoop(self, engine.on_loop)
        self.by_thread, self.without = list[str](), list[str]()
        self.has_hidden = Event()

    def append(self, batch: Batch) -> tuple[str, ...]:
        self.by_thread += [row.kind for row in batch.rows]
        return self._engine.append(batch)  # type: ignore[no-any-return]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


class WatchedOnLoop:
    def __init__(self, watched: Watched, on_loop: EngineOnLoop) -> None:
        self._watched, self._on_loop = watched, on_loop

    async def append(self, batch: Batch) -> tuple[str, ...]:
        self._watched.without += [row.kind for row in batch.rows]
        lost = await self._on_loop.append(batch)
        if self._watched.hides_end:
            self._watched.has_hidden.set()
            await get_running_loop().create_future()
        return lost

    async def leave(self) -> None:
        await self._on_loop.leave()


def test_calls_are_kept_on_the_loop_and_what_may_be_large_by_a_thread(start_lasting: StartLasting) -> None:
    server = start_lasting(wrap=Watched)
    caller = caller_on(server)
    server.keep_reads()
    server.engine.by_thread.clear()
    assert caller.onboard().status == 200
    assert (server.engine.without[-1], server.engine.by_thread) == ("entries", [])
    body = {"mpan": "1" * 13, "street_address": "1 Row", "postcode": "M1", "unknown": "x" * 200_000}
    caller.post("/entities/site", body)
    server.keep_reads()
    assert server.engine.by_thread == ["entries"]


def test_rows_that_were_kept_as_the_loop_ended_are_kept_once(start_lasting: StartLasting) -> None:
    server = start_lasting(wrap=Watched)
    caller = caller_on(server)
    caller.onboard()
    server.keep_reads()
    server.engine.hides_end = True
    caller.get("/entities/site")
    assert server.engine.has_hidden.wait(20)
    server.end_while(lambda: None)
    assert server.engine.base_numbers(address_of("acme")), "its stream went on"
    assert (len(server.worlds.find("acme").log), sites(caller)) == (3, 1)
