"""A world's clock: frozen, shifted, at a rate, and never back without a reset."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockaxle.app import create_app
from mockaxle.core.clock import EPOCH, LAST, WorldClock, read_duration
from mockaxle.core.records import AssetType, DispatchMethod
from mockaxle.scenarios.building import blueprint
from mockaxle.scenarios.money_sections import PauseSection
from mockaxle.scenarios.sections import AssetSection, ClockSection, Scenario, SiteSection
from mockaxle.scenarios.shipped import default
from mockaxle.serving.accounts import LogIn
from mockaxle.world.commands.refusals import CommandRefused
from mockaxle.world.commands.rows import repeat
from mockaxle.world.entries import Command
from mockaxle.world.opening import new_world
from mockaxle.world.value import World
from tests.clocks import START, ManualClock
from tests.commanding import carry_out
from tests.control.controlling import Controller

NOON = "2026-01-20T12:00:00+00:00"
REAL = datetime(2026, 11, 20, 9, tzinfo=UTC)


LATER = "2030-01-01T12:00:00+00:00"


def test_a_frozen_clock_stands(controller: Controller) -> None:
    controller.done("PUT", "/clock", {"at": LATER, "rate": 0})
    expected = {"now": LATER, "mode": "frozen", "rate": 0, "advancing_to": None}
    assert controller.done("GET", "/clock") == expected
    assert controller.done("GET", "/clock") == expected


def test_a_token_ends_when_the_clock_passes_its_hour(controller: Controller) -> None:
    controller.done("PUT", "/clock", {"at": LATER, "rate": 0})
    controller.log_in()
    assert controller.done("POST", "/clock/advance", {"by": "59m59s"})["now"] == "2030-01-01T12:59:59+00:00"
    assert controller.call("GET", "/auth/users/me/").status_code == 200
    controller.done("POST", "/clock/advance", {"by": "1s"})
    assert controller.call("GET", "/auth/users/me/").status_code == 401
    assert controller.control("GET", "/clock").status_code == 200


def test_the_clock_advances_to_an_instant(controller: Controller) -> None:
    controller.done("PUT", "/clock", {"at": LATER, "rate": 0})
    assert (
        controller.done("POST", "/clock/advance", {"to": "2030-06-01 01:00+01:00"})["now"]
        == "2030-06-01T00:00:00+00:00"
    )


def test_it_goes_back_as_long_as_no_site_remembers(controller: Controller) -> None:
    for at in (LATER, NOON):
        assert controller.done("PUT", "/clock", {"at": at, "rate": 0})["mode"] == "frozen"
    controller.log_in()
    assert controller.call("GET", "/auth/users/me/").status_code == 200


def test_where_there_are_sites_it_never_goes_back_without_a_reset(controller: Controller) -> None:
    controller.done("PUT", "/clock", {"at": LATER, "rate": 0})
    controller.log_in()
    assert controller.call("POST", "/entities/site", {"mpan": "1000000000012", "postcode": "M1"}).status_code == 200
    for verb, path, body in (
        ("PUT", "/clock", {"at": NOON}),
        ("POST", "/clock/advance", {"to": NOON}),
    ):
        refused = controller.control(verb, path, body)
        assert refused.status_code == 409
        assert "reset the clock first" in refused.json()["detail"]
    controller.log_in()
    controller.done("POST", "/reset", {"what": ["clock"]})
    assert controller.done("GET", "/clock")["mode"] == "real"
    assert controller.call("GET", "/auth/users/me/").status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "word"),
    [
        ("/clock/advance", {}, "either by or to"),
        ("/clock/advance", {"by": "1h", "to": NOON}, "either by or to"),
        ("/clock/advance", {"by": "soon"}, "not a duration such as 61m"),
        ("/clock/advance", {"by": "-1h"}, "not a duration"),
        ("/clock/advance", {"by": 3600}, "not a duration"),
        ("/clock/advance", {"to": "2030-01-01"}, "not an instant such as"),
        ("/clock/advance", {"bye": "1h"}, "bye"),
        ("/reset", {"what": ["everything"]}, "what"),
    ],
)
def test_what_is_wrong_is_said(controller: Controller, path: str, body: Any, word: str) -> None:
    answer = controller.control("POST", path, body)
    assert answer.status_code == 422
    assert word in answer.json()["detail"]


@pytest.mark.parametrize("rate", [-1, 1e9, "NaN", "fast", None])
def test_a_wrong_rate_is_refused(controller: Controller, rate: Any) -> None:
    assert controller.control("PUT", "/clock", {"rate": rate}).status_code == 422


def test_off_the_calendar_there_is_no_time(controller: Controller) -> None:
    refused = controller.control("POST", "/clock/advance", {"by": "99999999d"})
    assert refused.status_code in (409, 422)
    assert controller.done("GET", "/clock")["mode"] == "real"


def test_at_the_calendars_end_one_can_still_log_in(controller: Controller) -> None:
    controller.done("PUT", "/clock", {"at": "9999-12-31T23:59:59.999999Z", "rate": 0})
    form = {"username": controller.username, "password": "secret"}
    log_in = controller.client.post("/auth/token-form", data=form)
    assert log_in.status_code == 200
    bearer = {"Authorization": f"Bearer {log_in.json()['access_token']}"}
    assert controller.client.post("/__mockaxle/world/reset", json={}, headers=bearer).status_code == 200


def test_a_clock_runs_at_its_rate_and_an_advance_keeps_it() -> None:
    machine = ManualClock()
    worlds = create_app(clock=machine).api.worlds
    worlds.log_in(LogIn("acme", "secret"))
    carry_out(worlds, "acme", "PUT /clock", {"rate": "60"})
    machine.advance(seconds=30)
    hosted = worlds.find("acme")
    assert hosted
    assert hosted.world.clock.now(machine.at) == START + timedelta(minutes=30)
    carry_out(worlds, "acme", "POST /clock/advance", {"by": "1h"})
    machine.advance(seconds=30)
    assert hosted.world.clock.now(machine.at) == START + timedelta(minutes=120)


def test_two_worlds_have_two_clocks(controller: Controller) -> None:
    other = Controller(controller.client, "another-clock")
    controller.done("PUT", "/clock", {"at": LATER, "rate": 0})
    assert other.done("GET", "/clock")["mode"] == "real"


def world() -> World:
    return new_world(blueprint(default()), "w", server_seed="s", real=EPOCH)


def after(world: World, seconds: int, *, at: datetime = REAL) -> World:
    """The world with its clock set forward at an instant of its own."""
    return repeat(world, Command(at, REAL, "POST /clock/advance", {}, {"by": f"{seconds // 60}m{seconds % 60}s"})).world


lapses = st.integers(0, 10**9)
instants = st.datetimes(timezones=st.just(UTC), min_value=datetime(1990, 1, 1))


@given(lapses, lapses, st.sampled_from(["0", "1", "60"]))
def test_two_advances_are_one(first: int, second: int, rate: str) -> None:
    start = repeat(world(), Command(REAL, REAL, "PUT /clock", {}, {"rate": rate})).world
    one = after(start, first)
    assert after(one, second, at=one.clock.now(REAL)) == after(start, first + second)


@given(instants, st.sampled_from(["0", "0.5", "1", "86400", "1000000"]))
def test_a_clock_is_monotonic_and_stays_on_the_calendar(real: datetime, rate: str) -> None:
    clock = WorldClock(EPOCH, EPOCH, Decimal(rate))
    later = min(real, LAST - timedelta(days=1)) + timedelta(seconds=1)
    assert clock.now(min(real, later)) <= clock.now(later) <= LAST


def test_an_advance_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(CommandRefused, match="outside the calendar"):
        repeat(world(), Command(REAL, REAL, "POST /clock/advance", {}, {"by": "9999999d"}))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("61m", 3660), ("1h30m", 5400), ("2d", 172800), ("90s", 90), ("1d2h3m4s", 93784), ("0s", 0)],
)
def test_how_durations_are_spelt(text: str, seconds: int) -> None:
    assert read_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "1", "m", "1m1h", "1.5h", "-1m", "1 m", "1w", "\u0661m", "9999999999d"])
def test_what_no_duration_is(text: str) -> None:
    assert read_duration(text) is None


def owing_world() -> World:
    """A world that stands still, with pauses to come at two homes."""
    hours = ((1, 2), (2, 2), (5, 1))
    pauses = [
        PauseSection(
            start_at=REAL + timedelta(hours=hour),
            end_at=REAL + timedelta(hours=hour, minutes=30),
            price_gbp_per_mwh=Decimal(90),
            rate_kw=Decimal(7),
        )
        for hour, _ in hours
    ]
    mpans = ("2000000000006", "2000000000015")
    sites = [SiteSection(mpan=m, postcode="M1", dispatch_methods={DispatchMethod.LIMITED_PAUSE: "in"}) for m in mpans]
    assets = [
        AssetSection(site=mpans[which - 1], external_id=str(n), type=AssetType.CHARGER, pauses=(pause,))
        for n, (pause, (_, which)) in enumerate(zip(pauses, hours, strict=True))
    ]
    scenario = Scenario(clock=ClockSection(at=REAL, rate=Decimal(0)), sites=tuple(sites), assets=tuple(assets))
    return new_world(blueprint(scenario), "w", server_seed="s", real=REAL)


@pytest.mark.property
@pytest.mark.rule("W5")
@given(st.integers(0, 8 * 3600), st.integers(0, 8 * 3600))
def test_what_falls_due_in_two_advances_is_what_does_in_one(first: int, second: int) -> None:
    at_once, one = after(owing_world(), first + second), after(owing_world(), first)
    two = after(one, second, at=one.clock.now(REAL))
    assert two.state == at_once.state
    due = sum(first + second >= hour * 3600 + 1800 for hour in (1, 2, 5))
    settled = [two.state.transactions.get(id) or () for id in two.state.site_order.page(0, limit=9)]
    assert sum(map(len, settled)) == due
