"""A world per organisation: bounded, and found by credential only."""

import asyncio

import pytest

from mockaxle.app import create_app
from mockaxle.core.accounts import AccountKind
from mockaxle.scenarios.sections import AccountSection
from mockaxle.serving.settings import ServerSettings
from mockaxle.world.commands.refusals import UsernameTaken, WorldGone
from tests.calling import Caller
from tests.clocks import ManualClock
from tests.commanding import carry_out, carrying_out


def test_beyond_the_limit_the_longest_unused_world_goes_and_it_is_said() -> None:
    gone: list[str] = []
    api = create_app(ServerSettings(max_worlds=2), on_drop=gone.append).api
    first, second = Caller(api, "first"), Caller(api, "second")
    first.get("/auth/users/me/")
    Caller(api, "third")
    assert gone == ["second"]
    assert second.get("/auth/users/me/").status == 401
    assert first.get("/auth/users/me/").status == 200


def test_a_token_of_a_world_let_go_stays_dead_when_its_name_comes_back() -> None:
    api = create_app(ServerSettings(max_worlds=1)).api
    alice = Caller(api, "alice")
    Caller(api, "bob")
    again = Caller(api, "alice")
    assert alice.token != again.token
    assert alice.get("/auth/users/me/").status == 401
    assert again.get("/auth/users/me/").status == 200


def test_a_refused_log_in_opens_no_world() -> None:
    api = create_app().api
    Caller(api, "acme", log_in=False).log_in("wrong")
    assert len(api.worlds) == 0
    assert [exchange.response.status for exchange in api.unmatched] == [401]


def test_what_reaches_no_world_is_kept_in_bounds_and_without_bodies() -> None:
    api = create_app().api
    caller = Caller(api)
    for _ in range(1500):
        caller.post("/nowhere?token=hunter2", {"password": "hunter2"})
    assert len(api.unmatched) == 1000
    assert {exchange.request.body for exchange in api.unmatched} == {b""}
    assert {exchange.request.query for exchange in api.unmatched} == {""}


def test_the_header_of_rules_can_be_switched_off() -> None:
    caller = Caller(create_app(ServerSettings(rules_header=False)).api)
    assert caller.get("/auth/users/me/").header("x-mockaxle-rules") is None


def test_a_guests_username_is_free_again_when_the_world_is_gone() -> None:
    api = create_app().api
    Caller(api, "acme")
    asyncio.run(api.worlds.add_account("acme", AccountSection(username="guest", kind=AccountKind.READ_ONLY)))
    assert Caller(api, "guest").get("/entities/site").status == 200
    assert api.worlds.names() == ("acme",)
    api.worlds.drop("acme")
    Caller(api, "guest")
    assert api.worlds.names() == ("guest",)


def test_when_the_machines_clock_steps_back_no_entry_is_lost() -> None:
    clock = ManualClock()
    api = create_app(clock=clock).api
    caller = Caller(api, "acme")
    caller.onboard()
    clock.advance(seconds=-10)
    carry_out(api.worlds, "acme", "PATCH /settings", {"pause_minutes": 60})
    hosted = api.worlds.find("acme")
    assert hosted
    instants = [entry.at for entry in hosted.log]
    assert len(instants) == 3
    assert instants == sorted(instants)


def test_a_clock_that_is_reset_to_an_earlier_instant_begins_the_log_anew() -> None:
    clock = ManualClock()
    api = create_app(clock=clock).api
    caller = Caller(api, "acme")
    carry_out(api.worlds, "acme", "POST /clock/advance", {"by": "1d"})
    carry_out(api.worlds, "acme", "POST /reset", {"what": ["clock"]})
    caller.get("/auth/users/me/")
    hosted = api.worlds.find("acme")
    assert hosted
    assert [entry.at for entry in hosted.log] == [clock.at]


def test_a_world_that_is_controlled_is_in_use() -> None:
    gone: list[str] = []
    api = create_app(ServerSettings(max_worlds=2), on_drop=gone.append).api
    for name in ("first", "second"):
        Caller(api, name)
    carry_out(api.worlds, "first", "POST /clock/advance", {"by": "1s"})
    Caller(api, "third")
    assert gone == ["second"]


def test_the_admin_token_is_not_in_the_settings_words() -> None:
    assert "TOPSECRET" not in repr(ServerSettings(admin_token="TOPSECRET"))


def test_a_command_on_a_world_that_is_gone_meanwhile_does_nothing_to_its_successor() -> None:
    api = create_app().api
    Caller(api, "acme")
    scenario = {"portfolios": [{"name": "p", "count": 20000}]}

    async def race() -> None:
        load = asyncio.create_task(carrying_out(api.worlds, "acme", "PUT /scenario", scenario))
        await asyncio.sleep(0)
        api.worlds.drop("acme")
        Caller(api, "acme")
        with pytest.raises(WorldGone):
            await load

    asyncio.run(race())
    hosted = api.worlds.find("acme")
    assert hosted
    assert (len(hosted.world.state.sites), len(hosted.log)) == (0, 1)


def test_a_scenarios_account_that_was_taken_meanwhile_leaves_all_as_it_was() -> None:
    api = create_app().api
    Caller(api, "acme")
    Caller(api, "zed")
    accounts = [{"username": "ada"}, {"username": "zed"}]
    scenario = {"portfolios": [{"name": "p", "count": 3}], "accounts": accounts}
    with pytest.raises(UsernameTaken):
        carry_out(api.worlds, "acme", "PUT /scenario", scenario)
    hosted = api.worlds.find("acme")
    assert hosted
    assert (len(hosted.world.state.sites), set(hosted.accounts), len(hosted.log)) == (0, {"acme"}, 1)
