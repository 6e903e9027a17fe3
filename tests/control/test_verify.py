"""Assertions on the log: by operation, count, order and body, with near misses."""

import json
from typing import Any

import httpx
import pytest

from mockaxle.app import create_app
from mockaxle.control.history import numbered
from mockaxle.control.matching import ABSENT, Pointer
from mockaxle.control.verification import VERIFY, verify
from mockaxle.world.log import CHUNK_ENTRIES, Log
from tests.calling import HOME, Caller, onboarding
from tests.control.controlling import Controller

ONBOARD, LIST = "POST /entities/site/onboard", "GET /entities/site"


def asked(controller: Controller, *calls: Any, **more: Any) -> httpx.Response:
    body = {"calls": calls, **more}
    return controller.call("POST", "/__mockaxle/verify", body)


@pytest.fixture
def lived(controller: Controller) -> Controller:
    """One that onboarded twice, then listed."""
    for external_id in ("wallbox-7", "wallbox-8"):
        charger = {"external_id": external_id, "type": "charger", "properties": {"power_kw": 7}}
        controller.call("POST", "/entities/site/onboard", onboarding(assets=[charger]))
    controller.call("GET", "/entities/site?limit=5")
    return controller


@pytest.mark.parametrize(
    "call",
    [
        {},
        {"operation": ONBOARD},
        {"operation": ONBOARD, "count": 2},
        {"operation": ONBOARD, "at_least": 1, "at_most": 2},
        {"operation": "DELETE /entities/site/{site_id}", "count": 0},
        {"operation": "DELETE /entities/site/{site_id}", "at_most": 3},
        {"path": "/entities/*", "count": 3, "status": 200},
        {"operation": ONBOARD, "body": {"/site/mpan": HOME["mpan"]}, "count": 2},
        {"body": {"/assets/0/external_id": "wallbox-8", "/assets/0/properties": {"power_kw": 7.0}}, "count": 1},
        {"operation": LIST, "body": {}},
    ],
)
def test_calls_that_were_made_are_verified(lived: Controller, call: Any) -> None:
    answer = asked(lived, call)
    assert (answer.status_code, answer.json()["verified"]) == (200, True), answer.text


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ({"operation": ONBOARD, "count": 1}, "expected 1, found 2"),
        ({"operation": ONBOARD, "at_least": 3}, "expected at least 3, found 2"),
        ({"operation": ONBOARD, "at_most": 1}, "expected at most 1, found 2"),
        ({"operation": LIST, "status": 503}, "expected at least 1, found 0"),
        ({"body": {"/assets/0/properties/power_kw": True}}, "found 0"),
        ({"body": {"/site/nothing": None}}, "found 0"),
        ({"account": "somebody"}, "found 0"),
    ],
)
def test_calls_that_were_not_made_are_reported(lived: Controller, call: Any, said: str) -> None:
    answer = asked(lived, call)
    assert answer.status_code == 409
    assert said in answer.json()["detail"]


def test_a_path_pattern_that_is_too_long_is_refused(controller: Controller) -> None:
    answer = asked(controller, {"path": "*" * 501})
    assert (answer.status_code, "must have at most 500 characters" in answer.json()["detail"]) == (422, True)


def test_the_nearest_misses_say_in_what_they_differ(lived: Controller) -> None:
    call = {"operation": ONBOARD, "status": 200, "body": {"/assets/0/external_id": "wallbox-9"}}
    (verdict,) = asked(lived, call).json()["calls"]
    near = [(one["call"], one["differs"]) for one in verdict["near_misses"]]
    assert near[0] == (ONBOARD, ['/assets/0/external_id is "wallbox-8"'])
    assert near[1] == (ONBOARD, ['/assets/0/external_id is "wallbox-7"'])
    assert near[2][1] == ["operation is GET /entities/site", "/assets/0/external_id is absent"]


@pytest.mark.parametrize("call", [{}, {"operation": LIST, "body": {"/\u00e9": 1}}])
def test_an_answer_is_written_as_json_without_spaces(lived: Controller, call: Any) -> None:
    answer = asked(lived, call, call)
    assert answer.text == json.dumps(answer.json(), ensure_ascii=False, separators=(",", ":"))


def test_order_is_verified_where_it_is_asked_for(lived: Controller) -> None:
    first, second, then = {"body": {"/assets/0/external_id": "wallbox-7"}}, {"operation": ONBOARD}, {"operation": LIST}
    assert asked(lived, first, second, then, in_order=True).status_code == 200
    wrong = asked(lived, then, first, in_order=True)
    assert "call 2: expected after entry" in wrong.json()["detail"]
    assert asked(lived, then, first).status_code == 200


def test_only_what_comes_after_an_entry_counts_where_one_is_named(lived: Controller) -> None:
    entry = asked(lived, {"operation": LIST}).json()["calls"][0]["entries"][0]
    assert asked(lived, {"operation": ONBOARD, "count": 0}, after=entry).status_code == 200


def test_a_call_that_waited_counts_once(controller: Controller) -> None:
    controller.done("POST", "/faults", {"kind": "latency", "latency_ms": 1})
    controller.call("GET", "/entities/site")
    assert asked(controller, {"operation": LIST, "count": 1}).status_code == 200


def test_dropped_entries_that_would_be_needed_are_said_loudly() -> None:
    caller = Caller(create_app().api)
    hosted = caller.api.worlds.find("acme")
    assert hosted
    hosted.log = Log(hosted.world, max_entries=40)
    for _ in range(CHUNK_ENTRIES + 40):
        caller.get("/entities/site")
    caller.onboard()
    dropped = hosted.log.dropped
    assert dropped > 0

    def verdict_of(call: Any, **more: Any) -> Any:
        body = VERIFY.validate_json(json.dumps({"calls": [call], **more}))
        return verify(body, list(numbered(hosted.log)), dropped=hosted.log.dropped)

    for call in (
        {"operation": LIST, "count": 40},
        {"operation": ONBOARD, "count": 1},
        {"operation": ONBOARD, "at_least": 2},
    ):
        verdict = verdict_of(call)
        assert not verdict["verified"]
        assert f"CANNOT BE VERIFIED: expected {call.get('count', 'at least 2')}" in verdict["detail"]
        assert f"up to {dropped} are needed and no longer kept" in verdict["detail"]
    assert verdict_of({"operation": ONBOARD})["verified"]
    assert verdict_of({"operation": ONBOARD, "count": 1}, after=dropped)["verified"]
    assert verdict_of({"operation": LIST, "at_most": 2})["detail"].startswith("call 1: expected at most 2")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"calls": []}, "calls"),
        ({"calls": [{"count": 1, "at_least": 1}]}, "either count, or at_least and at_most"),
        ({"calls": [{"body": {"site": 1}}]}, "not a JSON pointer such as /site/mpan: it must start with /"),
        ({"calls": [{"body": {"/a~2": 1}}]}, "not a JSON pointer such as /site/mpan: ~ is written ~0"),
        ({"calls": [{"body": {"/a~~0": 1}}]}, "not a JSON pointer such as /site/mpan: ~ is written ~0"),
        ({"calls": [{"body": {"/a" * 33: 1}}]}, "has more than 32 parts"),
        ({"calls": [{"operation": "GET /entities/sites"}]}, "did you mean 'GET /entities/site'"),
        ({"calls": [{"opration": "x"}]}, "opration"),
    ],
)
def test_what_cannot_be_verified_is_refused(controller: Controller, body: Any, said: str) -> None:
    answer = controller.control("POST", "/verify", body)
    assert (answer.status_code, said in answer.json()["detail"]) == (422, True), answer.text


def test_a_place_beyond_the_end_of_a_list_is_absent_and_odd_texts_are_shown(lived: Controller) -> None:
    assert "expected at least 1, found 0" in asked(lived, {"body": {"/assets/-": 1}}).json()["detail"]
    lived.client.post("/entities/site/onboard", content=b'{"site":"\\ud800"}', headers=lived.bearer)
    answer = asked(lived, {"operation": ONBOARD, "body": {"/site": "x"}})
    assert "ud800" in str(answer.json()["calls"][0]["near_misses"])


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("", None),
        ("/", 0),
        ("/a~1b", 1),
        ("/m~0n", 8),
        ("/~01", 9),
        ("/list/1", "baz"),
        ("/list/2", ABSENT),
        ("/list/01", ABSENT),
        ("/list/-1", ABSENT),
        ("/list/-", ABSENT),
        ("/list/\u0661", ABSENT),
        (f"/list/{'1' * 5000}", ABSENT),
        ("/list/1/0", ABSENT),
        ("/0", ABSENT),
    ],
)
def test_a_pointer_finds_what_rfc_6901_says(pointer: str, found: Any) -> None:
    body = {"": 0, "a/b": 1, "m~n": 8, "~1": 9, "list": ["bar", "baz"]}
    expected = body if found is None else found
    assert Pointer(pointer).at(body) == expected


def test_of_an_unknown_operation_nothing_else_is_said(lived: Controller) -> None:
    answer = lived.control("POST", "/verify", {"calls": [{"operation": "GET /entities/sites"}]})
    said = "calls.0.operation: there is no operation 'GET /entities/sites'; did you mean 'GET /entities/site'?"
    assert (answer.status_code, answer.json()["detail"]) == (422, said)
    empty = lived.control("POST", "/verify", {"calls": []})
    assert (empty.status_code, empty.json()["detail"]) == (422, "calls: must not be empty")
