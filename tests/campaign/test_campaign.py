"""Schemathesis over the whole document: short in `make test`, long and with several seeds in `make fuzz`."""

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from mockaxle.contract.document import load_contract
from tests.campaign.running import ALL_PHASES, fresh_mock, run

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
SEEDS, EXAMPLES = (range(1, 6), "100") if LONG else (range(1, 2), "4")
NAMED_STRINGS = [
    "POST /entities/asset/{asset_id}/event/plug-in-schedule",
    "POST /entities/asset/{asset_id}/event/tariff-update",
    "POST /entities/site",
    "POST /entities/site/check-eligibility",
    "POST /entities/site/initialise",
    "POST /entities/site/onboard",
    "POST /entities/site/onboard-site-and-asset",
    "POST /meter/by-mpan",
]


@pytest.mark.property
@pytest.mark.parametrize("seed", SEEDS)
def test_every_check_passes_in_every_phase(seed: int, tmp_path: Path) -> None:
    with fresh_mock() as (url, token):
        options = ("--phases", ALL_PHASES, "--seed", str(seed), "--max-examples", EXAMPLES)
        code, report, _ = run(f"{url}/openapi.json", token, tmp_path, *options)
    assert code == 0, report
    for phase in ("Examples", "Coverage", "Fuzzing", "Stateful"):
        assert f"✅ {phase}" in report


def refused(events: list[dict[str, Any]]) -> dict[str, float]:
    """Of each operation the share of cases that fit the document and are answered 400 or 422."""
    cases, turned_down = Counter[str](), Counter[str]()
    for event in events:
        recorder = event.get("ScenarioFinished", {}).get("recorder", {})
        for id, case in recorder.get("cases", {}).items():
            status = recorder["interactions"][id]["response"]["status_code"]
            if case["value"]["meta"]["generation"]["mode"] == "positive":
                cases[recorder["label"]] += 1
                turned_down[recorder["label"]] += status in (400, 422)
    return {label: turned_down[label] / count for label, count in cases.items()}


def test_at_least_a_third_of_what_fits_the_document_gets_past_the_rules(tmp_path: Path) -> None:
    with fresh_mock() as (url, token):
        options = ["--phases", "fuzzing", "--seed", "7", "--max-examples", "40", "--mode", "positive"]
        for name in NAMED_STRINGS:
            options += ["--include-name", name]
        code, report, events = run(f"{url}/openapi.json", token, tmp_path, *options)
    assert code == 0, report
    shares = refused(events)
    assert set(shares) == set(NAMED_STRINGS)
    assert {name: share for name, share in shares.items() if share > 2 / 3} == {}


@pytest.mark.rule("A3")
def test_a_document_that_says_bearer_shows_that_no_token_is_ignored(tmp_path: Path) -> None:
    """Schemathesis sees nothing wrong with an OAuth2 server that ignores tokens, so the document says bearer."""
    document: dict[str, Any] = json.loads(json.dumps(load_contract().document))
    document["components"]["securitySchemes"] = {"OAuth2PasswordBearer": {"type": "http", "scheme": "bearer"}}
    for verbs in document["paths"].values():
        for operation in verbs.values():
            operation["responses"]["401"] = {"description": "No good token."}
    file = tmp_path / "bearer.json"
    file.write_text(json.dumps(document))
    with fresh_mock() as (url, token):
        options = ("--url", url, "--checks", "ignored_auth", "--seed", "1", "--max-examples", "1")
        code, report, _ = run(str(file), token, tmp_path, *options, "--phases", "fuzzing")
    assert code == 0, report
