"""The cost of a call as a world grows, in this process, without HTTP."""

import gc
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from statistics import median

from benchmarks.markdown import paragraph, table
from benchmarks.part import Aim, Part, progress
from benchmarks.servers import home
from benchmarks.spread import Spread
from mockaxle.contract.document import load_contract
from mockaxle.core.accounts import Role, issue
from mockaxle.core.assets import AssetDetails
from mockaxle.core.clock import EPOCH
from mockaxle.core.enrolment import onboard
from mockaxle.core.records import AssetType, DispatchMethod
from mockaxle.core.sites import SiteDetails
from mockaxle.core.state import State
from mockaxle.scenarios.building import blueprint
from mockaxle.scenarios.shipped import default
from mockaxle.server.surface import Surface
from mockaxle.world.entries import Principal, Request, Response
from mockaxle.world.opening import new_world
from mockaxle.world.value import Asked, World

SIZES = (1_000, 10_000, 100_000, 1_000_000)
REPEATS = 200
AIM = 1.3
AIMED = ("GET a site", "onboard")
STEP = 50_000
NOW = datetime(2026, 1, 20, tzinfo=UTC)


def grow(state: State, *, start: int, to: int) -> State:
    """Onboard homes one by one, numbered from `start` up to `to`."""
    for number in range(start, to):
        body = home(number)
        site = SiteDetails(body["site"]["mpan"], body["site"]["postcode"], body["site"]["street_address"], None, NOW)
        charger = AssetDetails(body["assets"][0]["external_id"], AssetType.CHARGER, power_kw=7.4)
        method = DispatchMethod.LIMITED_PAUSE
        step = onboard(state, site, assets=[charger], proposition=method, override_withdrawal=False, now=NOW)
        state = step.state
    return state


def microseconds(work: Callable[[int], object]) -> float:
    """Time single calls without the garbage collector, and return the median."""
    gc.collect()
    gc.disable()
    times = []
    for number in range(REPEATS):
        started = time.perf_counter()
        work(number)
        times.append(time.perf_counter() - started)
    gc.enable()
    return median(times) * 1e6


def report(sizes: tuple[int, ...] = SIZES) -> Part:
    found = measure(sizes)
    ratios = {name: times[-1] / times[0] for name, times in found.items()}
    rows = [
        (name, *(f"{time:.0f}" for time in times), f"{ratios[name]:.2f}", f"{AIM}") for name, times in found.items()
    ]
    text = (
        "The cost of a call in microseconds by the number of sites, in one process, without HTTP and without the "
        f'garbage collector. Each figure is the median of {REPEATS} calls. "last to first" is how many times as much '
        "the call costs at the last size as at the first."
    )
    headings = ("sites:", *(f"{size:,}" for size in sizes), "last to first", "aim")
    worst = max(AIMED, key=lambda name: ratios[name])
    figure = f"cost at {sizes[-1]:,} sites over that at {sizes[0]:,}, worst: {worst}"
    return Part(
        "Growth",
        f"{paragraph(text)}\n\n{table(headings, rows)}",
        (Aim(figure, Spread([ratios[worst]]), AIM, digits=2),),
        lines={name: dict(zip(sizes, times, strict=True)) for name, times in found.items()},
    )


def measure(sizes: tuple[int, ...] = SIZES) -> dict[str, list[float]]:
    """Measure each call at each size. Units: microseconds."""
    surface, world = (
        Surface(load_contract()),
        new_world(blueprint(default()), "growth", server_seed="bench", real=EPOCH),
    )
    tokens, token = issue(world.tokens, "bench", roles=tuple(Role), now=NOW)
    world, size = world._replace(tokens=tokens), 0
    found: dict[str, list[float]] = {"GET a site": [], "onboard": [], "last page": []}
    for target in sizes:
        while size < target:
            step = min(size + STEP, target)
            world, size = world._replace(state=grow(world.state, start=size, to=step)), step
            progress(f"  {size:,} of {sizes[-1]:,} sites")
        for name, request in requests(world, size).items():
            found[name].append(microseconds(partial(apply, surface, world, token=token, request=request)))
    return found


def requests(world: World, size: int) -> dict[str, Callable[[int], Request]]:
    site_id = world.state.site_order.page(size // 2, limit=1)[0]
    json_type = ((b"content-type", b"application/json"),)
    return {
        "GET a site": lambda n: Request("GET", f"/entities/site/{site_id}"),
        "onboard": lambda n: Request(
            "POST", "/entities/site/onboard", headers=json_type, body=json.dumps(home(size + n)).encode()
        ),
        "last page": lambda n: Request("GET", "/entities/site", f"limit=10&offset={size - 10}"),
    }


def apply(surface: Surface, world: World, number: int, *, token: int, request: Callable[[int], Request]) -> None:
    sent = request(number)
    operation, principal = surface.find(sent.method, sent.path), Principal("growth", "bench", token)
    _, response = surface.serve(world, Asked(NOW, NOW, principal, world.tokens.grants.get(token), operation, sent))
    assert isinstance(response, Response)
    assert response.status == 200, response.body
