"""A journal in trouble: what was not kept is answered with 503 and is not there; the others go on."""

import asyncio
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event
from typing import Any

import pytest

from mockaxle.deliveries.courier import Courier
from mockaxle.deliveries.sending import Answered, Poster
from mockaxle.deliveries.targets import Targets
from mockaxle.journals.checking import check_worlds
from mockaxle.journals.engine import EngineOnLoop, EngineRefused
from mockaxle.journals.rows import Batch
from mockaxle.scenarios.sections import AccountSection
from mockaxle.serving.couriers import WorldDesk
from mockaxle.serving.credentials import address_of
from mockaxle.serving.hosted_world import HostedWorld
from mockaxle.serving.settings import JournalSettings, ServerSettings
from mockaxle.world.commands.refusals import WorldGone
from mockaxle.world.stored_world import JournalFailed
from tests.calling import Answer, Caller
from tests.commanding import carry_out
from tests.journals.conftest import EACH_ENGINE, StartLasting
from tests.journals.lasting_app import KEY, LastingApp

pytestmark = EACH_ENGINE

HURRIED = JournalSettings(timeout=timedelta(seconds=0.5))


class Troubled:
    """An engine that a test fills, or holds. While it is held, no writing call ends."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine
        self.refuses = self.refuses_once = ""
        self.goes_on, self.is_reached = Event(), Event()
        self.goes_on.set()

    def append(self, batch: Batch) -> tuple[str, ...]:
        self.is_reached.set()
        self.goes_on.wait(60)
        self.refuse()
        return self._engine.append(batch)  # type: ignore[no-any-return]

    @property
    def on_loop(self) -> "TroubledOnLoop | None":
        return TroubledOnLoop(self, self._engine.on_loop) if self._engine.on_loop is not None else None

    def refuse(self) -> None:
        refuses, self.refuses_once = self.refuses or self.refuses_once, ""
        if refuses:
            raise EngineRefused(refuses)

    @contextmanager
    def held(self) -> Iterator[None]:
        self.goes_on.clear()
        self.is_reached.clear()
        try:
            yield
        finally:
            self.goes_on.set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._engine, name)


class TroubledOnLoop:
    """What keeps small batches of a troubled engine."""

    def __init__(self, troubled: Troubled, on_loop: EngineOnLoop) -> None:
        self._troubled, self._on_loop = troubled, on_loop

    async def append(self, batch: Batch) -> tuple[str, ...]:
        self._troubled.is_reached.set()
        try:
            await asyncio.to_thread(self._troubled.goes_on.wait, 60)
        finally:
            self._troubled.refuse()
        return await self._on_loop.append(batch)

    async def leave(self) -> None:
        await self._on_loop.leave()


def caller_on(server: LastingApp, name: str = "acme") -> Caller:
    return Caller(server, name)  # type: ignore[arg-type]


def sites(caller: Caller) -> int:
    return len(caller.get("/entities/site").json["sites"])


def headers(answer: Answer) -> dict[bytes, bytes]:
    return dict(answer.response.headers)


def test_a_full_disk_refuses_changes_and_serves_reads(start_lasting: StartLasting) -> None:
    server = start_lasting(wrap=Troubled)
    caller = caller_on(server)
    server.engine.refuses = "the disk is full"
    refused = caller.onboard()
    assert (refused.status, refused.json["done"]) == (503, "no")
    assert "the disk is full" in refused.json["detail"]
    assert headers(refused)[b"retry-after"] == b"1"
    assert (sites(caller), server.on_loop(health(server))["state"]) == (0, "unreachable")
    server.engine.refuses = ""
    assert (caller.onboard().status, sites(caller)) == (200, 1)
    assert server.on_loop(health(server)) == {"kind": server.engine.kind, "state": "ok", "reloaded": 1}


async def health(server: LastingApp) -> dict[str, Any]:
    return server.lasting.health()


def test_reads_during_trouble_are_in_the_log_after_it(start_lasting: StartLasting) -> None:
    server = start_lasting(wrap=Troubled)
    caller = caller_on(server)
    server.keep_reads()
    server.engine.refuses = "the disk is full"
    assert [sites(caller) for _ in range(3)] == [0, 0, 0]
    server.engine.refuses = ""
    caller.onboard()
    server.restart()
    assert len(server.worlds.find("acme").log) == 5


def test_a_late_commit_is_perhaps_done_and_is_found_before_the_next_call(start_lasting: StartLasting) -> None:
    server = start_lasting(wrap=Troubled, journal=HURRIED)
    caller, other = caller_on(server), caller_on(server, "other")
    server.keep_reads()
    with server.engine.held():
        late = caller.onboard()
        assert (late.status, late.json["done"]) == (503, "perhaps")
        assert sites(other) == 0
        unanswered = caller.get("/entities/site")
        assert (unanswered.status, unanswered.json["done"]) == (503, "no")
    assert sites(caller) == 1


def test_a_change_that_waits_behind_a_late_one_is_not_done(start_lasting: StartLasting) -> None:
    server = start_lasting(wrap=Troubled, journal=HURRIED)
    caller, other = caller_on(server), caller_on(server, "other")
    server.keep_reads()
    with ThreadPoolExecutor(2) as threads, server.engine.held():
        first = threads.submit(caller.onboard)
        assert server.engine.is_reached.wait(10)
        second = threads.submit(other.onboard)
        answers = [first.result(), second.result()]
    assert [(one.status, one.json["done"]) for one in answers] == [(503, "perhaps"), (503, "no")]
    assert [sites(caller), sites(other)] == [1, 0]


def test_an_account_that_was_not_kept_is_free_again(start_lasting: StartLasting) -> None:
    server = start_lasting(wrap=Troubled)
    server.engine.refuses = "the disk is full"
    assert Caller(server, log_in=False).log_in().status == 503  # type: ignore[arg-type]
    server.engine.refuses = ""
    assert sites(caller_on(server)) == 0
    assert server.journalled.names() == ("acme",)


@pytest.mark.parametrize("number", [1, 5, 30])
def test_calls_at_once_are_kept_in_one_row_each_turn(start_lasting: StartLasting, number: int) -> None:
    server = start_lasting(wrap=Troubled)
    callers = [caller_on(server, f"team-{n}") for n in range(number)]
    server.keep_reads()
    with ThreadPoolExecutor(number) as threads:
        with server.engine.held():
            answers = [threads.submit(one.onboard) for one in callers]
        assert {one.result().status for one in answers} == {200}
    server.restart()
    assert [sites(one) for one in callers] == [1] * number


def test_an_account_is_told_to_be_added_only_if_it_was_kept(start_lasting: StartLasting) -> None:
    server = start_lasting(wrap=Troubled)
    caller_on(server)
    reader = AccountSection.model_validate({"username": "reader", "kind": "read_only", "password": "secret"})

    async def add() -> None:
        await server.journalled.add_account("acme", reader)
        await server.journalled.until_kept("acme")

    server.engine.refuses = "the disk is full"
    with pytest.raises(JournalFailed, match="the disk is full"):
        server.on_loop(add())
    server.engine.refuses = ""
    server.on_loop(add())
    server.restart()
    assert caller_on(server, "reader").get("/entities/site").status == 200


def test_a_busy_world_stays_in_memory(start_lasting: StartLasting) -> None:
    server = start_lasting(settings=ServerSettings(seed="replay", signing_key=KEY, max_worlds=2))
    busy = caller_on(server, "busy")
    hosted = server.worlds.find("busy")
    turn = hosted.turn
    server.on_loop(turn.acquire())
    others = [caller_on(server, f"team-{n}") for n in range(4)]
    assert server.journalled.in_memory("busy") is hosted
    server.loop.call_soon_threadsafe(turn.release)
    assert [sites(one) for one in (*others, busy)] == [0] * 5


def test_a_change_on_a_change_that_was_refused_is_refused(start_lasting: StartLasting) -> None:
    server = start_lasting(wrap=Troubled)
    caller = caller_on(server)
    home = {"mpan": "1000000000099", "street_address": "8 Canal Row", "postcode": "M1 1AE"}
    server.keep_reads()
    with ThreadPoolExecutor(2) as threads:
        with server.engine.held():
            first = threads.submit(caller.onboard)
            assert server.engine.is_reached.wait(10)
            second = threads.submit(caller.post, "/entities/site", home)
            while len(server.worlds.find("acme").world.state.sites) < 2:
                assert not second.done()
            server.engine.refuses = "the disk is full"
        answers = [first.result(), second.result()]
    assert [(one.status, one.json["done"]) for one in answers] == [(503, "no")] * 2
    server.engine.refuses = ""
    assert sites(caller) == 0


def test_a_drop_that_was_not_kept_leaves_the_world_and_its_accounts(start_lasting: StartLasting) -> None:
    server = start_lasting(wrap=Troubled)
    caller = caller_on(server)
    caller.onboard()

    async def drop() -> None:
        server.journalled.drop("acme")
        await server.journalled.until_kept("acme")

    server.engine.refuses = "the disk is full"
    with pytest.raises(JournalFailed, match="the disk is full"):
        server.on_loop(drop())
    server.engine.refuses = ""
    assert (sites(caller), sites(caller_on(server))) == (1, 1)
    server.on_loop(drop())
    assert (caller.get("/entities/site").status, sites(caller_on(server))) == (401, 0)


def test_nothing_is_answered_as_kept_while_the_engine_hangs(start_lasting: StartLasting) -> None:
    server = start_lasting(wrap=Troubled, journal=HURRIED)
    callers = [caller_on(server, name) for name in ("one", "two", "three")]
    server.keep_reads()
    with server.engine.held():
        assert [one.onboard().status for one in callers] == [503] * 3
    assert [sites(one) for one in callers] == [1, 0, 0]


def test_a_fork_is_answered_once_it_is_kept(start_lasting: StartLasting) -> None:
    server = start_lasting(wrap=Troubled)
    caller_on(server)
    server.keep_reads()
    server.engine.refuses = "the disk is full"
    with pytest.raises(JournalFailed, match="the disk is full"):
        server.on_loop(server.journalled.fork("acme", snapshot=None, username="fork"))


class Idle:
    """Delivers nothing by itself."""

    def look(self, hosted: HostedWorld) -> None:
        """Leave it to the test's courier."""

    def forget(self, hosted: HostedWorld) -> None:
        """Leave it to the test's courier."""


class CountingPoster(Poster):
    """Answers each message with 200."""

    def __init__(self) -> None:
        super().__init__(Targets(False, (), ""))
        self.posted = 0

    async def post(self, url: str, body: bytes, *, headers: Mapping[str, str], timeout_ms: int) -> Answered:
        self.posted += 1
        return Answered(200, None, 0)


def test_a_message_leaves_once_the_call_that_made_it_is_kept(start_lasting: StartLasting) -> None:
    server = start_lasting(wrap=Troubled)
    caller = caller_on(server)
    asset_id = caller.onboard(proposition="full_asset_schedule_control").json["assets"][0]["asset_id"]
    receiver = {"url": "http://127.0.0.1:9/{asset_id}", "kind": "schedules"}
    carry_out(server.worlds, "acme", "PUT /receivers/{name}", receiver, name="car")
    poster, hosted = CountingPoster(), server.worlds.find("acme")

    async def delivered() -> None:
        present = server.journalled.find("acme")
        assert present
        present.secrets = {"car": "whsec_a-test"}
        desk = WorldDesk(server.journalled, present)
        await Courier(desk, poster).advance(desk.instant(), max_seconds=60, max_attempts=1)

    server.journalled.outgoing = Idle()
    server.keep_reads()
    with ThreadPoolExecutor(1) as threads:
        with server.engine.held():
            call = threads.submit(caller.post, f"/entities/asset/{asset_id}/event/plug-in", {})
            assert server.engine.is_reached.wait(10)
            delivering = asyncio.run_coroutine_threadsafe(delivered(), server.loop)
            while not hosted.in_flight:
                assert not delivering.done()
            server.engine.refuses = "the disk is full"
        assert call.result().json["done"] == "no"
    with pytest.raises(WorldGone, match="the disk is full"):
        delivering.result(10)
    server.engine.refuses = ""
    assert (caller.post(f"/entities/asset/{asset_id}/event/plug-in", {}).status, poster.posted) == (200, 0)
    server.on_loop(delivered())
    assert poster.posted == 1


def test_what_was_refused_at_the_end_is_written_with_the_rest(start_lasting: StartLasting) -> None:
    server = start_lasting(wrap=Troubled)
    first, second = caller_on(server, "first"), caller_on(server, "second")
    server.keep_reads()
    server.engine.goes_on.clear()
    server.engine.is_reached.clear()
    first.get("/entities/site")
    assert server.engine.is_reached.wait(10)
    first.get("/entities/site")
    second.get("/entities/site")
    server.engine.refuses_once = "the database is locked"
    server.end_while(server.engine.goes_on.set)
    assert [len(server.worlds.find(name).log) for name in ("first", "second")] == [3, 2]
    check = [(one.name, one.problem) for one in check_worlds(server.engine, server.lasting._keeper._finder)]
    assert check == [("first", ""), ("second", "")]


def test_a_refused_change_of_an_account_leaves_the_one_that_was_kept(start_lasting: StartLasting) -> None:
    server = start_lasting(wrap=Troubled)
    caller_on(server)
    hosted = server.worlds.find("acme")

    async def keep(secret: str) -> None:
        server.journalled.set_secrets(hosted, {"partner": secret})
        await server.lasting._keeper._lane.until_kept(f"@{address_of('acme')}")

    for secret in ("one", "two", "three"):
        server.on_loop(keep(f"kept {secret}"))
        server.engine.refuses = "the disk is full"
        server.on_loop(keep(f"refused {secret}"))
        server.engine.refuses = ""
    server.restart()
    assert server.worlds.find("acme").secrets == {"partner": "kept three"}


def test_a_user_that_was_never_kept_takes_no_place(start_lasting: StartLasting) -> None:
    settings = ServerSettings(seed="replay", signing_key=KEY, max_worlds=2, when_full="refuse")
    server = start_lasting(wrap=Troubled, settings=settings)
    server.engine.refuses = "the disk is full"
    assert {Caller(server, name, log_in=False).log_in().status for name in "abcd"} == {503}  # type: ignore[arg-type]
    server.engine.refuses = ""
    assert server.journalled.names() == ()
    assert sites(caller_on(server, "e")) == 0
