"""What a client can make a server keep is bounded."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from mockaxle.app import App
from mockaxle.core.accounts import ORGANISATION, Tokens, issue
from mockaxle.core.limits import MAX_TOKENS, MAX_UNMATCHED_TEXT, MAX_USERNAME, MAX_WORLD_ACCOUNTS
from mockaxle.scenarios.sections import AccountSection
from mockaxle.serving.hosted_world import HostedWorld, LogBudget
from mockaxle.serving.waiting import ClientGone, to_the_end, unless_gone
from mockaxle.world.commands.refusals import WorldAccountsFull
from mockaxle.world.entries import Exchange, Request, Response
from mockaxle.world.log import CHUNK_ENTRIES, Log, weigh
from mockaxle.world.value import World
from tests.calling import JSON, Caller, answered
from tests.commanding import carry_out
from tests.control.controlling import Controller, controllers

controller = pytest.fixture(controllers)
NOW = datetime(2026, 1, 20, tzinfo=UTC)


def world(name: str, number: int) -> World:
    """Stands for the state of a world after so many entries."""
    state: Any = number
    return World(name, state, state)


def entry(number: int, size: int) -> Exchange:
    return Exchange(NOW, NOW, None, None, Request("GET", f"/{number}", body=bytes(size)), Response(200))


def fill(hosted: HostedWorld, budget: LogBudget, *, count: int, size: int = 1000) -> None:
    """Writes to a world's log, whose entry n leads from state n to state n + 1."""
    for _ in range(count):
        before = hosted.world
        number: Any = before.state
        hosted.log.append(entry(number, size), before=before)
        hosted.world = world(before.name, number + 1)
        budget.weigh(hosted)


def hosted_worlds(count: int) -> list[HostedWorld]:
    return [HostedWorld(first := world(f"w{n}", 0), Log(first), NOW, n, {}) for n in range(count)]


def is_whole(hosted: HostedWorld) -> bool:
    numbers = [int(one.request.path[1:]) for one in hosted.log if isinstance(one, Exchange)]
    state: Any = hosted.log.base.state
    end: Any = hosted.world.state
    return numbers == list(range(state, end)) and hosted.log.dropped == state


LIMIT = 1_000_000
KEPT = LIMIT // weigh(entry(1, 1000))


def test_the_logs_of_all_worlds_have_one_budget_and_stay_whole() -> None:
    budget, (idle, busy, last) = LogBudget(LIMIT), hosted_worlds(3)
    fill(idle, budget, count=KEPT // 2)
    fill(busy, budget, count=KEPT)
    fill(last, budget, count=KEPT // 4)
    assert len(idle.log) == 0
    assert KEPT / 2 < len(busy.log) < KEPT
    assert len(last.log) == KEPT // 4
    assert budget.size == sum(hosted.log.size for hosted in (idle, busy, last)) <= LIMIT
    assert all(is_whole(hosted) for hosted in (idle, busy, last))


def test_a_log_that_gave_way_goes_on_from_where_the_world_is() -> None:
    budget, (one, other) = LogBudget(LIMIT), hosted_worlds(2)
    fill(one, budget, count=10)
    fill(other, budget, count=KEPT)
    assert len(one.log) == 0
    fill(one, budget, count=3)
    assert (len(one.log), one.log.dropped) == (3, 10)
    assert is_whole(one)
    assert is_whole(other)


def test_one_entry_beyond_the_budget_is_not_kept() -> None:
    budget, (one,) = LogBudget(LIMIT), hosted_worlds(1)
    fill(one, budget, count=CHUNK_ENTRIES + 2)
    fill(one, budget, count=1, size=2 * LIMIT)
    assert (len(one.log), budget.size) == (0, 0)
    assert is_whole(one)


def test_a_world_that_is_dropped_gives_its_part_of_the_budget_back(app: App) -> None:
    for name in ("one", "two"):
        Caller(app.api, name).onboard()
    worlds = app.api.worlds
    first = worlds.find("one")
    assert first
    assert worlds._logs.size == 2 * first.log.size
    worlds.drop("two")
    assert worlds._logs.size == first.log.size


def test_the_beginnings_of_unmatched_calls_are_kept(app: App) -> None:
    headers = ((b"user-agent", b"a" * 60_000),) * 100
    for path in ("/nowhere/" + "a" * 60_000, "/entities/site/" + "a" * 60_000 + "/"):
        answered(app.api, Request("GET", path, headers=headers))
        kept = app.api.unmatched[-1]
        assert len(kept.request.path) == MAX_UNMATCHED_TEXT
        assert weigh(kept) < 12 * MAX_UNMATCHED_TEXT
        assert all(len(value) <= MAX_UNMATCHED_TEXT for _, value in kept.response.headers)
        assert len(kept.response.why.hint) <= MAX_UNMATCHED_TEXT


def test_a_world_has_at_most_1000_accounts(app: App) -> None:
    Caller(app.api, "acme")
    worlds = app.api.worlds
    for number in range(MAX_WORLD_ACCOUNTS - 1):
        asyncio.run(worlds.add_account("acme", AccountSection(username=f"guest-{number}")))
    refused = "The world has 1000 accounts; at most 1000 are allowed. Use the existing accounts, or another world"
    with pytest.raises(WorldAccountsFull) as one:
        asyncio.run(worlds.add_account("acme", AccountSection(username="guest")))
    with pytest.raises(WorldAccountsFull) as other:
        carry_out(worlds, "acme", "PUT /scenario", {"accounts": [{"username": "guest"}]})
    assert one.value.text == other.value.text == refused


def test_further_names_have_at_most_200_characters(controller: Controller) -> None:
    name = f"{controller.username}-{'n' * MAX_USERNAME}"
    for path in ("/accounts", "/fork"):
        answer = controller.control("POST", path, {"username": name})
        assert (answer.status_code, answer.json()["detail"]) == (422, "username: must have at most 200 characters")
        assert controller.control("POST", path, {"username": name[:MAX_USERNAME]}).status_code in (200, 409)


def test_a_fork_of_the_longest_name_has_a_name_that_is_found(app: App) -> None:
    Caller(app.api, "n" * MAX_USERNAME)
    username, _ = asyncio.run(app.api.worlds.fork("n" * MAX_USERNAME, snapshot=None, username=None))
    assert app.api.worlds.find(username)


def test_of_very_many_tokens_the_oldest_are_dropped() -> None:
    tokens = Tokens()
    for _ in range(MAX_TOKENS + 10):
        tokens, _ = issue(tokens, "acme", roles=ORGANISATION, now=NOW)
    assert len(tokens.grants) == MAX_TOKENS
    assert tokens.grants.get(10) is None
    assert tokens.grants.get(11) is not None


LATE = 600_000
FAULTS = [
    {"kind": "latency", "latency_ms": LATE, "moment": "before"},
    {"kind": "latency", "latency_ms": LATE, "moment": "after"},
    {"kind": "dribble", "latency_ms": LATE},
]


async def left(app: App, caller: Caller, verb: str, path: str) -> list[Any]:
    """What is sent to a client that hangs up right after its request."""
    messages = [{"type": "http.request", "body": b"{}", "more_body": False}, {"type": "http.disconnect"}]
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0) if messages else await asyncio.Future()

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", b"127.0.0.1"), (b"authorization", f"Bearer {caller.token}".encode()), JSON]
    scope = {"type": "http", "method": verb, "path": path, "raw_path": path.encode(), "query_string": b""}
    await asyncio.wait_for(app({**scope, "headers": headers, "scheme": "http", "root_path": ""}, receive, send), 60)
    return sent


@pytest.mark.rule("T1")
@pytest.mark.parametrize("fault", FAULTS)
def test_a_call_that_a_fault_holds_is_dropped_with_its_client(app: App, fault: dict[str, Any]) -> None:
    caller = Caller(app.api, "acme")
    carry_out(app.api.worlds, "acme", "POST /faults", fault)
    assert asyncio.run(left(app, caller, "GET", "/auth/users/me/")) == []


@pytest.mark.parametrize(("verb", "path"), [("GET", "/auth/users/me/"), ("POST", "/__mockaxle/world/reset")])
def test_a_call_that_waits_for_its_worlds_turn_is_dropped_with_its_client(app: App, verb: str, path: str) -> None:
    async def waiting() -> list[Any]:
        assert hosted
        async with hosted.turn:
            return await left(app, caller, verb, path)

    caller = Caller(app.api, "acme")
    hosted = app.api.worlds.find("acme")
    assert hosted
    asyncio.run(waiting())
    assert len(hosted.log) == 1


def test_waiting_ends_with_the_client_or_with_what_is_awaited() -> None:
    async def scenario() -> list[object]:
        async def receive() -> Any:
            return messages.pop(0) if messages else await asyncio.Future()

        async def answer() -> str:
            await asyncio.sleep(0)
            return "done"

        messages: list[dict[str, Any]] = []
        found: list[object] = [await unless_gone(receive, answer())]
        messages = [{"type": "http.request"}, {"type": "http.disconnect"}]
        with pytest.raises(ClientGone):
            await unless_gone(receive, asyncio.Event().wait())
        return found

    assert asyncio.run(scenario()) == ["done"]


def test_a_command_whose_client_is_gone_holds_its_world_until_its_thread_has_ended() -> None:
    async def scenario() -> list[str]:
        async def work() -> None:
            await go_on.wait()
            done.append("work")

        done: list[str] = []
        go_on = asyncio.Event()
        call = asyncio.ensure_future(to_the_end(work()))
        await asyncio.sleep(0)
        call.cancel()
        await asyncio.sleep(0)
        assert not call.done()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await call
        return done

    assert asyncio.run(scenario()) == ["work"]
