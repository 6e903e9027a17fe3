"""Each line of contracts/schemathesis.toml is needed, and names the rule that refuses what the document allows."""

import json
import re
from typing import Any
from urllib.parse import urlencode

import jsonschema
import pytest

from mockaxle.app import create_app
from mockaxle.contract.document import load_contract
from mockaxle.contract.ledger import load_ledger
from mockaxle.world.entries import Request
from tests.calling import CHARGER, FORM, HOME, Caller, onboarding
from tests.campaign.running import BASELINE, CONFIG

DOCUMENT = load_contract().document
DEFAULTS = {"2xx", "3xx", "401", "403", "404", "409", "429", "5xx"}
LINES = re.compile(r'include-name = "(.+)"\nchecks\.positive_data_acceptance\.expected-statuses = \[(.+)\] # (.+)\n')
NO_EMAIL = {**HOME, "email": "nobody"}
SHORT = {**HOME, "mpan": "1"}
BAD_TARIFF = {"tariff": {"off_peak_times": "", "timezone": "Europe/London"}}
ASSETS = [{"external_id": "x", "type": "charger"}]
UNKNOWN = "00000000-0000-4000-8000-000000000000"
OTHER_MPAN = "1000000000099"
LEGACY = {"asset": ASSETS[0], "dispatch_consent": {"dispatch_methods": []}}

PROOFS: list[tuple[str, int, str, Any]] = [
    ("DELETE /entities/site/{site_id}", 400, "L10", None),
    (
        "GET /entities/site/{site_id}/oauth/{provider}/initiate",
        400,
        "E7",
        {"site_id": "0" * 8 + "-0000-4000-8000-" + "0" * 12},
    ),
    ("GET /meter/", 422, "Q11", {"address": "nowhere"}),
    ("GET /meter/by-ref/{meter_ref}", 422, "Q9", {"meter_ref": "x"}),
    ("GET /meter/{meter_ref}/mpan", 422, "Q9", {"meter_ref": "x"}),
    ("GET /meter/{mpan}", 422, "U8", {"mpan": "x"}),
    ("PATCH /entities/site/{site_id}", 422, "E7", {"email": "nobody"}),
    ("POST /auth/component-token", 422, "A8", {"external_user_id": "u", "allowed_origin": "o"}),
    ("POST /entities/asset/{asset_id}/event", 400, "C1", {"event_type": "charge_now"}),
    ("POST /entities/asset/{asset_id}/event/plug-in", 400, "C3", BAD_TARIFF),
    (
        "POST /entities/asset/{asset_id}/event/plug-in-schedule",
        422,
        "F8",
        {"charging_schedule": [{"start_timestamp": "", "end_timestamp": ""}]},
    ),
    ("POST /entities/asset/{asset_id}/event/tariff-update", 400, "C3", BAD_TARIFF),
    ("POST /entities/site", 400, "U7", {**NO_EMAIL, "mpan": "1000000000099", "street_address": "x"}),
    ("POST /entities/site", 422, "U8", SHORT),
    ("POST /entities/site/check-eligibility", 422, "U8", {"mpan": "1"}),
    ("POST /entities/site/initialise", 400, "U7", {"site": NO_EMAIL, "assets": ASSETS}),
    ("POST /entities/site/initialise", 422, "U8", {"site": SHORT, "assets": ASSETS}),
    ("POST /entities/site/onboard", 400, "U7", onboarding(site={"email": "nobody"})),
    ("POST /entities/site/onboard", 422, "U8", onboarding(site={"mpan": "1"})),
    (
        "POST /entities/site/onboard-site-and-asset",
        400,
        "U7",
        {**LEGACY, "site": {**NO_EMAIL, "mpan": "1000000000099"}},
    ),
    ("POST /entities/site/onboard-site-and-asset", 422, "U8", {**LEGACY, "site": SHORT}),
    ("POST /entities/site/{site_id}/enrol", 422, "L5", {"proposition": "limited_pause"}),
    ("POST /entities/site/{site_id}/offboard-site-and-assets", 400, "L6", None),
    ("POST /entities/site/{site_id}/token", 422, "U15", {}),
    ("POST /meter/by-address", 422, "Q11", {"address": "nowhere"}),
    ("POST /meter/by-mpan", 422, "U8", {"mpan": "1"}),
    ("POST /validation/mpan", 400, "Q10", {"mpan": "1"}),
]


def exempt() -> set[tuple[str, int, str]]:
    """Every operation, further status and rule that the file names."""
    found = set()
    for name, statuses, rules in LINES.findall(CONFIG.read_text(encoding="utf-8")):
        further = [text.strip('" ') for text in statuses.split(",") if text.strip('" ') not in DEFAULTS]
        found |= {(name, int(status), rule) for status, rule in zip(further, rules.split(", "), strict=True)}
    return found


def test_the_file_exempts_nothing_else() -> None:
    text = CONFIG.read_text(encoding="utf-8")
    assert len(LINES.findall(text)) == text.count("[[operations]]")
    assert [
        line for line in text.splitlines() if line and not re.match(r"#|hooks = |\[\[op|include-name|checks\.pos", line)
    ] == []
    assert exempt() == {proof[:3] for proof in PROOFS}
    assert {rule for _, _, rule in exempt()} <= set(load_ledger())


def test_no_failure_is_accepted() -> None:
    assert json.loads(BASELINE.read_text(encoding="utf-8"))["entries"] == []


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: f"{proof[0]} {proof[1]}")
def test_each_line_is_needed(proof: tuple[str, int, str, Any]) -> None:
    key, status, rule, sent = proof
    verb, path = key.split(" ")
    caller = Caller(create_app().api)
    done = caller.onboard(assets=[CHARGER]).json
    ids = {"site_id": done["site"]["site_id"], "asset_id": done["assets"][0]["asset_id"], "provider": "volvo"}
    caller.post(f"/entities/site/{ids['site_id']}/unenrol", {"proposition": "limited_pause"})
    if rule == "L6":
        caller.call("DELETE", f"/entities/asset/{ids['asset_id']}")
    if verb == "GET":
        answer = caller.get(path.format(**{**ids, **sent}) + "?" + urlencode(sent))
    else:
        content = DOCUMENT["paths"][path][verb.lower()].get("requestBody", {}).get("content", {})
        for described in content.values():
            jsonschema.validate(sent, {**described["schema"], "components": DOCUMENT["components"]})
        if path == "/auth/component-token":
            bearer = (b"authorization", f"Bearer {caller.token}".encode())
            answer = caller.send(Request(verb, path, "", (FORM, bearer), urlencode(sent).encode()))
        else:
            answer = caller.call(verb, path.format(**ids), sent)
    assert (answer.status, answer.rules) == (status, (rule,))
