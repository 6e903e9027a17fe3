"""A large world is built in a thread, once for all log-ins that wait for it, and opened by the first of them."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from time import process_time, thread_time
from typing import Any, TypeVar
from urllib.parse import urlencode

import httpx
import pytest

from mockaxle.app import App, create_app
from mockaxle.core.limits import MAX_BUILT_AT_ONCE
from mockaxle.scenarios.building import blueprint
from mockaxle.scenarios.sections import ClockSection, PortfolioSection, Scenario
from mockaxle.serving.accounts import Prepared
from mockaxle.serving.new_worlds import Building, BuiltWorld, NewWorlds, WorldUnbuilt
from mockaxle.serving.settings import ServerSettings
from mockaxle.world.entries import Request, Response
from mockaxle.world.opening import new_world
from tests.calling import FORM, Caller
from tests.clocks import START, ManualClock

T = TypeVar("T")


def portfolio(count: int) -> Scenario:
    return Scenario(portfolios=(PortfolioSection(count=count, name="home"),))


LARGE = portfolio(MAX_BUILT_AT_ONCE)
HOST = "192.0.2.1"
PEER = "203.0.113.1"


def large_app(**settings: Any) -> App:
    return create_app(ServerSettings(**settings), scenario=LARGE, clock=ManualClock())


def form(username: str, password: str = "secret") -> bytes:
    return urlencode({"username": username, "password": password}).encode()


async def log_in(app: App, username: str, password: str = "secret") -> httpx.Response:
    transport = httpx.ASGITransport(app, client=(PEER, 1))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return await client.post("/auth/token-form", content=form(username, password), headers=headers)


def together(*work: Coroutine[Any, Any, T]) -> list[T]:
    async def gathered() -> list[T]:
        return await asyncio.gather(*work)

    return asyncio.run(gathered())


def unbuilt(app: App, username: str) -> WorldUnbuilt:
    with pytest.raises(WorldUnbuilt) as raised:
        app.api.attempt(Request("POST", "/auth/token-form", headers=(FORM,), body=form(username)))
    return raised.value


def opened(app: App, username: str, world: BuiltWorld) -> Response:
    """The answer to a log-in whose world was built aside."""
    request = Request("POST", "/auth/token-form", headers=(FORM,), body=form(username))
    response = app.api.attempt(request, Prepared(world=world))
    assert isinstance(response, Response)
    return response


def test_building_costs_the_event_loop_next_to_nothing() -> None:
    app = create_app(scenario=portfolio(10_000))
    whole, loop = process_time(), thread_time()
    (answer,) = together(log_in(app, "acme"))
    whole, loop = process_time() - whole, thread_time() - loop
    assert answer.status_code == 200
    assert loop < whole / 2


def test_a_small_world_is_opened_at_once() -> None:
    app = create_app(scenario=portfolio(MAX_BUILT_AT_ONCE // 2))
    response = app.api.attempt(Request("POST", "/auth/token-form", headers=(FORM,), body=form("acme")))
    assert isinstance(response, Response)
    assert response.status == 200


def test_log_ins_of_a_new_world_at_once_open_it_once() -> None:
    app = large_app()
    tokens = [answer.json()["access_token"] for answer in together(*(log_in(app, "acme") for _ in range(3)))]
    for token in tokens:
        header = (b"authorization", f"Bearer {token}".encode())
        response = app.api.attempt(Request("GET", "/entities/site", "limit=1", headers=(header,)))
        assert isinstance(response, Response)
        assert response.status == 200
    assert (app.api.worlds.names(), len(Caller(app.api, "acme").state.sites)) == (("acme",), MAX_BUILT_AT_ONCE)


def test_what_several_wait_for_is_built_once() -> None:
    built: list[BuiltWorld] = []

    def build() -> BuiltWorld:
        built.append(BuiltWorld(new_world(blueprint(LARGE), "acme", server_seed="x", real=START), START))
        return built[-1]

    with ThreadPoolExecutor(1) as thread:
        building = Building(build, thread)
        found = together(*(WorldUnbuilt(building, asyncio.Lock()).built_aside() for _ in range(3)))
    assert [id(world) for world in found] == [id(built[0])] * 3
    assert len(built) == 1


def test_the_first_password_of_a_new_world_counts() -> None:
    app = large_app(host=HOST)
    answers = together(log_in(app, "acme", "ours"), log_in(app, "acme", "theirs"))
    assert sorted(answer.status_code for answer in answers) == [200, 401]


def test_a_peers_worlds_do_not_delay_those_of_others() -> None:
    worlds = NewWorlds(blueprint(LARGE), ManualClock(), server_seed="x")
    ready: list[str] = []

    async def wait(name: str, peer: str) -> None:
        with pytest.raises(WorldUnbuilt) as raised:
            worlds.world(name, real=START, built=None, peer=peer)
        ready.append((await raised.value.built_aside()).world.name)

    together(*(wait(f"a{number}", "a") for number in range(3)), wait("b", "b"))
    assert ready == ["a0", "b", "a1", "a2"]


def test_if_the_client_hangs_up_no_world_is_opened() -> None:
    app = large_app()
    sent: list[dict[str, Any]] = [{"type": "http.request", "body": form("acme")}, {"type": "http.disconnect"}]
    messages = iter(sent)
    headers = [FORM, (b"content-length", str(len(form("acme"))).encode())]
    scope = {"type": "http", "method": "POST", "path": "/auth/token-form", "raw_path": b"/auth/token-form"}
    scope |= {"query_string": b"", "headers": headers, "scheme": "http", "client": ("127.0.0.1", 1)}

    async def receive() -> dict[str, Any]:
        return next(messages)

    async def send(message: Any) -> None:
        raise AssertionError("nobody reads it")

    asyncio.run(app(scope, receive, send))
    assert len(app.api.worlds) == 0
    assert together(log_in(app, "acme"))[0].status_code == 200


def test_a_world_that_was_opened_meanwhile_is_left_as_it_is() -> None:
    app = large_app()
    world = unbuilt(app, "acme").built()
    acme = Caller(app.api, "acme")
    acme.onboard()
    assert opened(app, "acme", world).status == 200
    assert len(acme.state.sites) == MAX_BUILT_AT_ONCE + 1


def test_a_world_that_was_opened_and_dropped_meanwhile_is_opened_again() -> None:
    app = large_app()
    world = unbuilt(app, "acme").built()
    Caller(app.api, "acme")
    app.api.worlds.drop("acme")
    assert opened(app, "acme", world).status == 200
    assert app.api.worlds.names() == ("acme",)


@pytest.mark.rule("T5")
def test_a_world_counts_once_against_the_limit_of_new_worlds() -> None:
    app = large_app(host=HOST, new_worlds_per_minute=1)
    answers = together(*(log_in(app, "acme") for _ in range(2)), log_in(app, "other"))
    assert [answer.status_code for answer in answers] == [200, 200, 429]


@pytest.mark.rule("T5")
def test_worlds_that_are_built_at_once_keep_to_the_number_of_worlds() -> None:
    app = large_app(max_worlds=1, when_full="refuse")
    answers = together(log_in(app, "acme"), log_in(app, "other"))
    assert sorted(answer.status_code for answer in answers) == [200, 503]
    assert len(app.api.worlds) == 1


def test_a_world_built_aside_is_the_same_and_its_clock_starts_when_it_is_opened() -> None:
    clock = ManualClock()
    scenario = LARGE.model_copy(update={"clock": ClockSection(at=START, rate=Decimal(3600))})
    app = create_app(scenario=scenario, clock=clock)
    world = unbuilt(app, "acme").built()
    clock.advance(seconds=1)
    assert opened(app, "acme", world).status == 200
    hosted = app.api.worlds.find("acme")
    assert hosted
    assert hosted.world.clock.now(clock.at) == START
    at_once = new_world(blueprint(scenario), "acme", server_seed="mockaxle", real=clock.at)
    assert (hosted.world.origin, hosted.world.origin_clock) == (at_once.origin, at_once.origin_clock)
