"""Nothing costs by product: an input costs at most 1.3 times the processor time of ten inputs of a tenth its size.

Both then touch as much memory, so that a cache which neighbours on the machine use slows them down alike.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from itertools import count
from time import process_time
from typing import Any

import pytest

from mockaxle.app import create_app
from mockaxle.control.bodies import MessageQuery
from mockaxle.control.history import Filter
from mockaxle.control.message_handlers import page
from mockaxle.control.rendering import written
from mockaxle.control.verification import VERIFY, verify
from mockaxle.core.clock import EPOCH
from mockaxle.core.falling_due import settle
from mockaxle.core.market import Market, SingleWindow
from mockaxle.core.offers import price_table
from mockaxle.core.optimiser import optimise
from mockaxle.core.rewards import withdraw
from mockaxle.core.schedule import read_schedule
from mockaxle.core.timestamps import spell_utc
from mockaxle.recordings.beginning import dump_base
from mockaxle.recordings.formats import FORMS
from mockaxle.recordings.jsonl import Recording
from mockaxle.scenarios.building import blueprint
from mockaxle.scenarios.dumping import dump
from mockaxle.scenarios.problems import ScenarioRefused
from mockaxle.scenarios.reading import read_scenario
from mockaxle.scenarios.sections import AccountSection, Scenario
from mockaxle.serving.settings import ServerSettings
from mockaxle.world.commands.done import Moment
from mockaxle.world.commands.rows import ROW_OF
from mockaxle.world.entries import Exchange, Principal, Request, Response
from mockaxle.world.value import World
from tests.calling import JSON, Caller, onboarding
from tests.clocks import START, ManualClock
from tests.core.markets import daily

TIMES, MOST = 10, 1.3
TRIES = 30
FITTING = 50
"""A tenth of the entries whose log fits the processor's cache, beyond which each entry costs more."""

Work = Callable[[], object]
Prepare = Callable[[int], Work]

FULL = "full_asset_schedule_control"


pytestmark = pytest.mark.usefixtures("no_collector")


def seconds(works: list[Work], *, times: int) -> float:
    """Units: seconds of processor time."""
    began = process_time()
    for _ in range(times):
        for work in works:
            work()
    return process_time() - began


def check(prepare: Prepare, few: int, *, times: int = 1) -> None:
    """Compare the least costs of `few` ten times over and of ten times as many at once, measured in turns."""
    small, large = [prepare(few) for _ in range(TIMES)], prepare(TIMES * few)
    small[0]()
    of_small, of_large = [], []
    for _ in range(TRIES):
        of_small += [seconds(small, times=times) for _ in range(2)]
        of_large += [seconds([large], times=times) for _ in range(2)]
        if min(of_large) <= MOST * min(of_small):
            break
    assert min(of_large) <= MOST * min(of_small)


def caller(**settings: Any) -> Caller:
    return Caller(create_app(ServerSettings(**settings), clock=ManualClock()).api)


def half_hours(number: int) -> tuple[str, str]:
    """The ends of the half-hour of a number."""
    start = START + number * timedelta(minutes=30)
    return spell_utc(start), spell_utc(start + timedelta(minutes=30))


SCHEDULES: Mapping[str, Callable[[int], tuple[str, str]]] = {
    "apart": lambda number: half_hours(2 * number),
    "touching": half_hours,
    "backwards": lambda number: half_hours(-number),
    "all the same": lambda number: half_hours(0),
    "one in the other": lambda number: (half_hours(number)[0], half_hours(5_000 - number)[1]),
    "ends before it starts": lambda number: half_hours(number)[::-1],
    "no instants": lambda number: ("night", "day"),
}


@pytest.mark.parametrize("shape", SCHEDULES)
def test_blocks_of_a_schedule(shape: str) -> None:
    acme = caller()
    asset_id = acme.onboard().json["assets"][0]["asset_id"]

    def prepare(size: int) -> Work:
        pairs = [SCHEDULES[shape](number) for number in range(size)]
        blocks = [{"start_timestamp": start, "end_timestamp": end} for start, end in pairs]
        body = json.dumps({"charging_schedule": blocks}).encode()
        return lambda: acme.post(f"/entities/asset/{asset_id}/event/plug-in-schedule", raw=body)

    check(prepare, 100)


def test_withdrawals_that_fail_at_the_same_noon() -> None:
    account = {"sort_code": "10-00-10", "account_ending": "5678"}

    def prepare(size: int) -> Work:
        sites = [
            {"mpan": f"{10**12 + n:013}", "email": "a@b", "balance_pence": 9, "bank_account": account}
            for n in range(size)
        ]
        scenario = Scenario.model_validate({"sites": sites, "settings": {"minimum_withdrawal_pence": 1}})
        state = blueprint(scenario).state(b"seed", now=START)
        for site_id in state.site_order.page(0, limit=size):
            state = withdraw(state, site_id, username="acme", now=START).state
        return lambda: settle(state, now=START + timedelta(days=9))

    check(prepare, 100)


@pytest.mark.parametrize("kind", ["single", "daily"])
def test_windows_of_a_market(kind: str) -> None:
    schedule = read_schedule([half_hours(3 * number) for number in range(200)])

    def prepare(size: int) -> Work:
        if kind == "daily":
            market = Market(daily=tuple(daily(f"{n // 60:02}:{n % 60:02}", "12:00", str(n)) for n in range(size)))
        else:
            starts = [START + number * timedelta(hours=1) for number in range(size)]
            market = Market(single=tuple(SingleWindow(at, at + timedelta(hours=1), Decimal(1)) for at in starts))

        def work() -> None:
            price_table.cache_clear()
            optimise(schedule, market, pause=timedelta(minutes=30))

        return work

    check(prepare, 10, times=3)


def entries(size: int) -> list[tuple[int, Exchange]]:
    who = Principal("acme", "acme", 1)

    def entry(number: int) -> Exchange:
        if number % 4:
            request = Request("GET", f"/entities/site/{number}")
            return Exchange(START, START, who, "GET /entities/site/{site_id}", request, Response(200, b"{}"))
        body = json.dumps(onboarding(site={"mpan": f"{number:013}"})).encode()
        request = Request("POST", "/entities/site/onboard", body=body)
        return Exchange(START, START, who, "POST /entities/site/onboard", request, Response(200, b"{}"))

    return [(number, entry(number)) for number in range(1, size + 1)]


CALLS: Mapping[str, Callable[[int], dict[str, Any]]] = {
    "found": lambda n: {"operation": "POST /entities/site/onboard", "body": {"/site/mpan": f"{4 * n + 4:013}"}},
    "missing": lambda n: {"operation": "POST /entities/site/onboard", "body": {"/site/mpan": f"{4 * n + 5:013}"}},
    "other bodies": lambda n: {"body": {"/site/mpan": f"{4 * n:013}", "/site/postcode": "M1 1AE", f"/assets/{n}": {}}},
    "paths": lambda n: {"path": f"*/{n}", "status": 200},
}


@pytest.mark.parametrize("grows", ["entries", "calls", "both"])
@pytest.mark.parametrize("shape", CALLS)
def test_entries_and_calls_of_a_verification(grows: str, shape: str) -> None:
    def prepare(size: int) -> Work:
        log = entries(FITTING * size if grows != "calls" else 1_000)
        calls = [CALLS[shape](number) for number in range(size if grows != "entries" else 10)]
        body = VERIFY.validate_json(json.dumps({"calls": calls}))
        return lambda: written(verify(body, log, dropped=0))

    check(prepare, 10)


@pytest.mark.parametrize("grows", ["entries", "calls"])
def test_entries_and_calls_whose_verification_lists_all_entries(grows: str) -> None:
    def prepare(size: int) -> Work:
        log = entries(FITTING * size if grows == "entries" else 1_000)
        calls = [
            {"operation": "POST /entities/site/onboard", "count": n} for n in range(size if grows == "calls" else 10)
        ]
        body = VERIFY.validate_json(json.dumps({"calls": calls}))
        return lambda: written(verify(body, log, dropped=0))

    check(prepare, 10)


@pytest.mark.parametrize("wanted", [Filter(text="no such"), Filter(site="no such"), Filter(status=503), Filter()])
def test_entries_of_a_log_that_is_filtered(wanted: Filter) -> None:
    def prepare(size: int) -> Work:
        log = entries(size)
        return lambda: [number for number, entry in log if wanted.takes(entry)]

    check(prepare, 300, times=5)


@pytest.mark.parametrize("format", FORMS)
def test_entries_of_a_log_that_is_exported(format: Any) -> None:
    def prepare(size: int) -> Work:
        acme = caller()
        recording = Recording("acme", dump_base(acme.world, whole=True), tuple(entry for _, entry in entries(size)))
        return lambda: "".join(FORMS[format].write(recording))

    check(prepare, 100)


FAULTS = {
    "met": {"kind": "status", "nth": 10**6},
    "of other calls": {"kind": "status", "operation": "GET /auth/users/me/"},
    "of other paths": {"kind": "status", "path": "*a*b*c*"},
    "of other sites": {"kind": "status", "site": "1000000000000"},
    "rate limits": {"kind": "rate_limit", "calls": 10**6, "per_seconds": 60},
}


def grown(world: World, key: str, bodies: list[Any]) -> World:
    """The world after commands."""
    row = ROW_OF[key]
    for body in bodies:
        typed = row.read(json.dumps(body).encode(), "application/json")
        done, _ = row.carry_out(world, typed, Moment(START, START, {}))
        world = done.world
    return world


@pytest.mark.parametrize("fault", FAULTS)
def test_faults_of_a_world(fault: str) -> None:
    def prepare(size: int) -> Work:
        acme = caller()
        hosted = acme.api.worlds.find("acme")
        assert hosted
        hosted.world = grown(hosted.world, "POST /faults", [FAULTS[fault]] * size)
        return lambda: acme.get("/entities/site?limit=1")

    check(prepare, 10, times=5)


def test_requests_that_meet_faults() -> None:
    def prepare(size: int) -> Work:
        acme = caller()
        hosted = acme.api.worlds.find("acme")
        assert hosted
        hosted.world = grown(hosted.world, "POST /faults", [FAULTS["met"]] * 20)
        return lambda: [acme.get("/entities/site?limit=1") for _ in range(size)]

    check(prepare, 10)


PROBLEMS: Mapping[str, Callable[[int], dict[str, Any]]] = {
    "wrong values": lambda n: {"mpan": f"{n}", "postcode": "M1 1AE"},
    "unknown keys": lambda n: {"mpan": f"{n:013}", "postcode": "M1 1AE", f"key{n}": 1},
    "repeated": lambda n: {"mpan": f"{n // 2:013}", "postcode": "M1 1AE"},
    "none": lambda n: {"mpan": f"{n:013}", "postcode": "M1 1AE"},
}


def in_toml(rows: list[dict[str, Any]]) -> str:
    return "\n".join("[[sites]]\n" + "\n".join(f"{key} = {json.dumps(row[key])}" for key in row) for row in rows)


@pytest.mark.parametrize("shape", PROBLEMS)
@pytest.mark.parametrize("format", ["toml", "json"])
def test_problems_of_a_scenario_with_its_text(format: Any, shape: str) -> None:
    def prepare(size: int) -> Work:
        rows = [PROBLEMS[shape](number) for number in range(size)]
        text = (in_toml(rows) if format == "toml" else json.dumps({"sites": rows}, indent=1)).encode()

        def work() -> None:
            try:
                read_scenario(text, name="f", format=format)
            except ScenarioRefused as refused:
                str(refused)

        return work

    check(prepare, 150)


def test_sites_of_a_scenario() -> None:
    def prepare(size: int) -> Work:
        sites = [
            {"mpan": f"{number:013}", "postcode": "M1 1AE", "street_address": f"{number % 9} Canal Row"}
            for number in range(size)
        ]
        assets = [{"site": one["mpan"], "external_id": one["mpan"], "type": "charger"} for one in sites]
        data = json.dumps({"sites": sites, "assets": assets}).encode()
        plan = blueprint(read_scenario(data, name="f", format="json"))
        return lambda: dump(plan.state(b"seed", now=START), clock=None)

    check(prepare, 300)


@pytest.mark.parametrize("place", ["apart", "at one site"])
def test_assets_of_a_scenario(place: str) -> None:
    def prepare(size: int) -> Work:
        sites = [{"mpan": f"{number:013}"} for number in range(size)]
        start_at, end_at = half_hours(2)
        pause = {"start_at": start_at, "end_at": end_at, "price_gbp_per_mwh": 1, "rate_kw": 7}
        of_asset = [site["mpan"] if place == "apart" else sites[0]["mpan"] for site in sites]
        assets = [
            {"site": mpan, "external_id": f"{number}", "type": "charger", "pauses": [pause]}
            for number, mpan in enumerate(of_asset)
        ]
        data = json.dumps({"sites": sites, "assets": assets}).encode()
        plan = blueprint(read_scenario(data, name="f", format="json"))
        return lambda: plan.state(b"seed", now=START)

    check(prepare, 300)


@pytest.mark.parametrize("again", [False, True])
def test_assets_of_an_onboarding(again: bool) -> None:
    acme, names = caller(), count()

    def prepare(size: int) -> Work:
        kept = next(names)

        def work() -> None:
            name = kept if again else next(names)
            assets = [{"external_id": f"{name}-{number}", "type": "charger"} for number in range(size)]
            assert acme.onboard(site={"mpan": f"{name:013}"}, assets=assets).status == 200

        return work

    check(prepare, 100)


def reading(asset_id: str, start: str, end: str, *, label: str) -> dict[str, Any]:
    return {"asset_id": asset_id, "start_timestamp": start, "end_timestamp": end, "value": 1, "label": label}


LABELS = ("boundary_import_kw", "boundary_lifetime_import_energy_kwh")


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("step", [1, -1])
def test_readings_of_a_call(label: str, step: int) -> None:
    acme = caller()
    asset_id = acme.onboard().json["assets"][0]["asset_id"]

    def prepare(size: int) -> Work:
        ends = [half_hours(number) for number in range(size)][::step]
        readings = [reading(asset_id, *pair, label=label) for pair in ends]
        body = json.dumps({"readings": readings}).encode()
        return lambda: acme.post("/data/readings", raw=body)

    check(prepare, 200)


def test_calls_that_add_readings_to_one_register() -> None:
    acme, numbers = caller(), count()
    asset_id = acme.onboard().json["assets"][0]["asset_id"]

    def prepare(size: int) -> Work:
        def work() -> None:
            for _ in range(size):
                start, end = half_hours(next(numbers))
                acme.post("/data/readings", {"readings": [reading(asset_id, start, end, label=LABELS[1])]})

        return work

    check(prepare, 20)


def test_pages_of_sites() -> None:
    def prepare(size: int) -> Work:
        acme = caller()
        for number in range(size):
            acme.onboard(site={"mpan": f"{number:013}", "street_address": f"{number} Canal Row"}, assets=[])
        return lambda: [acme.get(f"/entities/site?limit=10&offset={offset}") for offset in range(0, size, 10)]

    check(prepare, 60)


def test_worlds_that_are_opened() -> None:
    api, names = create_app(ServerSettings(max_worlds=10**6)).api, count()

    def prepare(size: int) -> Work:
        return lambda: [Caller(api, f"world-{next(names)}") for _ in range(size)]

    check(prepare, 20)


def test_worlds_that_are_dropped_for_others() -> None:
    names = count()

    def prepare(size: int) -> Work:
        api = create_app(ServerSettings(max_worlds=size)).api
        for _ in range(size):
            Caller(api, f"world-{next(names)}")
        return lambda: [Caller(api, f"world-{next(names)}") for _ in range(size)]

    check(prepare, 20)


def test_accounts_of_a_world() -> None:
    api, names = create_app(ServerSettings(max_worlds=10**6)).api, count()

    def prepare(size: int) -> Work:
        async def add(name: str) -> None:
            for number in range(size):
                await api.worlds.add_account(name, AccountSection(username=f"{name}-{number}"))

        def work() -> None:
            owner = Caller(api, f"world-{next(names)}")
            asyncio.run(add(owner.username))
            assert owner.get("/auth/users/me/").status == 200

        return work

    check(prepare, 90)


def test_log_ins_of_one_account() -> None:
    acme = caller()

    def prepare(size: int) -> Work:
        return lambda: [acme.log_in() for _ in range(size)]

    check(prepare, 30)


def test_snapshots_of_a_world() -> None:
    acme = caller()
    acme.onboard()

    def prepare(size: int) -> Work:
        bodies = [{"name": f"{number}"} for number in range(size)]
        return lambda: grown(acme.world, "POST /snapshots", bodies)

    check(prepare, 10, times=5)


def test_requests_that_reach_no_world() -> None:
    api = create_app().api

    def prepare(size: int) -> Work:
        return lambda: [api.attempt(Request("GET", f"/{number}")) for number in range(size)]

    check(prepare, 100)


HEADS: Mapping[str, Callable[[int], Request]] = {
    "query": lambda size: Request("GET", "/entities/site", "&".join(f"a{number}=1" for number in range(size))),
    "headers": lambda size: Request("GET", "/entities/site", headers=tuple((b"x-%d" % n, b"") for n in range(size))),
    "path": lambda size: Request("GET", "/a" * size),
    "tokens in a query": lambda size: Request("GET", "/entities/site", "a=" + "eyJ.a.b+" * size),
    "unknown keys": lambda size: Request(
        "POST", "/entities/site/onboard", headers=(JSON,), body=json.dumps({f"k{n}": n for n in range(size)}).encode()
    ),
    "escapes": lambda size: Request("POST", "/entities/site/onboard", headers=(JSON,), body=b'{"a":"' + b"\\n" * size),
    "lines": lambda size: Request("POST", "/entities/site/onboard", headers=(JSON,), body=b"\n" * size + b"x"),
}


@pytest.mark.parametrize("part", HEADS)
def test_parts_of_a_request(part: str) -> None:
    acme = caller()

    def prepare(size: int) -> Work:
        request = HEADS[part](size)
        authorization = (b"authorization", f"Bearer {acme.token}".encode())
        request = request._replace(headers=(*request.headers, authorization))
        return lambda: acme.api.attempt(request)

    check(prepare, 500, times=3)


def test_events_of_home_assistant() -> None:
    acme = caller()

    def prepare(size: int) -> Work:
        bodies = [
            {"start_time": half_hours(number)[0], "end_time": half_hours(number)[1], "import_export": "import"}
            for number in range(size)
        ]
        return lambda: grown(acme.world, "POST /home-assistant-events", bodies)

    check(prepare, 30)


def test_prices_of_a_market() -> None:
    acme = caller()

    def prepare(size: int) -> Work:
        prices = [{"at": half_hours(number)[0], "price_gbp_per_mwh": 1} for number in range(size)]
        return lambda: grown(acme.world, "POST /market/prices", [{"prices": prices}])

    check(prepare, 300)


def test_plans_that_are_made_anew_and_listed() -> None:
    acme = caller()
    assets = [{"external_id": f"{number}", "type": "charger"} for number in range(300)]
    ids = [one["asset_id"] for one in acme.onboard(proposition=FULL, assets=assets).json["assets"]]
    for asset_id in ids:
        acme.post(f"/entities/asset/{asset_id}/event/plug-in", {})

    def prepare(size: int) -> Work:
        def work() -> None:
            world = grown(acme.world, "POST /replan", [{"assets": ids[:size]}])
            page(world.state, MessageQuery(after=acme.world.state.outbox.made), now=EPOCH)

        return work

    check(prepare, 30)


def test_assets_of_a_dispatch() -> None:
    acme = caller()
    assets = [{"external_id": f"{number}", "type": "battery"} for number in range(1000)]
    made = acme.onboard(proposition=FULL, assets=[{"external_id": "c", "type": "charger"}, *assets]).json["assets"][1:]

    def prepare(size: int) -> Work:
        listed = [{"asset_id": one["asset_id"], "power_kw": 1} for one in made[:size]]
        times = {"start_time": half_hours(0)[0], "end_time": half_hours(0)[1], "short_notice": True}
        return lambda: grown(acme.world, "POST /dispatches", [{**times, "assets": listed}])

    check(prepare, 100)
