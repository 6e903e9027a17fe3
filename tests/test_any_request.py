"""Whatever is sent, to whatever operation: no answer is a 500, each is of a declared status, and the log replays."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

import jsonschema
import pytest

from mockaxle.app import create_app
from mockaxle.contract.document import FORM as FORM_TYPE
from mockaxle.contract.document import Operation, load_contract
from mockaxle.server.malformed import OTHERWISE
from mockaxle.serving.settings import ServerSettings
from mockaxle.world.entries import Request, Response
from tests.calling import FORM, JSON, Caller, answered
from tests.clocks import ManualClock
from tests.commanding import carry_out
from tests.replaying import SEED, replay
from tests.schema_values import Draw

DOCUMENT = load_contract().document
OPERATIONS = load_contract().operations
HOME_ASSISTANT = "/vpp/home-assistant/event"
FORMATS = jsonschema.FormatChecker(["uuid", "date"])
UNDECLARED = {401, 403, 404, 413, 307, 405}
"""What may be answered besides: tokens, roles, size, and a path that a drawn value changed."""

KNOWN = {
    "username": ["acme"],
    "redirect_uri": ["x"],
    "timezone": ["Europe/London"],
    "off_peak_times": ["23:30-05:30"],
    "address": ["2 Mall Cottages, London, SW1A 1AA"],
    "email": ["ada@example.org"],
    "start_timestamp": ["2026-01-20T22:00:00Z"],
    "end_timestamp": ["2026-01-21T06:00:00Z"],
}


def described(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = DOCUMENT["paths"][operation.path][operation.verb.lower()]
    return found


def drawn(operation: Operation, draw: Draw, token: str) -> Request:
    path, query = operation.path, {}
    for parameter in operation.parameters:
        value = draw.value(parameter.schema, parameter.name)
        text = str(value).lower() if isinstance(value, bool) else str(value)
        if parameter.where == "path":
            path = path.replace("{" + parameter.name + "}", quote(text, safe="") or "x")
        elif parameter.required or draw.chance(0.5):
            query[parameter.name] = text
    path = re.sub("{.*?}", "x", path)
    bearer = (b"authorization", f"Bearer {token}".encode())
    headers, body = ((JSON, bearer), b"")
    content = described(operation).get("requestBody", {}).get("content", {})
    if content:
        schema = next(iter(content.values()))["schema"]
        value = draw.value(schema)
        if FORM_TYPE in content:
            fields = value if isinstance(value, dict) else {}
            headers, body = (FORM, bearer), urlencode({n: v for n, v in fields.items() if v is not None}).encode()
        else:
            body = json.dumps(value).encode()
    return Request(operation.verb, path, urlencode(query), headers, body)


@cache
def validator(verb: str, path: str, status: int) -> Any:
    """Of the bodies that the document declares for a status, or None where it declares none."""
    content = DOCUMENT["paths"][path][verb.lower()]["responses"].get(str(status), {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    if schema is None:
        return None
    return jsonschema.Draft202012Validator({**schema, "components": DOCUMENT["components"]}, format_checker=FORMATS)


def check_body(operation: Operation, response: Response, *, style: str) -> None:
    """In `contract` style every body fits the document, in `wire` style a good one does once nulls are dropped.

    But for P1 and C6: there a price that nobody has and a profile's id are null, though the document requires them.
    """
    known = validator(operation.verb, operation.path, response.status)
    if known is None or (style == "wire" and response.status >= 300):
        return
    body = json.loads(response.body)
    assert response.status != 422 or OTHERWISE[0] not in str(body.get("detail")), (operation.key, body)
    if style == "wire" and operation.path.endswith(("/price-curve", "/ocpp-charging-profile")):
        return
    known.validate(without_nulls(body) if style == "wire" and operation.path != HOME_ASSISTANT else body)


def without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_nulls(inner) for name, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


@contextmanager
def answering_awkwardly(caller: Caller, kinds: Sequence[str]) -> Iterator[None]:
    worlds, body = caller.api.worlds, {"kinds": list(kinds), "beyond_contract": True}
    if kinds:
        carry_out(worlds, "acme", "PUT /awkwardness", body)
    yield
    if kinds:
        carry_out(worlds, "acme", "DELETE /awkwardness")


def campaign(
    seed: int, requests: int, style: str, *, awkward: Sequence[str] = ()
) -> tuple[Caller, Counter[tuple[str, int]]]:
    """A life of random requests, and how often each operation answered what."""
    clock = ManualClock()
    caller = Caller(create_app(ServerSettings(seed=SEED), clock=clock).api)
    carry_out(caller.api.worlds, "acme", "PATCH /settings", {"style": style})
    ids: dict[str, list[str]] = {
        "site_id": [],
        "asset_id": [],
        "username": ["acme"],
        "mpan": ["1000000000012"],
        **KNOWN,
    }
    draw, seen = Draw(seed, ids), Counter[tuple[str, int]]()
    for number in range(requests):
        if number % 50 == 0:
            clock.advance(minutes=31)
            caller.token = caller.log_in().json["access_token"]
            done = caller.onboard(
                site={"mpan": f"10000000{number:05}", "street_address": None},
                assets=[{"external_id": f"{kind}-{number}", "type": kind} for kind in ("charger", "battery")],
                proposition="full_asset_schedule_control",
            ).json
            bare = caller.post("/entities/site", {"mpan": f"30000000{number:05}", "postcode": "M1"}).json
            ids["site_id"] = [*ids["site_id"], done["site"]["site_id"], bare["id"]][-6:]
            ids["asset_id"] = [*ids["asset_id"], *(asset["asset_id"] for asset in done["assets"])][-6:]
            ids["external_id"] = [f"charger-{number}", f"new-{number}", f"newer-{number}"]
            ids["mpan"] = [f"10000000{number:05}", f"20000000{number:05}"]
            ids["meter_ref"] = [one["ref"] for one in caller.get("/meter/search?postcode=SW1A1AA").json]
        operation = draw.any_of(OPERATIONS)
        with answering_awkwardly(caller, awkward):
            response = answered(caller.api, drawn(operation, draw, caller.token or ""))
        declared = {int(status) for status in described(operation)["responses"]}
        assert response.status < 500 or response.status in declared - {500}, (operation.key, response)
        assert response.status in declared | UNDECLARED, (operation.key, response)
        check_body(operation, response, style=style)
        seen[operation.key, response.status] += 1
    return caller, seen


@pytest.mark.property
@pytest.mark.rule("A10", "E1", "E2", "G9")
@pytest.mark.parametrize("seed", range(4))
def test_no_request_breaks_the_mock_and_the_log_replays_to_the_byte(seed: int) -> None:
    caller, seen = campaign(seed, 2_500, "wire" if seed % 2 else "contract")
    hosted = caller.api.worlds.find("acme")
    assert hosted
    assert hosted.log.dropped == 0
    world, again = replay("acme", list(hosted.log))
    assert again == list(hosted.log)
    assert world == hosted.world
    assert {key for key, _ in seen} == {operation.key for operation in OPERATIONS}


def test_the_requests_reach_what_they_are_for() -> None:
    """Most operations are answered well by some of them: the campaign is no wall of refusals."""
    _, seen = campaign(99, 6_000, "contract")
    answered = {key for key, status in seen if status < 300}
    assert {operation.key for operation in OPERATIONS} - answered <= {"GET /vpp/home-assistant/event"}
