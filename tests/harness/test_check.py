"""`mockaxle check`: a healthy mock is clean; what a run says, writes, and leaves behind."""

import json
import os
import re
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockaxle.app import App
from mockaxle.cli.check import SUITE_NAMES
from mockaxle.contract.document import load_contract
from mockaxle.harness.run import Homes
from mockaxle.harness.suites import FOR_OTHERS, SUITES
from mockaxle.serving.listener import serve_in_thread
from mockaxle.world.entries import Exchange
from tests.mutants.checking import ROOT, check, command, fresh_app

LONG = os.environ.get("HYPOTHESIS_PROFILE") == "fuzz"
EXAMPLES = "8" if LONG else "3"
RUNS = [(seed, style) for seed in range(1, 21) for style in ("contract", "wire")] if LONG else [(1, "contract")]
SWIFT = ("journeys", "auth", "idempotency", "optimiser")


def suites(*names: str) -> list[str]:
    return [word for name in names for word in ("--suite", name)]


def control(url: str, verb: str, path: str, body: Any) -> None:
    token = httpx.post(f"{url}/auth/token-form", data={"username": "checked", "password": "demo"}).json()
    headers = {"Authorization": f"Bearer {token['access_token']}"}
    assert httpx.request(verb, f"{url}/__mockaxle/world{path}", json=body, headers=headers).status_code == 200


@pytest.mark.property
@pytest.mark.parametrize(("seed", "style"), RUNS)
def test_a_healthy_mock_is_clean_in_every_suite(url: str, tmp_path: Path, seed: int, style: str) -> None:
    control(url, "PATCH", "/settings", {"style": style})
    code, report, printed = check(url, tmp_path, "--seed", str(seed), "--examples", EXAMPLES, "--style", style)
    assert (code, report["findings"], report["never_accepted"], report["left_behind"]) == (0, [], [], []), printed
    assert report["untested"] == ["never called: "] or not report["untested"], printed


def test_the_command_line_names_every_suite() -> None:
    assert tuple(SUITES) == SUITE_NAMES


def test_every_operation_is_accepted_in_a_journey(url: str, tmp_path: Path) -> None:
    """What only conformance calls may be refused by chance, and `check` fails where an operation never succeeded."""
    _, report, printed = check(url, tmp_path, "--seed", "1", *suites("journeys"))
    accepted = {one["operation"] for one in report["operations"] if one["accepted"]}
    assert {operation.key for operation in load_contract().operations} - accepted == FOR_OTHERS, printed


@pytest.mark.parametrize("profile", ["flex-lite", "smart-charging", "vpp", "price-curves"])
def test_a_profile_is_checked_by_its_own_operations(url: str, tmp_path: Path, profile: str) -> None:
    options = ("--profile", profile, "--seed", "1", "--examples", "4")
    code, report, printed = check(url, tmp_path, *options, *suites(*SWIFT))
    assert (code, report["findings"]) == (0, []), printed
    assert any("the profile has no" in reason for reason in report["untested"])


def requests_of(app: App) -> list[tuple[str, str, bytes]]:
    hosted = app.api.worlds.find("checked")
    assert hosted
    entries = [entry for entry in hosted.log if isinstance(entry, Exchange)]
    return [(e.request.method, f"{e.request.path}?{e.request.query}", e.request.body) for e in entries]


def test_the_same_seed_sends_the_same_requests_to_a_fresh_server(tmp_path: Path) -> None:
    logs = []
    for seed in ("5", "5", "6"):
        app = fresh_app()
        with serve_in_thread(app) as url:
            check(url, tmp_path, "--seed", seed, "--examples", "2", *suites(*SWIFT, "lifecycle"))
        logs.append(requests_of(app))
    assert logs[0] == logs[1]
    assert logs[0] != logs[2]
    assert len(logs[0]) > 300


def test_reports_tell_each_rule_that_is_broken(url: str, tmp_path: Path) -> None:
    control(url, "POST", "/faults", {"kind": "status", "status": 418, "operation": "POST /entities/asset"})
    kinds = [word for kind in ("junit", "html", "har") for word in ("--report", f"{kind}={tmp_path / kind}")]
    code, report, printed = check(url, tmp_path, "--seed", "1", *suites("journeys"), *kinds)
    assert code == 1
    (finding,) = report["findings"]
    assert (finding["level"], finding["statements"]) == ("error", ["G1b", "L9a", "L9b"])
    assert finding["also"][0]["title"] == "add a battery: create the battery"
    assert "error G1b: POST /entities/asset answers 418\n" in printed
    junit = ElementTree.parse(tmp_path / "junit").getroot()
    cases = {case.get("name"): case for case in junit.iter("testcase")}
    failure = cases["G1 (D+O)"].find("failure")
    assert failure is not None
    assert "418" in (failure.text or "")
    assert cases["L1 (D)"].find("failure") is None
    assert cases["POST /entities/asset"].find("failure") is not None
    assert 0 < sum(float(case.get("time") or 0) for case in cases.values()) <= report["seconds"]
    page = (tmp_path / "html").read_text(encoding="utf-8")
    assert "add a battery: create the battery" in page
    assert "http-equiv" not in page
    assert "<script" not in page
    archive = json.loads((tmp_path / "har").read_text(encoding="utf-8"))
    entries = archive["log"]["entries"]
    assert 418 in {entry["response"]["status"] for entry in entries}
    assert 0 < sum(entry["time"] for entry in entries) <= report["seconds"] * 1000


def test_known_findings_can_be_left_out(url: str, tmp_path: Path) -> None:
    control(url, "POST", "/faults", {"kind": "status", "operation": "POST /entities/asset"})
    check(url, tmp_path, "--seed", "1", *suites("journeys"))
    known = tmp_path / "known.json"
    (tmp_path / "report.json").rename(known)
    code, report, printed = check(url, tmp_path, "--seed", "1", *suites("journeys"), "--baseline", str(known))
    assert (report["findings"], report["known"]) == ([], 1), printed
    assert code == 1, "the operation never succeeded"
    assert report["never_accepted"] == ["POST /entities/asset"]


def test_a_lifecycle_finding_is_a_story_that_can_be_replayed(url: str, tmp_path: Path) -> None:
    control(url, "PATCH", "/settings", {"withdrawal_memory": False})
    part = ("--profile", "smart-charging", "--setting", "withdrawal_memory=true", *suites("lifecycle"))
    code, report, printed = check(url, tmp_path, "--seed", "1", "--examples", "100", *part)
    finding = report["findings"][0]
    assert (code, {one["rule"] for one in report["findings"]}) == (1, {"L5"}), printed
    steps = [step.partition(" ")[0] for step in finding["story"]]
    assert (steps[0], len(steps) in (3, 4, 5)) == ("1.", True), printed
    assert 3 <= len(finding["repeat"]) <= len(steps)
    (file,) = tmp_path.glob("lifecycle-L5-1.jsonl")
    with serve_in_thread(fresh_app()) as other:
        replay = [sys.executable, "-m", "mockaxle.cli", "replay", str(file), "--url", other]
        done = subprocess.run(replay, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "status: recorded 200" in done.stdout
    assert "received 422" in done.stdout


class CountingFromZero:
    """An app whose lists count their pages from 0, where the mock decided for 1."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def sent(message: Any) -> None:
            if "body" in message:
                message["body"] = message["body"].replace(b'"page_number":1', b'"page_number":0')
            await send(message)

        await self._app(scope, receive, sent)


@pytest.mark.parametrize(("is_ours", "expected"), [(True, 1), (False, 0)])
def test_a_decision_of_the_mocks_is_a_note_and_fails_the_mock_only(
    tmp_path: Path, is_ours: bool, expected: int
) -> None:
    with serve_in_thread(CountingFromZero(fresh_app(rules_header=is_ours))) as url:
        code, report, printed = check(url, tmp_path, "--seed", "1", *suites("journeys"))
    assert (code, report["is_mockaxle"]) == (expected, is_ours), printed
    assert [(one["rule"], one["level"]) for one in report["findings"]] == [("U12", "note")]


def test_with_mpans_of_ones_own_no_other_is_used_and_nothing_is_fuzzed_that_writes(
    app: App, url: str, tmp_path: Path
) -> None:
    file = tmp_path / "mpans"
    homes = Homes((), seed=7)
    own = [homes.next(), homes.next()]
    file.write_text("\n".join(own))
    code, report, printed = check(url, tmp_path, "--seed", "1", "--examples", "4", "--mpans", str(file))
    assert (code, report["findings"], report["left_behind"]) == (0, [], []), printed
    assert any("fuzzed on loopback only" in reason for reason in report["untested"])
    written = b"".join(body for verb, path, body in requests_of(app) if "/onboard" in path or "/initialise" in path)
    assert set(re.findall(rb'"mpan":"(\d{13})"', written)) == {mpan.encode() for mpan in own}


def test_sites_are_taken_away_also_after_ctrl_c(app: App, url: str, tmp_path: Path) -> None:
    words = command(url, "--seed", "1", "--examples", "500", "--recordings", str(tmp_path), *suites("lifecycle"))
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr
        while sites_of(app) == 0:
            assert running.poll() is None
        running.send_signal(signal.SIGINT)
        printed, errors = running.communicate(timeout=60)
    assert (running.returncode, "interrupted" in errors) == (130, True), printed + errors
    assert sites_of(app) == 0


def sites_of(app: App) -> int:
    hosted = app.api.worlds.find("checked")
    return len(hosted.world.state.sites) if hosted else 0


def test_a_run_in_which_nothing_is_tested_is_not_green(url: str, tmp_path: Path) -> None:
    code, report, _ = check(url, tmp_path, "--profile", "price-curves", *suites("optimiser"))
    assert code == 1
    assert report["untested"][0].startswith("optimiser: the profile has no")


def test_the_time_budget_ends_a_run_with_a_word(url: str, tmp_path: Path) -> None:
    _, report, _ = check(url, tmp_path, "--time-budget", "3", "--examples", "5000", *suites("lifecycle"))
    assert report["findings"] == []
    assert report["untested"][0] == "lifecycle: the rest, after the end of --time-budget"
