"""Faults under control: added, listed, removed, and refused where they make no sense."""

import time
from typing import Any

import pytest

from tests.control.controlling import Controller

STATUS = {"kind": "status", "operation": "GET /auth/users/me/"}


def test_a_fault_is_added_listed_and_removed(controller: Controller) -> None:
    id = controller.done("POST", "/faults", {**STATUS, "count": 2, "probability": 1})["id"]
    assert controller.call("GET", "/auth/users/me/").status_code == 503
    expected = {"id": id, **STATUS, "count": 2, "met": 1, "taken": 1}
    assert controller.done("GET", "/faults")["faults"] == [expected]
    controller.done("DELETE", f"/faults/{id}")
    assert controller.call("GET", "/auth/users/me/").status_code == 200
    assert controller.control("DELETE", f"/faults/{id}").status_code == 409


def test_all_faults_are_removed_at_once(controller: Controller) -> None:
    for _ in range(3):
        controller.done("POST", "/faults", STATUS)
    controller.done("DELETE", "/faults")
    assert controller.done("GET", "/faults")["faults"] == []


def test_the_log_says_which_fault_it_was(controller: Controller) -> None:
    id = controller.done("POST", "/faults", {"kind": "status", "moment": "after", "count": 1})["id"]
    controller.call("GET", "/auth/users/me/")
    entry = controller.done("GET", "/log?newest_first=true&limit=1")["entries"][0]
    assert (entry["status"], entry["fault"]["fault"]) == (503, id)
    explanation = controller.done("GET", f"/log/{entry['number']}")["explanation"]
    assert [rule["id"] for rule in explanation["rules"]] == ["T1"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "kind"),
        ({"kind": "explosion"}, "kind"),
        ({"kind": "status", "status": 200}, "status"),
        ({"kind": "status", "calls": 3}, "a fault of kind status has no field calls; its fields are detail"),
        ({"kind": "rate_limit", "calls": 3}, "needs per_seconds"),
        ({"kind": "latency"}, "needs latency_ms"),
        ({"kind": "rate_limit", "calls": 1, "per_seconds": 9, "moment": "after"}, "has no field moment"),
        ({"kind": "meter_provider", "answer": "found"}, "answer must be provider_down or provider_timeout"),
        ({"kind": "status", "probability": 0}, "probability"),
        ({"kind": "status", "operatoin": "x"}, "did you mean"),
        ({"kind": "status", "path": "*" * 501}, "path: must have at most 500 characters"),
        ({"kind": "status", "operation": "POST /entities/site/onbord"}, "did you mean 'POST /entities/site/onboard'"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(controller: Controller, body: dict[str, Any], said: str) -> None:
    answer = controller.control("POST", "/faults", body)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert controller.done("GET", "/faults")["faults"] == []


def test_a_world_has_so_many_faults_and_no_more(controller: Controller) -> None:
    for _ in range(100):
        controller.done("POST", "/faults", STATUS)
    assert controller.control("POST", "/faults", STATUS).status_code == 409


def test_revoked_tokens_are_over_for_the_api_but_still_open_control(controller: Controller) -> None:
    assert controller.done("POST", "/tokens/revoke", {"username": controller.username}) == {"revoked": 1}
    assert controller.call("GET", "/auth/users/me/").status_code == 401
    assert controller.done("POST", "/tokens/revoke") == {"revoked": 0}
    controller.log_in()
    assert controller.call("GET", "/auth/users/me/").status_code == 200


@pytest.mark.rule("T1")
@pytest.mark.parametrize("moment", ["before", "after"])
def test_an_answer_is_late_by_its_latency(controller: Controller, moment: str) -> None:
    controller.done("POST", "/faults", {"kind": "latency", "latency_ms": 60, "count": 1, "moment": moment})
    began = time.monotonic()
    answer = controller.call("GET", "/auth/users/me/")
    assert (answer.status_code, time.monotonic() - began >= 0.06) == (200, True)
    held = [entry["status"] for entry in controller.done("GET", "/log?operation=GET+/auth/users/me/")["entries"]]
    assert held == ([None, 200] if moment == "before" else [200])


def test_answers_are_awkward_until_they_are_as_ever_again(controller: Controller) -> None:
    answer = controller.done("PUT", "/awkwardness", {"kinds": ["extra"]})
    expected = {"kinds": ["extra"], "probability": 1.0, "beyond_contract": False}
    assert answer == controller.done("GET", "/awkwardness") == expected
    assert "mockaxle_extra" in controller.call("GET", "/auth/users/me/").json()
    entry = controller.done("GET", "/log?newest_first=true&limit=1")["entries"][0]
    assert entry["awkward"] == ["extra"]
    controller.done("DELETE", "/awkwardness")
    assert "mockaxle_extra" not in controller.call("GET", "/auth/users/me/").json()


def test_what_goes_beyond_the_document_must_be_said(controller: Controller) -> None:
    assert "unknown_enum" not in controller.done("PUT", "/awkwardness", {})["kinds"]
    assert "unknown_enum" in controller.done("PUT", "/awkwardness", {"beyond_contract": True})["kinds"]
    refused = controller.control("PUT", "/awkwardness", {"kinds": ["unknown_enum"]})
    assert "set beyond_contract = true" in refused.json()["detail"]
    assert controller.control("PUT", "/awkwardness", {"kinds": ["rude"]}).status_code == 422


def test_what_magic_names_met_is_listed_and_forgotten_with_the_faults(controller: Controller) -> None:
    for _ in range(2):
        controller.call("GET", "/entities/asset/external-id/mock-503-1x-w")
    assert controller.done("GET", "/faults")["magic_names"] == {"mock-503-1x-w": 1}
    controller.done("DELETE", "/faults")
    assert controller.call("GET", "/entities/asset/external-id/mock-503-1x-w").status_code == 503


@pytest.mark.parametrize("name", ["a/b", ".", "..", ""])
def test_a_snapshots_name_is_part_of_a_path(controller: Controller, name: str) -> None:
    assert controller.control("POST", "/snapshots", {"name": name}).status_code == 422
