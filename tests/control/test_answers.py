"""Control's answers on clock, faults and log fit the schemas of its document."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mockaxle.control.answers import ANSWERS
from tests.calling import CHARGER, onboarding
from tests.control.controlling import Controller

EXCHANGE = {"operation": "POST /auth/token-form"}
CALLS: list[tuple[str, str, Any]] = [
    ("GET /clock", "/clock", None),
    ("PUT /clock", "/clock", {"rate": 0}),
    ("POST /clock/advance", "/clock/advance", {"by": "1m"}),
    ("POST /faults", "/faults", {"kind": "status", "path": "/entities/*", "count": 1}),
    (
        "POST /faults",
        "/faults",
        {"kind": "latency", "latency_ms": 1, "moment": "after", "operation": "GET /auth/users/me/"},
    ),
    ("POST /verify", "/verify", {"calls": [EXCHANGE]}),
    ("POST /verify", "/verify", {"calls": [{**EXCHANGE, "account": "nobody"}], "deliveries": [{"count": 1}]}),
    ("GET /faults", "/faults", None),
    ("GET /log", "/log", None),
    ("DELETE /faults/{id}", "/faults/f1", None),
    ("DELETE /faults", "/faults", None),
    ("GET /messages", "/messages", None),
    ("POST /replan", "/replan", {}),
    ("PUT /receivers/{name}", "/receivers/partner", {"url": "http://127.0.0.1:9/", "kind": "webhooks"}),
    ("GET /receivers", "/receivers", None),
    ("GET /receivers/{name}", "/receivers/partner", None),
    ("POST /messages/release", "/messages/release", {}),
    ("DELETE /receivers/{name}", "/receivers/partner", None),
    ("PUT /awkward-deliveries", "/awkward-deliveries", {"kinds": ["edge"], "count": 2}),
    ("GET /awkward-deliveries", "/awkward-deliveries", None),
    ("DELETE /awkward-deliveries", "/awkward-deliveries", None),
    ("PUT /clock", "/clock", {"at": "never"}),
]
SITE, PAID = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
BASIS = {
    "asset_id": "00000000-0000-4000-8000-000000000003",
    "cause": "pause",
    "price_gbp_per_mwh": "90",
    "baseline_kwh": "3.7",
    "planned_kwh": "0",
    "user_share": "0.5",
}
TIMES = {"start_at": "2029-11-20T01:00:00Z", "end_at": "2029-11-20T01:30:00Z", "settled_on": "2030-01-01"}
EARNED = {"credit_pence": 17, "flex_kwh": -3.7, "revenue_gbp": "0.333", "final_gbp": "0.333"}
EVENT = {"type": "flex event", **TIMES, **EARNED, "basis": BASIS}
WITHDRAWAL = {"id": PAID, "type": "withdrawal", "credit_pence": -10, "payment_status": "processing"}
MONEY = {"id": SITE, "mpan": "1000000000012", "email": "ada@example.org", "transactions": [EVENT, WITHDRAWAL]}
"""A site with an event that was measured, a withdrawal, and an e-mail address."""

OF_MONEY: list[tuple[str, str, Any]] = [
    ("GET /withdrawals", "/withdrawals", None),
    ("GET /money/{site_id}", f"/money/{SITE}", None),
    ("GET /sites", "/sites", None),
    ("GET /sites/{site_id}", f"/sites/{SITE}", None),
    ("POST /withdrawals/{transaction_id}", f"/withdrawals/{PAID}", {"status": "failed"}),
    ("GET /emails", "/emails", None),
]
UNFILLED = ("GET /sites/{site_id}",)
"""Calls whose answer has fields without a value for that site."""

RECEIVER = {"url": "http://127.0.0.1:9/{asset_id}", "kind": "schedules"}
OF_A_MESSAGE: list[tuple[str, str, Any]] = [
    ("PUT /receivers/{name}", "/receivers/partner", {**RECEIVER, "held": True}),
    ("POST /messages", "/messages", {"type": "schedule", "asset_id": CHARGER["external_id"]}),
    ("POST /messages/{id}/attempts", "/messages/{id}/attempts", {}),
    ("PUT /messages/{id}/attempts/{n}", "/messages/{id}/attempts/1", {"status": 200}),
    ("PUT /receivers/{name}", "/receivers/partner", RECEIVER),
    ("POST /messages/{id}/send", "/messages/{id}/send", {"as": "edge"}),
    ("GET /messages", "/messages", None),
    ("GET /log", "/log", None),
    ("POST /verify", "/verify", {"deliveries": [{"type": "schedule", "asset": CHARGER["external_id"]}]}),
    ("POST /verify", "/verify", {"deliveries": [{"type": "schedule", "outcome": "given_up"}]}),
]


@pytest.fixture
def document(controller: Controller) -> dict[str, Any]:
    found: dict[str, Any] = controller.client.get("/__mockaxle/openapi.json").json()
    return found


def schema_of(document: dict[str, Any], key: str, *, status: int) -> dict[str, Any]:
    """The schema of an answer, beside the components that it refers to."""
    verb, path = key.split()
    responses = document["paths"][f"/__mockaxle/world{path}"][verb.lower()]["responses"]
    response = responses.get(str(status), responses["default"])
    return {**response["content"]["application/json"]["schema"], "components": document["components"]}


def test_every_answer_fits_its_schema(controller: Controller, document: dict[str, Any]) -> None:
    statuses = []
    for key, path, body in CALLS:
        answer = controller.control(key.split()[0], path, body)
        Draft202012Validator(schema_of(document, key, status=answer.status_code)).validate(answer.json())
        statuses.append(answer.status_code)
        controller.call("GET", "/entities/site")
        controller.call("GET", "/auth/users/me/")
    assert statuses == [200] * 6 + [409] + [200] * 14 + [422]


def test_every_answer_on_a_message_fits_its_schema(controller: Controller, document: dict[str, Any]) -> None:
    body = onboarding(proposition="full_asset_schedule_control")
    asset_id = controller.call("POST", "/entities/site/onboard", body).json()["assets"][0]["asset_id"]
    controller.call("POST", f"/entities/asset/{asset_id}/event/plug-in", {})
    id = ""
    for key, path, body in OF_A_MESSAGE:
        response = controller.control(key.split()[0], path.replace("{id}", id), body)
        answer = response.json()
        assert response.status_code == (409 if "given_up" in str(body) else 200), answer
        Draft202012Validator(schema_of(document, key, status=response.status_code)).validate(answer)
        id = answer["id"] if key == "POST /messages" else id


def test_every_answer_on_money_fits_its_schema(controller: Controller, document: dict[str, Any]) -> None:
    controller.done("PUT", "/scenario", {"sites": [MONEY]})
    for key, path, body in OF_MONEY:
        answer = controller.done(key.split()[0], path, body)
        Draft202012Validator(schema_of(document, key, status=200)).validate(answer)
        assert all(answer.values()) or key in UNFILLED


def test_a_dropped_world_is_documented_as_a_success_without_a_body(document: dict[str, Any]) -> None:
    responses = document["paths"]["/__mockaxle/worlds/{world}"]["delete"]["responses"]
    assert responses["204"] == {"description": "Done."}
    assert "200" not in responses


def test_every_schema_is_tried() -> None:
    assert {key for key, _, _ in (*CALLS, *OF_A_MESSAGE, *OF_MONEY)} == ANSWERS.keys()


def test_a_key_that_the_document_does_not_name_does_not_fit(controller: Controller, document: dict[str, Any]) -> None:
    answer = controller.done("GET", "/clock") | {"zone": "UTC"}
    assert not Draft202012Validator(schema_of(document, "GET /clock", status=200)).is_valid(answer)
