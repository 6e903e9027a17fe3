"""Several servers on one journal answer as one: each call may reach another one."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockaxle.app import create_app
from mockaxle.journals.engine import Engine
from mockaxle.journals.postgres import open_database
from mockaxle.journals.sqlite_file import open_file
from mockaxle.serving.hosted_world import HostedWorld
from mockaxle.serving.settings import ServerSettings
from mockaxle.world.entries import Request, Response, Wait
from tests.clocks import ManualClock
from tests.journals.lasting_app import KEY, LastingApp
from tests.journals.postgres_server import PostgresServer
from tests.journals.test_same_bytes import TURNS, problems, seen, take
from tests.living import Life, calls
from tests.replaying import SEED

SERVERS = 3
LIVES = st.lists(st.one_of(calls, TURNS), max_size=24)


class Balanced:
    """Sends each call to a server that it draws; the same for its worlds."""

    def __init__(self, servers: Sequence[LastingApp], seed: int) -> None:
        self.servers, self._draw = servers, Random(seed)
        self.worlds: Any = self
        self._found: dict[int, LastingApp] = {}

    @property
    def _server(self) -> LastingApp:
        return self._draw.choice(self.servers)

    def attempt(self, request: Request, *prepared: Any) -> Response | Wait:
        return self._server.attempt(request, *prepared)

    def find(self, name: str) -> HostedWorld | None:
        server = self._server
        hosted = server.worlds.find(name)
        self._found[id(hosted)] = server
        return hosted  # type: ignore[no-any-return]

    def now(self) -> Any:
        return self.servers[0].worlds_now()

    async def carry_out(self, hosted: HostedWorld, row: Any, **details: Any) -> Any:
        return await self._found[id(hosted)].worlds.carry_out(hosted, row, **details)

    def keep_reads(self) -> None:
        """All is kept with each answer."""

    def restart(self, *, crashed: bool) -> None:
        self._server.restart(crashed=crashed)


@contextmanager
def sharing(opens: Callable[[], Engine], clock: ManualClock, *, seed: int = 1) -> Iterator[Balanced]:
    options = {"settings": ServerSettings(seed=SEED, signing_key=KEY), "is_shared": True}
    servers = [LastingApp(opens, clock, **options) for _ in range(SERVERS)]  # type: ignore[arg-type]
    try:
        yield Balanced(servers, seed)
    finally:
        for server in servers:
            server.crash()


@contextmanager
def sharing_a_file(clock: ManualClock, *, seed: int = 1) -> Iterator[Balanced]:
    with TemporaryDirectory() as folder:
        opens = partial(open_file, Path(folder) / "mock.db", key_digest="a test's")
        with sharing(opens, clock, seed=seed) as balanced:
            yield balanced


@pytest.mark.property
@settings(max_examples=40)
@given(LIVES, st.integers(0, 1000))
def test_a_life_over_servers_on_a_file_is_that_of_one(steps: list[Any], seed: int) -> None:
    clocks = ManualClock(), ManualClock()
    plain = Life(create_app(ServerSettings(seed=SEED, signing_key=KEY), clock=clocks[0]).api, clocks[0])
    with sharing_a_file(clocks[1], seed=seed) as balanced:
        check_life(plain, Life(balanced, clocks[1]), steps, balanced)  # type: ignore[arg-type]


@pytest.mark.property
@settings(max_examples=5)
@given(LIVES, st.integers(0, 1000))
def test_a_life_over_servers_on_a_database_is_that_of_one(
    postgres: PostgresServer, steps: list[Any], seed: int
) -> None:
    clocks = ManualClock(), ManualClock()
    plain = Life(create_app(ServerSettings(seed=SEED, signing_key=KEY), clock=clocks[0]).api, clocks[0])
    opens = partial(open_database, postgres.url(), key_digest="a test's", timeout=20, shared=True)
    with sharing(opens, clocks[1], seed=seed) as balanced:
        check_life(plain, Life(balanced, clocks[1]), steps, balanced)  # type: ignore[arg-type]


def check_life(plain: Life, shared: Life, steps: list[Any], balanced: Balanced) -> None:
    for step in steps:
        assert take(plain, step, None) == take(shared, step, balanced), step  # type: ignore[arg-type]
    expected = seen(plain.caller.api.worlds.find("acme"))
    for server in balanced.servers:
        for ours, other in zip(seen(server.worlds.find("acme")), expected, strict=True):
            assert ours == other
        assert [line for line in server.said if not line.startswith("The database has")] == []
    assert problems(balanced.servers[0]) == [""]
