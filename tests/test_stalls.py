"""Large bodies and slow commands of one client leave the event loop to the others."""

import asyncio
import gzip
import json
from time import process_time

import httpx
import pytest

from mockaxle.app import App, create_app
from mockaxle.scenarios.sections import Scenario
from mockaxle.world.entries import Exchange, Response
from tests.calling import JSON, Caller
from tests.clocks import ManualClock

pytestmark = pytest.mark.usefixtures("no_collector")

READING = {
    "start_timestamp": "2026-01-20T22:00:00Z",
    "end_timestamp": "2026-01-20T22:30:00Z",
    "value": 1.5,
    "label": "boundary_import_kw",
}


def readings(caller: Caller, count: int) -> bytes:
    asset_id = caller.onboard().json["assets"][0]["asset_id"]
    return json.dumps({"readings": [{"asset_id": asset_id, **READING}] * count}).encode()


def bearer(caller: Caller) -> dict[str, str]:
    return {"Authorization": f"Bearer {caller.token}", "Content-Type": "application/json"}


async def longest_turn(app: App, content: bytes, headers: dict[str, str]) -> tuple[float, float, httpx.Response]:
    """The CPU time of the longest turn of the loop while readings are sent, that of all turns, and the answer."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        call = asyncio.create_task(client.post("/data/readings", content=content, headers=headers))
        began = last = process_time()
        longest = 0.0
        while not call.done():
            await asyncio.sleep(0)
            now = process_time()
            longest, last = max(longest, now - last), now
        return longest, last - began, await call


@pytest.mark.rule("R1")
@pytest.mark.parametrize("packed", [False, True])
def test_many_readings_leave_the_loop_to_others(app: App, packed: bool) -> None:
    caller = Caller(app.api)
    body = readings(caller, 30_000)
    headers = {**bearer(caller), **({"Content-Encoding": "gzip"} if packed else {})}
    longest, total, answer = asyncio.run(longest_turn(app, gzip.compress(body) if packed else body, headers))
    assert answer.status_code == 200
    assert len(answer.json()["responses"]) == 30_000
    assert longest < total / 2


def responses(app: App) -> list[Response]:
    hosted = app.api.worlds.find("acme")
    assert hosted is not None
    return [entry.response for entry in hosted.log if isinstance(entry, Exchange)]


def test_readings_that_were_answered_aside_are_answered_the_same_at_once(clock: ManualClock) -> None:
    async def aside(app: App, caller: Caller, body: bytes) -> bytes:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            return (await client.post("/data/readings", content=body, headers=bearer(caller))).content

    def prepared() -> tuple[App, Caller, bytes]:
        app = create_app(clock=clock)
        caller = Caller(app.api)
        return app, caller, readings(caller, 1000)

    app, caller, body = prepared()
    other, at_once, _ = prepared()
    assert asyncio.run(aside(app, caller, body)) == at_once.post("/data/readings", raw=body).response.body
    assert responses(app) == responses(other)


def test_calls_of_a_world_wait_for_its_large_body(app: App) -> None:
    async def both() -> list[int]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            large = client.post("/data/readings", content=body, headers=bearer(caller))
            small = client.get("/auth/users/me/", headers=bearer(caller))
            return [answer.status_code for answer in await asyncio.gather(large, small)]

    caller = Caller(app.api)
    body = readings(caller, 5000)
    assert asyncio.run(both()) == [200, 200]
    hosted = app.api.worlds.find("acme")
    assert hosted is not None
    paths = [entry.request.path for entry in hosted.log if isinstance(entry, Exchange)]
    assert paths[-2:] == ["/data/readings", "/auth/users/me/"]


def test_a_world_that_is_dropped_meanwhile_answers_401(app: App) -> None:
    async def dropped(turn: asyncio.Lock) -> int:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            call = asyncio.create_task(client.post("/data/readings", content=body, headers=bearer(caller)))
            while not turn.locked():
                await asyncio.sleep(0)
            app.api.worlds.drop("acme")
            return (await call).status_code

    caller = Caller(app.api)
    hosted = app.api.worlds.find("acme")
    assert hosted is not None
    body = readings(caller, 5000)
    assert asyncio.run(dropped(hosted.turn)) == 401
    assert JSON in app.api.unmatched[-1].response.headers


@pytest.mark.rule("B1")
def test_much_that_fell_due_leaves_the_loop_to_others() -> None:
    """3,000 pauses end before the next call."""
    mpans = [f"20000000{number:05}" for number in range(3_000)]
    pause = {
        "start_at": "2026-01-20T13:00:00Z",
        "end_at": "2026-01-20T13:30:00Z",
        "price_gbp_per_mwh": 90,
        "rate_kw": 7,
    }
    sites = [{"mpan": mpan, "dispatch_methods": {"limited_pause": "in"}} for mpan in mpans]
    chargers = [{"site": mpan, "external_id": mpan, "type": "charger", "pauses": [pause]} for mpan in mpans]
    clock = ManualClock()
    app = create_app(clock=clock, scenario=Scenario.model_validate({"sites": sites, "assets": chargers}))
    caller = Caller(app.api)
    clock.advance(minutes=59)
    assert (caller.get("/entities/site?limit=1").status, len(caller.state.transactions)) == (200, 0)
    clock.advance(minutes=31)

    async def longest() -> tuple[float, float]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
            call = asyncio.create_task(client.get("/auth/users/me/", headers=bearer(caller)))
            began = last = process_time()
            most = 0.0
            while not call.done():
                await asyncio.sleep(0)
                now = process_time()
                most, last = max(most, now - last), now
            await call
            return most, last - began

    most, total = asyncio.run(longest())
    assert len(caller.state.transactions) == 3_000
    assert most < total / 2
