"""The focused contracts and the Postman collections."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mockaxle.contract.document import load_contract
from mockaxle.contract.postman import collection
from mockaxle.contract.profiles import profile, profiles, spelt
from tests.campaign.running import fresh_mock
from tests.cli.test_serve import run
from tests.programs import needed

CONTRACTS = Path(__file__).parent.parent / "contracts"
WHOLE = load_contract().document
NO_NEWS = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


@pytest.mark.parametrize("name", profiles())
def test_a_focused_contract_in_the_repository_is_cut_from_the_whole(name: str) -> None:
    """After a change: `mockaxle contract NAME > contracts/NAME.openapi.json`."""
    assert (CONTRACTS / f"{name}.openapi.json").read_text(encoding="utf-8") == spelt(profile(name))


@pytest.mark.parametrize("name", profiles())
def test_a_focused_contract_has_its_operations_and_what_they_refer_to(name: str) -> None:
    document = profile(name)
    operations = {f"{verb.upper()} {path}" for path, verbs in document["paths"].items() for verb in verbs}
    assert operations == set(profiles()[name]["operations"])
    for path, verbs in document["paths"].items():
        for verb, body in verbs.items():
            unlinked = [{k: v for k, v in r.items() if k != "links"} for r in body["responses"].values()]
            whole = WHOLE["paths"][path][verb]
            assert unlinked == [{k: v for k, v in r.items() if k != "links"} for r in whole["responses"].values()]
    bodies = [body for verbs in document["paths"].values() for body in verbs.values()]
    responses = [response for body in bodies for response in body["responses"].values()]
    ids = {body["operationId"] for body in bodies}
    assert {link["operationId"] for r in responses for link in r.get("links", {}).values()} <= ids
    schemas = document["components"]["schemas"]
    assert all(schemas[schema] == WHOLE["components"]["schemas"][schema] for schema in schemas)


def test_the_command_prints_each_and_says_what_there_is() -> None:
    assert json.loads(run("contract").stdout) == WHOLE
    assert run("contract", "vpp").stdout == spelt(profile("vpp"))
    assert json.loads(run("contract", "vpp", "--format", "postman").stdout)["item"][0]["name"] == "Authenticate"
    done = run("contract", "gas")
    assert (done.returncode, "choose one of flex-lite, smart-charging, vpp, price-curves" in done.stderr) == (2, True)


@pytest.mark.parametrize("name", [None, *profiles()])
def test_a_collection_runs_through_newman_with_one_log_in(name: str | None, tmp_path: Path) -> None:
    (newman,) = needed("newman")
    file, report = tmp_path / "collection.json", tmp_path / "report.json"
    with fresh_mock() as (url, _):
        file.write_text(json.dumps(collection(profile(name) if name else WHOLE, base_url=url)))
        command = [newman, "run", str(file), "--reporters", "json", "--reporter-json-export", str(report)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    executions: list[dict[str, Any]] = json.loads(report.read_text())["run"]["executions"]
    codes = {one["item"]["name"]: one["response"]["code"] for one in executions}
    assert codes.pop("Read the next flex event", 403) == 403
    taken = {
        "Create a site": 409,
        "Onboard a site with one asset": 409,
        "Read a battery schedule": 404,
        "Delete a site": 404,
    }
    assert {n: code for n, code in codes.items() if code >= 300 and taken.get(n) != code} == {}


@pytest.mark.parametrize("name", ["axle", *profiles()])
def test_a_linter_finds_nothing_wrong(name: str) -> None:
    (redocly,) = needed("redocly")
    file = CONTRACTS / f"{name}.openapi.json"
    command = [redocly, "lint", "--format", "json", "--config", str(CONTRACTS / "redocly.yaml"), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **NO_NEWS})
    found = json.loads(done.stdout[done.stdout.index("{") :])
    assert (done.returncode, found["problems"]) == (0, [])
