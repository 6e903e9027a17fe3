"""A world per organisation: bounded, and found by credential only."""

import asyncio

import pytest

from mockaxle.app import create_app
from mockaxle.commands.refusals import UsernameTaken, WorldGone
from mockaxle.core.accounts import AccountKind
from mockaxle.scenarios.sections import AccountSection
from mockaxle.settings import ServerSettings
from tests.calling import Caller
from tests.clocks import ManualClock
from tests.commanding import carry_out, carrying_out


def test_beyond_the_limit_the_longest_unused_world_goes_and_it_is_said() -> None:
    gone: list[str] = []
    reception = create_app(ServerSettings(max_worlds=2), on_drop=gone.append).reception
    first, second = Caller(reception, "first"), Caller(reception, "second")
    first.get("/auth/users/me/")
    Caller(reception, "third")
    assert gone == ["second"]
    assert second.get("/auth/users/me/").status == 401
    assert first.get("/auth/users/me/").status == 200


def test_a_token_of_a_world_let_go_stays_dead_when_its_name_comes_back() -> None:
    reception = create_app(ServerSettings(max_worlds=1)).reception
    alice = Caller(reception, "alice")
    Caller(reception, "bob")
    again = Caller(reception, "alice")
    assert alice.token != again.token
    assert alice.get("/auth/users/me/").status == 401
    assert again.get("/auth/users/me/").status == 200


def test_a_refused_log_in_opens_no_world() -> None:
    reception = create_app().reception
    Caller(reception, "acme", log_in=False).log_in("wrong")
    assert len(reception.worlds) == 0
    assert [exchange.response.status for exchange in reception.unmatched] == [401]


def test_what_reaches_no_world_is_kept_in_bounds_and_without_bodies() -> None:
    reception = create_app().reception
    caller = Caller(reception)
    for _ in range(1500):
        caller.post("/nowhere?token=hunter2", {"password": "hunter2"})
    assert len(reception.unmatched) == 1000
    assert {exchange.request.body for exchange in reception.unmatched} == {b""}
    assert {exchange.request.query for exchange in reception.unmatched} == {""}


def test_the_header_of_rules_can_be_switched_off() -> None:
    caller = Caller(create_app(ServerSettings(rules_header=False)).reception)
    assert caller.get("/auth/users/me/").header("x-mockaxle-rules") is None


def test_a_guests_username_is_free_again_when_the_world_is_gone() -> None:
    reception = create_app().reception
    Caller(reception, "acme")
    asyncio.run(reception.worlds.add_account("acme", AccountSection(username="guest", kind=AccountKind.READ_ONLY)))
    assert Caller(reception, "guest").get("/entities/site").status == 200
    assert reception.worlds.names() == ("acme",)
    reception.worlds.drop("acme")
    Caller(reception, "guest")
    assert reception.worlds.names() == ("guest",)


def test_when_the_machines_clock_steps_back_no_entry_is_lost() -> None:
    clock = ManualClock()
    reception = create_app(clock=clock).reception
    caller = Caller(reception, "acme")
    caller.onboard()
    clock.advance(seconds=-10)
    carry_out(reception.worlds, "acme", "PATCH /settings", {"pause_minutes": 60})
    slot = reception.worlds.find("acme")
    assert slot
    instants = [entry.at for entry in slot.log]
    assert len(instants) == 3
    assert instants == sorted(instants)


def test_a_clock_that_is_reset_to_an_earlier_instant_begins_the_log_anew() -> None:
    clock = ManualClock()
    reception = create_app(clock=clock).reception
    caller = Caller(reception, "acme")
    carry_out(reception.worlds, "acme", "POST /clock/advance", {"by": "1d"})
    carry_out(reception.worlds, "acme", "POST /reset", {"what": ["clock"]})
    caller.get("/auth/users/me/")
    slot = reception.worlds.find("acme")
    assert slot
    assert [entry.at for entry in slot.log] == [clock.at]


def test_a_world_that_is_controlled_is_in_use() -> None:
    gone: list[str] = []
    reception = create_app(ServerSettings(max_worlds=2), on_drop=gone.append).reception
    for name in ("first", "second"):
        Caller(reception, name)
    carry_out(reception.worlds, "first", "POST /clock/advance", {"by": "1s"})
    Caller(reception, "third")
    assert gone == ["second"]


def test_the_admin_token_is_not_in_the_settings_words() -> None:
    assert "TOPSECRET" not in repr(ServerSettings(admin_token="TOPSECRET"))


def test_a_command_on_a_world_that_is_gone_meanwhile_does_nothing_to_its_successor() -> None:
    reception = create_app().reception
    Caller(reception, "acme")
    scenario = {"portfolios": [{"name": "p", "count": 20000}]}

    async def race() -> None:
        load = asyncio.create_task(carrying_out(reception.worlds, "acme", "PUT /scenario", scenario))
        await asyncio.sleep(0)
        reception.worlds.drop("acme")
        Caller(reception, "acme")
        with pytest.raises(WorldGone):
            await load

    asyncio.run(race())
    slot = reception.worlds.find("acme")
    assert slot
    assert (len(slot.world.state.sites), len(slot.log)) == (0, 1)


def test_a_scenarios_account_that_was_taken_meanwhile_leaves_all_as_it_was() -> None:
    reception = create_app().reception
    Caller(reception, "acme")
    Caller(reception, "zed")
    accounts = [{"username": "ada"}, {"username": "zed"}]
    scenario = {"portfolios": [{"name": "p", "count": 3}], "accounts": accounts}
    with pytest.raises(UsernameTaken):
        carry_out(reception.worlds, "acme", "PUT /scenario", scenario)
    slot = reception.worlds.find("acme")
    assert slot
    assert (len(slot.world.state.sites), set(slot.accounts), len(slot.log)) == (0, {"acme"}, 1)
