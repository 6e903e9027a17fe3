"""Home Assistant events that are published, changed and withdrawn while the world runs."""

from typing import Any

import pytest

from tests.control.controlling import Controller

PATH = "/home-assistant-events"
NOW, LATER = "2026-01-20T12:00:00+00:00", "2026-01-20T12:05:00+00:00"
EVENT = {"start_time": "2026-01-20T18:00:00Z", "end_time": "2026-01-20T20:00:00+01:00", "import_export": "export"}
SHOWN = {
    "start_time": "2026-01-20T18:00:00+00:00",
    "end_time": "2026-01-20T19:00:00+00:00",
    "import_export": "export",
    "updated_at": NOW,
    "opted_out": False,
}
SCENARIO = """
[[home_assistant_events]]
start_at = 2026-01-21T18:00:00Z
end_at = 2026-01-21T19:00:00Z
import_export = "import"
"""


@pytest.fixture
def world(controller: Controller) -> Controller:
    """A world at noon, whose integration is read by `shown`."""
    controller.done("PUT", "/clock", {"at": NOW, "rate": 0})
    controller.done("POST", "/accounts", {"username": f"{controller.username}-ha", "kind": "home_assistant"})
    controller.log_in()
    return controller


def shown(world: Controller) -> Any:
    """What the integration reads."""
    return Controller(world.client, f"{world.username}-ha").call("GET", "/vpp/home-assistant/event").json()


@pytest.mark.rule("H1", "H3")
def test_an_event_is_published_and_changed(world: Controller) -> None:
    event = world.done("POST", PATH, EVENT)
    assert event == {"id": "ha1", **SHOWN}
    assert world.done("GET", PATH) == {"events": [event]}
    assert shown(world) == SHOWN
    world.done("POST", "/clock/advance", {"by": "5m"})
    fields = {"start_time": "2026-01-20T17:00:00Z", "import_export": "import", "opted_out": True}
    changed = world.done("PATCH", f"{PATH}/ha1", fields)
    assert changed == {
        **event,
        **fields,
        "start_time": "2026-01-20T17:00:00+00:00",
        "updated_at": NOW.replace("00", "05", 1),
    }
    assert world.done("GET", PATH) == {"events": [changed]}


def quirks(world: Controller, **changed: Any) -> None:
    found = world.done("PATCH", "/settings", {"home_assistant_quirks": changed})
    assert found == world.done("GET", "/settings")


@pytest.mark.rule("N17")
def test_a_heartbeat_moves_updated_at_by_the_minute_during_an_event(world: Controller) -> None:
    world.done("POST", PATH, EVENT)
    quirks(world, heartbeat=True)
    for to, updated_at in (
        ("2026-01-20T17:59:59Z", NOW),
        ("2026-01-20T18:00:30Z", "2026-01-20T18:00:00+00:00"),
        ("2026-01-20T18:07:59Z", "2026-01-20T18:07:00+00:00"),
    ):
        world.done("POST", "/clock/advance", {"to": to})
        assert shown(world) == {**SHOWN, "updated_at": updated_at}


@pytest.mark.rule("N17")
def test_a_heartbeat_stays_at_the_last_minute_of_an_ended_event(world: Controller) -> None:
    world.done("POST", PATH, EVENT)
    quirks(world, cleared_after_minutes=5)
    quirks(world, heartbeat=True)
    assert world.done("GET", "/settings")["home_assistant_quirks"] == {"cleared_after_minutes": 5, "heartbeat": True}
    for to in ("2026-01-20T19:04:00Z", "2026-01-20T19:06:00Z"):
        world.done("POST", "/clock/advance", {"to": to})
        assert shown(world)["updated_at"] == "2026-01-20T18:59:00+00:00"


@pytest.mark.rule("N17")
def test_an_ended_event_is_cleared_after_the_minutes_of_the_setting(world: Controller) -> None:
    world.done("POST", PATH, EVENT)
    quirks(world, cleared_after_minutes=5)
    world.done("POST", "/clock/advance", {"to": "2026-01-20T19:04:59Z"})
    assert shown(world) == SHOWN
    world.done("POST", PATH, {**EVENT, "start_time": "2026-01-21T18:00:00Z", "end_time": "2026-01-21T19:00:00Z"})
    assert shown(world)["start_time"] == "2026-01-21T18:00:00+00:00"
    world.done("DELETE", f"{PATH}/ha2")
    world.done("POST", "/clock/advance", {"by": "1s"})
    assert shown(world)["start_time"] is None


@pytest.mark.rule("H1", "H2")
def test_after_a_withdrawal_there_is_no_event_or_the_next_one(world: Controller) -> None:
    assert shown(world) is None
    for _ in range(2):
        world.done("POST", PATH, EVENT)
    world.done("POST", "/clock/advance", {"by": "5m"})
    withdrawn = world.done("DELETE", f"{PATH}/ha1")
    assert withdrawn == {"id": "ha1", **SHOWN, "updated_at": LATER}
    assert shown(world) == SHOWN
    world.done("DELETE", f"{PATH}/ha2")
    none = {"start_time": None, "end_time": None, "import_export": None}
    assert shown(world) == {**none, "updated_at": LATER, "opted_out": False}
    assert world.done("GET", PATH) == {"events": []}
    assert world.done("POST", PATH, EVENT)["id"] == "ha3"


def test_a_scenarios_events_have_ids_and_a_reset_brings_them_back(world: Controller) -> None:
    put(world, SCENARIO)
    (event,) = world.done("GET", PATH)["events"]
    assert (event["id"], event["updated_at"]) == ("ha1", NOW)
    world.done("DELETE", f"{PATH}/ha1")
    world.done("POST", PATH, EVENT)
    world.done("POST", "/reset", {"what": ["state"]})
    assert world.done("GET", PATH) == {"events": [event]}


def put(world: Controller, text: str) -> None:
    headers = {**world.bearer, "Content-Type": "application/toml"}
    answer = world.client.put("/__mockaxle/world/scenario", content=text, headers=headers)
    assert answer.status_code == 200, answer.text


def test_a_world_that_is_written_and_loaded_has_the_same_events(world: Controller) -> None:
    for _ in range(2):
        world.done("POST", PATH, EVENT)
    world.done("PATCH", f"{PATH}/ha2", {"opted_out": True})
    world.done("DELETE", f"{PATH}/ha1")
    world.done("PUT", "/clock", {"at": "2026-01-20T11:00:00Z", "rate": 0})
    events = world.done("GET", PATH)
    put(world, world.control("GET", "/scenario").text)
    assert world.done("GET", PATH) == events
    world.done("POST", "/clock/advance", {"to": NOW})
    assert shown(world)["opted_out"] is True
    world.done("DELETE", f"{PATH}/ha2")
    put(world, world.control("GET", "/scenario").text)
    assert shown(world)["updated_at"] == NOW
    assert world.done("POST", PATH, EVENT)["id"] == "ha3"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({**EVENT, "end_time": EVENT["start_time"]}, "end_time: 2026-01-20T18:00:00+00:00 is not after start_time"),
        ({**EVENT, "import_export": "charge"}, "import_export: must be one of"),
        ({**EVENT, "start_time": "2026-01-20T18:00:00"}, "start_time: not an instant such as 2026-01-20T22:00:00Z"),
        (
            {**EVENT, "opted_out": True},
            "opted_out: unknown key 'opted_out'; known keys: start_time, end_time, import_export",
        ),
        ({}, "start_time: is missing; end_time: is missing; import_export: is missing"),
    ],
)
def test_a_wrong_event_is_refused(world: Controller, body: Any, words: str) -> None:
    answer = world.control("POST", PATH, body)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert world.done("GET", PATH) == {"events": []}


@pytest.mark.parametrize("body", [
    {"end_time": "2026-01-20T17:00:00Z"}, {"start_time": "2026-01-21T17:00:00Z"}, {"start_time": "2026-01-20T17:00:00"},
    {"import_export": "both"}, {"opted_out": "yes"}, {"updated_at": NOW},
])  # fmt: skip
def test_a_wrong_change_is_refused(world: Controller, body: Any) -> None:
    event = world.done("POST", PATH, EVENT)
    assert world.control("PATCH", f"{PATH}/ha1", body).status_code == 422
    assert world.done("GET", PATH) == {"events": [event]}


@pytest.mark.parametrize("verb", ["PATCH", "DELETE"])
def test_an_unknown_event_is_neither_changed_nor_withdrawn(world: Controller, verb: str) -> None:
    answer = world.control(verb, f"{PATH}/ha9", {})
    assert (answer.status_code, "no Home Assistant event 'ha9'" in answer.json()["detail"]) == (409, True)


def test_events_are_bounded(world: Controller) -> None:
    put(world, SCENARIO * 999)
    answers = [world.control("POST", PATH, EVENT) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 409]
    assert "1000 Home Assistant events already" in answers[1].json()["detail"]


def test_controls_document_describes_the_events(world: Controller) -> None:
    paths = world.call("GET", "/__mockaxle/openapi.json").json()["paths"]
    assert paths[f"/__mockaxle/world{PATH}"].keys() == {"get", "post"}
    assert paths[f"/__mockaxle/world{PATH}/{{id}}"].keys() == {"patch", "delete"}
