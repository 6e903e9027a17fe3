"""Lines that mockaxle 0.1.0 wrote."""

from typing import Any

import pytest

from mockaxle.recordings.version_1 import converted
from mockaxle.world.entries import Command, Exchange, Held, Wait, Why, from_json

AT = "2026-01-20T12:00:00+00:00"
REQUEST = {
    "method": "GET",
    "path": "/entities/site/abc",
    "query": "",
    "headers": [],
    "body": "",
    "oversize": False,
    "scheme": "http",
    "resumed": False,
}
PRINCIPAL = {"world": "acme", "username": "acme", "token": 1, "roles": []}


def exchange(status: int, **response: Any) -> dict[str, Any]:
    answered = {"status": status, "body": "{}", "headers": [], "token": None, "rules": ["L13"], "hint": "Look."}
    answered |= {"way": None, "awkward": ["null"], "has_base": False, **response}
    return {"kind": "exchange", "at": AT, "principal": PRINCIPAL, "request": REQUEST, "response": answered}


def command(name: str, arguments: dict[str, Any]) -> Command:
    entry = from_json(converted({"kind": "command", "at": AT, "real_at": AT, "name": name, "arguments": arguments}))
    assert isinstance(entry, Command)
    return entry


def test_an_exchange_gets_its_operation_and_its_reasons_apart() -> None:
    entry = from_json(converted(exchange(200)))
    assert isinstance(entry, Exchange)
    assert entry.operation == "GET /entities/site/{site_id}"
    assert entry.response.why == Why(("L13",), "Look.", ("null",))
    assert (entry.at, entry.request.oversize) == (entry.real_at, 0)


def test_a_status_of_102_is_a_call_that_waits() -> None:
    entry = from_json(converted(exchange(102, way={"fault": "f1", "network": "", "delay_ms": 5})))
    assert isinstance(entry, Held)
    assert entry.wait == Wait("f1", 5)


@pytest.mark.parametrize(
    ("name", "arguments", "key", "path", "body"),
    [
        ("advance", {"seconds": 90061.0}, "POST /clock/advance", {}, {"by": "1d3661s"}),
        ("price window", {"id": "w1", "price_gbp_per_mwh": "7"}, "PATCH /market/windows/{id}", {"id": "w1"}, None),
        ("set awkwardness", {"kinds": [], "probability": "1"}, "DELETE /awkwardness", {}, {}),
        (
            "set awkwardness",
            {"kinds": [], "probability": "0.5", "beyond_contract": True},
            "PUT /awkwardness",
            {},
            {"kinds": [], "probability": "0.5", "beyond_contract": True},
        ),
        ("revoke tokens", {"username": None}, "POST /tokens/revoke", {}, {}),
    ],
)
def test_a_command_is_the_call_that_it_was(
    name: str, arguments: dict[str, Any], key: str, path: dict[str, str], body: dict[str, Any] | None
) -> None:
    found = command(name, arguments)
    assert (found.key, found.path) == (key, path)
    assert found.body == ({"price_gbp_per_mwh": "7"} if body is None else body)
