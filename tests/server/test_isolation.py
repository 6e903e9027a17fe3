"""Two organisations never see each other: every operation tried with the other's ids."""

import pytest

from mockaxle.contract.document import Operation, load_contract
from mockaxle.world.entries import to_json
from tests.calling import CHARGER, Caller

OPERATIONS = [
    operation for operation in load_contract().operations if operation.path.startswith(("/entities/", "/rewards/"))
]
EXAMPLES = {
    f"{verb.upper()} {path}": next(iter(body["requestBody"]["content"].values()))["example"]
    for path, verbs in load_contract().document["paths"].items()
    for verb, body in verbs.items()
    if "requestBody" in body and "example" in next(iter(body["requestBody"]["content"].values()))
}


@pytest.mark.rule("E4", "E7")
@pytest.mark.parametrize("operation", [o for o in OPERATIONS if "{" in o.path], ids=lambda operation: operation.key)
def test_with_anothers_ids_every_operation_is_404_and_changes_nothing(acme: Caller, operation: Operation) -> None:
    body = acme.onboard().json
    ids = {"site_id": body["site"]["site_id"], "asset_id": body["assets"][0]["asset_id"]}
    ids |= {"external_id": "wallbox-7", "event_id": "any", "provider": "volvo"}
    rival = Caller(acme.api, "rival")
    before = (acme.state, rival.state)
    answer = rival.call(operation.verb, operation.path.format(**ids) + "?redirect_uri=x", EXAMPLES.get(operation.key))
    assert answer.status == (400 if "/oauth/" in operation.path else 404), answer.json  # E7
    assert (acme.state, rival.state) == before


@pytest.mark.rule("E4")
def test_with_anothers_site_no_asset_is_created(acme: Caller) -> None:
    site_id = acme.onboard().json["site"]["site_id"]
    rival = Caller(acme.api, "rival")
    assert rival.post("/entities/asset", {**CHARGER, "site_id": site_id}).status == 404


@pytest.mark.rule("E4", "A3")
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.key)
def test_without_a_token_every_operation_is_401(acme: Caller, operation: Operation) -> None:
    nobody = Caller(acme.api, log_in=False)
    assert nobody.call(operation.verb, operation.path.replace("{", "").replace("}", "")).status == 401


def test_no_exchange_of_one_world_is_in_anothers_log(acme: Caller) -> None:
    acme.onboard()
    rival = Caller(acme.api, "rival")
    rival.onboard(site={"mpan": "1000000000099"})
    hosted = acme.api.worlds.find("rival")
    assert hosted
    assert "1000000000012" not in str([to_json(exchange) for exchange in hosted.log])
