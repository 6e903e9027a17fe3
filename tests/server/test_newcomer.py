"""A newcomer who tries every operation with the example that the document shows gets an answer from each."""

import asyncio
from typing import Any
from urllib.parse import urlencode

import pytest

from mockaxle.app import create_app
from mockaxle.contract.document import FORM as FORM_TYPE
from mockaxle.contract.document import Operation, load_contract
from mockaxle.core.accounts import AccountKind
from mockaxle.scenarios.sections import AccountSection
from mockaxle.world.entries import Request
from tests.calling import CHARGER, FORM, Caller, onboarding

DOCUMENT = load_contract().document
QUERY = {"postcode": "SW1A 1AA", "address": "2 Mall Cottages, London, SW1A 1AA", "redirect_uri": "https://app.example"}
BATTERY = {"external_id": "powerpack", "type": "battery"}


def ids_of(caller: Caller, operation: Operation) -> dict[str, str]:
    """A home with a charger and a battery, and whatever else the operation asks for."""
    if operation.key == "POST /entities/asset":
        caller.post("/entities/site", {"mpan": "1000000000099", "postcode": "M1"})
        return {"site_id": caller.get("/entities/site").json["sites"][0]["id"]}
    body = onboarding(
        site={"mpan": "2000000000006", "street_address": None},
        assets=[{**CHARGER, "external_id": "w"}, BATTERY],
        proposition="full_asset_schedule_control",
    )
    done = caller.post("/entities/site/onboard", body).json
    site_id, (charger, battery) = done["site"]["site_id"], (asset["asset_id"] for asset in done["assets"])
    caller.post(f"/entities/site/{site_id}/enrol", {"proposition": "limited_pause"})
    intent = {"energy_required_kwh": 9, "ready_by": "2026-01-21T07:00:00Z"}
    caller.post(f"/entities/asset/{charger}/event/plug-in", {"intent": intent})
    if operation.key == "DELETE /entities/site/{site_id}":
        site_id = caller.post("/entities/site", {"mpan": "1000000000099", "postcode": "M1"}).json["id"]
    return {
        "site_id": site_id,
        "asset_id": battery if operation.path.endswith("battery-schedule") else charger,
        "external_id": "w",
        "event_id": "any",
        "provider": "volvo",
        "mpan": "1000000000012",
        "meter_ref": caller.get("/meter/search?postcode=SW1A1AA").json[1]["ref"],
    }


@pytest.mark.parametrize("operation", load_contract().operations, ids=lambda operation: operation.key)
def test_every_operation_answers_its_example(operation: Operation) -> None:
    caller = Caller(create_app().api)
    ids = ids_of(caller, operation)
    if operation.path.startswith("/vpp/"):
        section = AccountSection(username="ha", kind=AccountKind.HOME_ASSISTANT)
        asyncio.run(caller.api.worlds.add_account("acme", section))
        caller.token = Caller(caller.api, "ha").token
    described: dict[str, Any] = DOCUMENT["paths"][operation.path][operation.verb.lower()]
    content = described.get("requestBody", {}).get("content", {})
    query = urlencode({p.name: QUERY[p.name] for p in operation.parameters if p.where == "query" and p.required})
    path = operation.path.format(**ids)
    if FORM_TYPE in content:
        form = content[FORM_TYPE].get("example", {"username": "acme", "password": "secret"})
        bearer = (b"authorization", f"Bearer {caller.token}".encode())
        answer = caller.send(Request(operation.verb, path, query, (FORM, bearer), urlencode(form).encode()))
    else:
        example: Any = content["application/json"]["example"] if content else None
        if operation.key == "POST /entities/asset":
            example = {**example, **ids}
        answer = caller.call(operation.verb, f"{path}?{query}", example)
    assert answer.status == (204 if operation.verb == "DELETE" else 200), answer.json
