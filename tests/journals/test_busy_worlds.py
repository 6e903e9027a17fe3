"""A refusal is never that of a copy that is behind, also where the server writes to the world all the time."""

from threading import Event
from typing import Any

from mockaxle.journals.engine import Engine
from mockaxle.world.entries import Request
from tests.calling import Caller
from tests.journals.conftest import StartLasting
from tests.journals.lasting_app import LastingApp


class BusyEngine:
    """Whenever the last row of a stream is asked for, another call of the world is on its way."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.server: LastingApp | None = None
        self.other: Caller | None = None
        self.asked = 0

    def last_row(self, world: str) -> Any:
        found = self._engine.last_row(world)
        self.asked += 1
        if self.server is not None and self.other is not None:
            begun = Event()
            self.server.loop.call_soon_threadsafe(self._call, self.server, self.other, begun)
            assert begun.wait(20)
        return found

    def _call(self, server: LastingApp, other: Caller, begun: Event) -> None:
        try:
            request = Request("GET", "/entities/site", headers=((b"authorization", f"Bearer {other.token}".encode()),))
            server.app.api.attempt(request)
        except Exception:  # it waits to be kept, and nobody waits for it
            pass
        finally:
            begun.set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


def test_a_token_of_another_server_is_valid_at_once(start_lasting: StartLasting) -> None:
    issuing, busy = start_lasting(is_shared=True), start_lasting(is_shared=True, wrap=BusyEngine)
    engine: Any = busy.engine
    other = Caller(busy)  # type: ignore[arg-type]
    new = Caller(issuing)  # type: ignore[arg-type]
    engine.server, engine.other = busy, other
    there = Caller(busy, log_in=False)  # type: ignore[arg-type]
    there.token = new.token
    assert there.get("/entities/site").status == 200
    engine.server = None
    busy.keep_reads()
    assert engine.asked > 0
