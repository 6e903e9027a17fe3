"""A mock of a test's own, over a socket and without one: the same world in both."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockaxle.scenarios.problems import ScenarioRefused
from mockaxle.testing.mock import MockAxle
from mockaxle.testing.world import CallsMissing, ControlRefused, World
from tests.calling import NIGHT, onboarding

ONBOARD = "POST /entities/site/onboard"
FAULTS = {
    "reset": httpx.ReadError,
    "empty": httpx.RemoteProtocolError,
    "cut": httpx.RemoteProtocolError,
    "garbage": httpx.RemoteProtocolError,
}


@pytest.fixture(params=[True, False], ids=["socket", "in process"])
def axle(request: pytest.FixtureRequest) -> Iterator[World]:
    with MockAxle(socket=request.param) as axle:
        yield axle


def call(axle: World, verb: str, path: str, body: Any = None) -> httpx.Response:
    """As a partner's client calls, which knows the base URL, the token, and perhaps the transport."""
    with httpx.Client(base_url=axle.base_url, transport=axle.transport) as client:
        return client.request(verb, path, json=body, headers={"Authorization": f"Bearer {axle.token}"})


def onboard(axle: World) -> tuple[str, str]:
    made = call(axle, "POST", "/entities/site/onboard", onboarding()).json()
    return made["site"]["site_id"], made["assets"][0]["asset_id"]


def plug_in(axle: World, asset_id: str) -> int:
    """How many blocks a night's schedule comes back in."""
    path = f"/entities/asset/{asset_id}/event/plug-in-schedule"
    answer = call(axle, "POST", path, {"charging_schedule": NIGHT}).json()
    return len(answer["modified_charging_schedule"])


def test_a_client_lives_in_it(axle: World) -> None:
    _, asset_id = onboard(axle)
    assert plug_in(axle, asset_id) == 2


def test_the_market_is_in_the_tests_hands(axle: World) -> None:
    _, asset_id = onboard(axle)
    axle.market.clear()
    assert (axle.market.windows, plug_in(axle, asset_id)) == ([], 1)
    id = axle.market.add_window("03:00", "05:00", price_gbp_per_mwh=250)
    assert plug_in(axle, asset_id) == 2
    axle.market.remove_window(id)
    axle.market.add_window("2026-01-21T02:00:00Z", "2026-01-21T03:00:00Z", price_gbp_per_mwh=9.5)
    assert plug_in(axle, asset_id) == 2


def test_the_clock_is_in_the_tests_hands(axle: World) -> None:
    assert axle.clock.freeze("2026-01-20T18:00:00Z") == axle.clock.now == datetime(2026, 1, 20, 18, tzinfo=UTC)
    token = axle.token
    assert axle.clock.advance("61m") == datetime(2026, 1, 20, 19, 1, tzinfo=UTC)
    old = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=axle.base_url, transport=axle.transport) as client:
        assert client.get("/auth/users/me/", headers=old).status_code == 401
    assert axle.clock.advance("2026-01-21T06:00:00Z").hour == 6
    assert axle.clock.advance(timedelta(days=1, minutes=61)) == datetime(2026, 1, 22, 7, 1, tzinfo=UTC)
    assert axle.clock.advance(datetime(2026, 1, 22, 8, tzinfo=UTC)).hour == 8
    axle.clock.run(rate=60)
    assert axle.clock.now >= datetime(2026, 1, 21, 6, tzinfo=UTC)


@pytest.mark.parametrize("by", [61, None, timedelta(seconds=-1), timedelta(microseconds=1), b"61m"])
def test_what_no_clock_is_set_forward_by_is_one_line(by: Any) -> None:
    with MockAxle(socket=False) as axle:
        with pytest.raises(ValueError, match=r"^the clock moves forward by .* such as .*, not .*$|a timedelta, "):
            axle.clock.advance(by)
        with pytest.raises(ControlRefused, match="outside the calendar"):
            axle.clock.advance(timedelta(days=999_999_999))
        with pytest.raises(ValueError, match=r"^an instant is a datetime or a text such as .*, not 61$"):
            axle.clock.freeze(61)  # type: ignore[arg-type]  # what a partner's untyped test may do


def test_home_assistant_events_are_in_the_tests_hands(axle: World) -> None:
    axle.clock.freeze("2026-01-20T12:00:00Z")
    start = datetime(2026, 1, 20, 18, tzinfo=UTC)
    id = axle.home_assistant.publish(start, "2026-01-20T19:00:00Z", import_export="export")
    axle.home_assistant.change(id, end_time=datetime(2026, 1, 20, 20, tzinfo=UTC), opted_out=True)
    (event,) = axle.home_assistant.events
    assert (event["id"], event["start_time"]) == (id, "2026-01-20T18:00:00+00:00")
    assert (event["end_time"], event["opted_out"]) == ("2026-01-20T20:00:00+00:00", True)
    axle.home_assistant.withdraw(id)
    assert axle.home_assistant.events == []
    with pytest.raises(ControlRefused, match="not an instant"):
        axle.home_assistant.publish(datetime(2026, 1, 20, 18), start, import_export="export")


@pytest.mark.parametrize("kind", FAULTS)
def test_a_network_fault_is_what_httpx_meets(axle: World, kind: str) -> None:
    with axle.faults.active(kind, operation="GET /entities/site"), pytest.raises(FAULTS[kind]):
        call(axle, "GET", "/entities/site")
    assert call(axle, "GET", "/entities/site").status_code == 200


def test_faults_latency_and_revoked_tokens(axle: World) -> None:
    axle.faults.add("status", status=503, operation="GET /entities/site", count=1)
    axle.faults.add("dribble", latency_ms=2, operation="GET /entities/asset")
    assert [call(axle, "GET", "/entities/site").status_code for _ in range(2)] == [503, 200]
    assert call(axle, "GET", "/entities/asset").status_code == 503
    axle.faults.clear()
    token = axle.token
    axle.faults.revoke_tokens()
    with httpx.Client(base_url=axle.base_url, transport=axle.transport) as client:
        assert client.get("/entities/site", headers={"Authorization": f"Bearer {token}"}).status_code == 401


def test_the_log_is_verified_and_tells_what_came_near(axle: World) -> None:
    onboard(axle)
    axle.log.verify({"operation": ONBOARD, "count": 1, "body": {"/site/postcode": "M1 1AE"}})
    with pytest.raises(CallsMissing, match="expected 2, found 1"):
        axle.log.verify({"operation": ONBOARD, "count": 2})
    with pytest.raises(CallsMissing, match="/site/postcode is"):
        axle.log.verify({"operation": ONBOARD, "body": {"/site/postcode": "LS1 4AP"}})
    with pytest.raises(ControlRefused, match="did you mean"):
        axle.log.verify({"operation": "POST /entities/site/onbord"})
    (entry,) = axle.log.entries(operation=ONBOARD)
    assert axle.log.explain(entry["number"])["explanation"]["rules"][0]["id"] == "L0"
    assert "mockaxle recording" in axle.log.recording()


def test_a_state_is_kept_forked_and_reset(axle: World) -> None:
    empty = axle.snapshot("empty")
    onboard(axle)
    other = axle.fork()
    empty.restore()
    assert call(axle, "GET", "/entities/site").json()["total_num_sites"] == 0
    assert call(other, "GET", "/entities/site").json()["total_num_sites"] == 1
    other.reset("state")
    assert call(other, "GET", "/entities/site").json()["total_num_sites"] == 0


def test_settings_scenarios_and_awkward_answers(axle: World) -> None:
    assert axle.settings(style="wire")["style"] == axle.settings()["style"] == "wire"
    axle.load({"sites": [{"mpan": "1000000000012"}]})
    assert call(axle, "GET", "/entities/site").json()["total_num_sites"] == 1
    axle.awkward("extra")
    assert "mockaxle_extra" in call(axle, "GET", "/auth/users/me/").json()
    axle.awkward_no_more()
    axle.awkward_deliveries("twice", probability=0.5, count=3)
    awkward = {"kinds": ["twice"], "probability": 0.5, "count": 3}
    assert axle.control("GET", "/awkward-deliveries") == awkward
    axle.usual_deliveries()
    assert axle.control("GET", "/awkward-deliveries")["kinds"] == []
    assert "mockaxle_extra" not in call(axle, "GET", "/auth/users/me/").json()


def test_an_async_client_needs_no_socket_either() -> None:
    async def lived(axle: World) -> int:
        async with httpx.AsyncClient(base_url=axle.base_url, transport=axle.async_transport) as client:
            bearer = {"Authorization": f"Bearer {axle.token}"}
            with axle.faults.active("reset", path="/entities/*"), pytest.raises(httpx.ReadError):
                await client.get("/entities/site", headers=bearer)
            return (await client.get("/entities/site", headers=bearer)).status_code

    with MockAxle(socket=False) as axle:
        assert asyncio.run(lived(axle)) == 200


def test_a_scenario_is_a_name_a_file_or_its_content(tmp_path: Path) -> None:
    file = tmp_path / "home.toml"
    file.write_text('[[sites]]\nmpan = "1000000000012"\n')
    for given, sites in (("empty-market", 0), (file, 1), (str(file), 1), ({"sites": [{"mpan": "1000000000012"}]}, 1)):
        with MockAxle(scenario=given, socket=False) as axle:
            assert call(axle, "GET", "/entities/site").json()["total_num_sites"] == sites


def test_a_world_is_begun_anew_from_a_name_a_file_or_content(axle: World, tmp_path: Path) -> None:
    file = tmp_path / "home.toml"
    file.write_text('[[sites]]\nmpan = "1000000000012"\n')
    at = datetime(2026, 1, 20, tzinfo=UTC)
    for given, sites in ((file, 1), ("empty-market", 0), (str(file), 1), ({"clock": {"at": at, "rate": 0}}, 0)):
        axle.load(given)
        assert call(axle, "GET", "/entities/site").json()["total_num_sites"] == sites
    assert axle.clock.now == at


NO_SCENARIOS: list[tuple[Any, str]] = [
    ("nowhere", "there is no scenario 'nowhere': use a file, or one of autumn-back, "),
    ("", "'' is not a file: use a file, or one of "),
    (Path("/"), "'/' is not a file: use a file, or one of "),
    (Path("/proc/self/mem"), "cannot read '/proc/self/mem', Input/output error: use a file, or one of "),
    ("x" * 300, "'xxx"),
    (None, "a scenario is a file's path, a name or a mapping, not None"),
    (b"default", "a scenario is a file's path, a name or a mapping, not b'default'"),
    ({"clok": 1}, "scenario: clok: unknown key 'clok'; did you mean 'clock'?"),
    ({1: 2}, "scenario: [1]: must be a text"),
    ({"models": [{"name": "\ud800"}]}, "scenario: models[0].name: contains an unpaired surrogate"),
    (
        {"assets": [{"site": "x", "external_id": "a", "type": "charger"}]},
        "scenario: assets[0].site: 'x' is not the MPAN",
    ),
]


@pytest.mark.parametrize(("given", "words"), NO_SCENARIOS)
def test_what_is_no_scenario_is_refused_in_a_line_that_names_one(given: Any, words: str) -> None:
    with MockAxle(socket=False) as axle, pytest.raises(ValueError, match=re.escape(words)):
        axle.load(given)
    if given is not None:
        with pytest.raises(ValueError, match=re.escape(words)):
            MockAxle(scenario=given)


def test_a_wrong_file_is_refused_with_its_line(axle: World, tmp_path: Path) -> None:
    file = tmp_path / "wrong.toml"
    file.write_text("nonsense = 1")
    for refusing in (axle.load, lambda given: MockAxle(scenario=given)):
        with pytest.raises(ScenarioRefused, match=r"wrong\.toml:1: nonsense: unknown key 'nonsense'"):
            refusing(file)


def test_a_refused_control_call_says_what_would_do(axle: World) -> None:
    with pytest.raises(ControlRefused, match="There is no snapshot"):
        axle.control("POST", "/snapshots/none/restore")
    with pytest.raises(ControlRefused, match="no field calls; its fields are"):
        axle.faults.add("status", calls=3)
