"""Pages of a world with 10,000 sites and 10,000 entries are quick, and hold the event loop for a moment only."""

import asyncio
from datetime import UTC, datetime, timedelta
from time import process_time, thread_time

import httpx
import pytest

from mockaxle.app import App, create_app
from mockaxle.core.limits import MAX_BLOCKS
from mockaxle.core.state import asset_of
from mockaxle.scenarios.sections import Scenario
from tests.calling import Caller
from tests.clocks import ManualClock
from tests.inspector.visiting import HTML, PREFIX

pytestmark = pytest.mark.usefixtures("no_collector")

MANY = 10_000
MAX_CPU_SECONDS, MAX_HELD_SECONDS = 0.1, 0.05


@pytest.fixture(scope="module")
def large() -> App:
    mpans = [f"20000000{number:05}" for number in range(MANY)]
    sites = [{"mpan": mpan, "postcode": "M1 1AE", "dispatch_methods": {"limited_pause": "in"}} for mpan in mpans]
    chargers = [{"site": mpan, "external_id": mpan, "type": "charger"} for mpan in mpans]
    app = create_app(clock=ManualClock(), scenario=Scenario.model_validate({"sites": sites, "assets": chargers}))
    caller = Caller(app.api)
    asset_id = caller.state.asset_order.page(0, limit=1)[0]
    for _ in range(MANY - 10):
        caller.get("/auth/users/me/")
    caller.plug_in(asset_id, [{"start_timestamp": "2026-01-20T22:00:00Z", "end_timestamp": "2026-01-21T06:00:00Z"}])
    return app


@pytest.fixture(scope="module")
def busy() -> App:
    """A world whose charger has had many schedules of as many blocks as there may be."""
    app = create_app(clock=ManualClock())
    caller = Caller(app.api)
    asset_id = caller.onboard().json["assets"][0]["asset_id"]
    night = datetime(2026, 1, 20, 22, tzinfo=UTC)
    blocks = [(night + timedelta(minutes=2 * n), night + timedelta(minutes=2 * n + 1)) for n in range(MAX_BLOCKS)]
    schedule = [{"start_timestamp": start.isoformat(), "end_timestamp": end.isoformat()} for start, end in blocks]
    for _ in range(60):
        assert caller.plug_in(asset_id, schedule).status == 200
    return app


async def cost(app: App, path: str) -> tuple[float, float]:
    """The processor time of a page, and the longest turn of the loop's thread."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=HTML) as client:
        await client.post(f"{PREFIX}/log-in", data={"username": "acme", "password": "secret"})
        await client.get(path)  # loads templates
        began, last, longest = process_time(), thread_time(), 0.0
        call = asyncio.create_task(client.get(path))
        while not call.done():
            await asyncio.sleep(0)
            now = thread_time()
            longest, last = max(longest, now - last), now
        spent = process_time() - began
        assert (await call).status_code == 200
        return spent, longest


def test_many_long_schedules_hold_the_loop_for_a_moment_only(busy: App) -> None:
    asset_id = Caller(busy.api).state.asset_order.page(0, limit=1)[0]
    costs = [asyncio.run(cost(busy, f"{PREFIX}/inspect/acme/assets/{asset_id}")) for _ in range(3)]
    assert min(held for _, held in costs) < MAX_HELD_SECONDS


PAGES = ("", "/sites", "/sites?text=4242", "/sites/{site}", "/assets/{asset}", "/log", "/log/5000", "/log?text=nowhere")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_a_large_world_is_quick(large: App, page: str) -> None:
    state = Caller(large.api).state
    asset_id = state.asset_order.page(0, limit=1)[0]
    path = f"{PREFIX}/inspect/acme{page.format(asset=asset_id, site=asset_of(state, asset_id).site_id)}"
    costs = [asyncio.run(cost(large, path)) for _ in range(5)]
    spent, held = min(one[0] for one in costs), min(one[1] for one in costs)
    assert spent < MAX_CPU_SECONDS
    assert held < MAX_HELD_SECONDS
