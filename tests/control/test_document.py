"""Control's document: what its page fills in works as it stands."""

from typing import Any

import pytest

from tests.calling import onboarding
from tests.control.controlling import Controller

ORDER = ["POST /__mockaxle/world/rewind", "PUT /__mockaxle/world/scenario", "POST /__mockaxle/world/reset"]
"""What undoes the rest comes last."""

OF_ONE = ("/messages/{id}/", "/withdrawals/{transaction_id}")
"""The calls that need the id of something that a new world does not have."""

FULL = "full_asset_schedule_control"


@pytest.fixture
def paths(controller: Controller) -> dict[str, Any]:
    found: dict[str, Any] = controller.client.get("/__mockaxle/openapi.json").json()["paths"]
    return found


def filled_in(path: str, operation: dict[str, Any]) -> str:
    for parameter in operation.get("parameters", ()):
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", parameter["example"])
    return path


def test_every_body_that_is_filled_in_is_taken(controller: Controller, paths: dict[str, Any]) -> None:
    calls = [
        (f"{verb.upper()} {path}", filled_in(path, operation), operation["requestBody"]["content"])
        for path, operations in paths.items()
        for verb, operation in operations.items()
        if "requestBody" in operation and not any(part in path for part in OF_ONE)
    ]
    controller.call("POST", "/entities/site/onboard", onboarding(proposition=FULL))
    answers = {}
    for key, path, content in sorted(calls, key=lambda call: ORDER.index(call[0]) if call[0] in ORDER else -1):
        body = content["application/json"]["example"]
        answers[key] = controller.call(key.split()[0], path, body).status_code
    assert {key: status for key, status in answers.items() if status != 200} == {}


def test_every_call_that_takes_json_has_an_example(paths: dict[str, Any]) -> None:
    verbs = [(path, verb) for path, operations in paths.items() for verb in operations if verb in ("post", "patch")]
    assert [place for place in verbs if "requestBody" not in paths[place[0]][place[1]]] == []


def test_calls_are_grouped_by_subject_and_a_password_authorises(controller: Controller, paths: dict[str, Any]) -> None:
    tags = {tag for operations in paths.values() for operation in operations.values() for tag in operation["tags"]}
    assert tags == {
        "accounts", "awkward-deliveries", "awkwardness", "clock", "dispatches", "emails", "faults",
        "home-assistant-events", "log", "market", "messages", "money", "plans", "receivers", "replan", "scenario",
        "server", "settings", "sites", "snapshots", "tokens", "withdrawals", "world",
    }  # fmt: skip
    schemes = controller.client.get("/__mockaxle/openapi.json").json()["components"]["securitySchemes"]
    assert schemes["password"]["flows"]["password"]["tokenUrl"] == "/auth/token-form"
