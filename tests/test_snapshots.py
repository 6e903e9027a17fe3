"""Snapshots, forks and rewinding: the same answers to the same calls, at no cost that grows with the world."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockaxle.app import create_app
from mockaxle.scenarios.shipped import shipped
from mockaxle.serving.settings import ServerSettings
from mockaxle.world.commands.refusals import CommandRefused, EntryNotKept, SnapshotUnknown, UsernameTaken
from mockaxle.world.entries import Command
from mockaxle.world.log import CHUNK_ENTRIES
from tests.calling import Answer, Caller
from tests.commanding import carry_out
from tests.living import Life, Step, calls, fresh_life, steps
from tests.replaying import replay

OF_TOKENS_AND_SNAPSHOTS = ("/tokens", "/snapshots")


def leaves_tokens_alone(step: Step) -> bool:
    """Tokens and snapshots stay when a state is brought back, so a second life may see those of the first."""
    kind, detail = step
    return kind not in ("log in", "who") and not (
        kind == "command" and detail[0].partition(" ")[2].startswith(OF_TOKENS_AND_SNAPSHOTS)
    )


quiet = st.lists(calls.filter(leaves_tokens_alone), max_size=12)


def frozen(before: list[Step]) -> Life:
    """A life on a clock that stands, just logged in."""
    life = fresh_life().live(before)
    command(life, "POST /reset", {"what": ["faults"]})  # a log-in would count among awkward answers
    command(life, "PUT /clock", {"rate": 0})
    life.take(("log in", "secret"))
    return life


def command(life: Life, key: str, body: Any = None, /, **path: str) -> Any:
    return carry_out(life.caller.api.worlds, life.caller.username, key, body, **path)


def answers(life: Life, steps: list[Step]) -> list[Answer | None]:
    return [life.take(step) for step in steps]


@pytest.mark.property
@settings(max_examples=150)
@given(steps, quiet)
def test_a_restored_world_gives_the_same_answers_to_the_same_calls(before: list[Step], after: list[Step]) -> None:
    life = frozen(before)
    command(life, "POST /snapshots", {"name": "kept"})
    ids = dict(life.ids)
    first, world = answers(life, after), life.caller.world
    command(life, "POST /snapshots/{name}/restore", name="kept")
    life.ids = ids
    assert answers(life, after) == first
    assert life.caller.state == world.state
    assert life.caller.world.faults == world.faults


def forked(caller: Caller, *, snapshot: str | None = None, username: str | None = None) -> tuple[str, str]:
    """The username and password of a fork of the caller's world."""
    return asyncio.run(caller.api.worlds.fork("acme", snapshot=snapshot, username=username))


@pytest.mark.property
@settings(max_examples=150)
@given(steps, quiet)
def test_a_fork_gives_the_same_answers_to_the_same_calls(before: list[Step], after: list[Step]) -> None:
    life = frozen(before)
    username, password = forked(life.caller)
    other = Life(life.caller.api, life.clock, username)
    other.caller.token = other.caller.log_in(password).json["access_token"]
    other.ids = dict(life.ids)
    state = life.caller.state
    first = answers(other, after)
    assert life.caller.state == state
    assert answers(life, after) == first


@pytest.mark.property
@settings(max_examples=150)
@given(steps, st.integers(1, 20))
def test_a_rewound_world_is_as_it_was_and_its_log_still_leads_to_it(steps: list[Step], number: int) -> None:
    life = fresh_life()
    worlds = [life.caller.world]
    for step in steps:
        life.take(step)
        worlds += [life.caller.world] * (len(life.log) - len(worlds))
    number = min(number, len(life.log))
    expected, log = replay("acme", life.log[: number - 1])[0], life.log
    command(life, "POST /rewind", {"before": number})
    world = life.caller.world
    assert (world.state, world.faults, world.snapshots) == (expected.state, expected.faults, expected.snapshots)
    assert life.log[: number - 1] == log[: number - 1]
    assert replay("acme", life.log)[0] == world


def test_a_clock_that_was_set_shows_the_snapshots_instant_again() -> None:
    life = frozen([])
    at = command(life, "POST /snapshots", {"name": "noon"})["at"]
    command(life, "POST /clock/advance", {"by": "1h"})
    assert command(life, "POST /snapshots/{name}/restore", name="noon")["now"] == at


def test_a_clock_that_nobody_set_goes_on() -> None:
    life = fresh_life()
    command(life, "POST /snapshots", {"name": "noon"})
    life.clock.advance(hours=2)
    assert command(life, "POST /snapshots/{name}/restore", name="noon")["now"] == "2026-01-20T14:00:00+00:00"


def test_a_reset_after_a_restore_brings_back_the_snapshots_own_beginning() -> None:
    life = fresh_life()
    command(life, "POST /snapshots", {"name": "empty"})
    command(life, "PUT /scenario", {"sites": [{"mpan": "1000000000012"}]})
    command(life, "POST /snapshots/{name}/restore", name="empty")
    command(life, "POST /reset", {"what": ["state"]})
    assert len(life.caller.state.sites) == 0


def test_a_snapshot_of_the_same_name_takes_its_place_and_a_hundred_are_enough() -> None:
    life = fresh_life()
    for number in [*range(100), 99]:
        command(life, "POST /snapshots", {"name": str(number)})
    with pytest.raises(CommandRefused, match="100 snapshots"):
        command(life, "POST /snapshots", {"name": "one more"})
    with pytest.raises(SnapshotUnknown):
        command(life, "POST /snapshots/{name}/restore", name="one more")


def test_a_fork_takes_no_name_that_is_taken_and_no_snapshot_that_is_not_there() -> None:
    caller = Caller(create_app().api)
    assert [forked(caller)[0] for _ in range(2)] == ["acme-fork-1", "acme-fork-2"]
    with pytest.raises(UsernameTaken):
        forked(caller, username="acme")
    with pytest.raises(SnapshotUnknown):
        forked(caller, snapshot="none", username="other")
    assert caller.api.worlds.find("other") is None


def test_off_loopback_a_forks_password_is_needed() -> None:
    api = create_app(ServerSettings(host="192.0.2.1")).api
    username, password = forked(Caller(api))
    caller = Caller(api, username, log_in=False)
    assert [caller.log_in(one).status for one in ("guess", password)] == [401, 200]


@pytest.mark.parametrize("number", [3, 10**9])
def test_only_to_an_entry_that_is_kept_can_a_world_be_rewound(number: int) -> None:
    life = fresh_life().live([("who", None)])
    log = life.log
    with pytest.raises(EntryNotKept):
        command(life, "POST /rewind", {"before": number})
    assert life.log == log


def test_a_rewind_keeps_the_log_also_where_the_machines_clock_went_back() -> None:
    life = fresh_life()
    command(life, "POST /snapshots", {"name": "one"})
    command(life, "PUT /clock", {"at": "2030-01-01T00:00:00Z"})
    command(life, "POST /snapshots", {"name": "two"})
    life.clock.advance(seconds=-100)
    command(life, "POST /rewind", {"before": 3})
    assert [entry.key for entry in life.log if isinstance(entry, Command)] == ["POST /snapshots", "POST /rewind"]


def fastest(act: Callable[[], Any], times: int = 30) -> float:
    """Units: seconds; the least, since the machine is shared."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        act()
        taken.append(time.perf_counter() - began)
    return min(taken)


def seconds_in_a_world_of(scenario: str) -> list[float]:
    """What a snapshot, its restoration and a fork of it take."""
    worlds = Caller(create_app(scenario=shipped(scenario)).api).api.worlds
    with asyncio.Runner() as runner:
        return [
            fastest(lambda: carry_out(worlds, "acme", "POST /snapshots", {"name": "all"})),
            fastest(lambda: carry_out(worlds, "acme", "POST /snapshots/{name}/restore", name="all")),
            fastest(lambda: runner.run(worlds.fork("acme", snapshot="all", username=None))),
        ]


def test_each_takes_as_long_whatever_the_size() -> None:
    few, many = seconds_in_a_world_of("default"), seconds_in_a_world_of("ten-thousand-sites")
    assert [(a, b) for a, b in zip(few, many, strict=True) if b > 10 * a] == []


def test_rewinding_a_long_log_repeats_no_more_than_a_chunk() -> None:
    life = fresh_life()
    for _ in range(3 * CHUNK_ENTRIES):
        life.caller.get("/auth/users/me/")
    repeated = [len(life.hosted.log.leading_to(number)[1]) for number in range(1, len(life.log) + 1)]
    assert len(repeated) > 3 * CHUNK_ENTRIES
    assert max(repeated) < CHUNK_ENTRIES


def test_a_log_that_is_let_go_when_the_clock_goes_back_is_counted() -> None:
    life = fresh_life()
    life.caller.onboard()
    command(life, "PUT /clock", {"at": "2030-01-01T00:00:00+00:00"})
    command(life, "POST /snapshots", {"name": "then"})
    life.clock.advance(hours=1)
    command(life, "POST /snapshots/{name}/restore", name="then")
    hosted = life.caller.api.worlds.find("acme")
    assert hosted
    assert (hosted.log.dropped, len(hosted.log)) == (5, 0)
