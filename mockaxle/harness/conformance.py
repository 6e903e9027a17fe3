"""The conformance suite: Schemathesis over the contract, as a child process with a machine-readable report."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mockaxle.contract.data import data_file
from mockaxle.contract.document import Contract
from mockaxle.harness.answer_limits import EXHAUSTED, MAX_ANSWERS
from mockaxle.harness.cleaning import note_what_is_there
from mockaxle.harness.finding import Finding, unanswered
from mockaxle.harness.lifeline import run_child
from mockaxle.harness.operations import BEYOND_THE_DOCUMENT, HARMLESS
from mockaxle.harness.run import NotTestable, Run
from mockaxle.harness.schemathesis_progress import followed
from mockaxle.harness.schemathesis_report import FailedCheck, ReportedScenario, read_archive, read_events
from mockaxle.harness.target import NoAnswer, OutOfTime

SUITE = "conformance"
PHASES, HARMLESS_PHASES = "examples,coverage,fuzzing,stateful", "examples,fuzzing"
"""If nothing may be changed, the coverage phase is left out, since it tries every verb, and so are links."""

WIRE_LEAVES_OUT = ("negative_data_rejection",)
"""The wire style accepts numbers for texts, against the document."""

VERBS = ("allow_header_conformance", "unsupported_method")
"""Left out for a part of the document, since the server may have further verbs."""

BODY, REQUESTS = "G1c", "G1g"
JUDGED: Mapping[str, str] = {
    "not_a_server_error": "G1a",
    "status_code_conformance": "G1b",
    "response_schema_conformance": BODY,
    "ignored_auth": "G5b",
    "negative_data_rejection": REQUESTS,
    "positive_data_acceptance": REQUESTS,
    "missing_required_header": REQUESTS,
    **dict.fromkeys(VERBS, "G8e"),
}
"""The statements of Schemathesis's checks; any other check is about a body."""


def conformance(run: Run) -> None:
    """Run all checks of Schemathesis on every operation; off loopback only on those that change nothing."""
    if _may_fuzz(run):
        note_what_is_there(run)
    with TemporaryDirectory() as folder:
        document, events = Path(folder, "contract.json"), Path(folder, "events.ndjson")
        described = run.contract if _may_fuzz(run) else _harmless(run)
        described = in_wire_style(described) if run.is_wire else described
        document.write_text(json.dumps(described.document))
        config = Path(folder, "schemathesis.toml")
        config.write_text(_config())
        try:
            with followed(run.progress, events, total=_scenarios(run, described)):
                code, report = _child(run, document, events=events, config=config)
        finally:
            run.target.watch.forget()
            seen = _take_over(run, events)
        if code == EXHAUSTED:
            run.unfinished = f"its answers in the {SUITE} suite exceed {MAX_ANSWERS:,} bytes in total"
            raise NotTestable(f"not finished, since {run.unfinished}")
        if code not in (0, 1) or not seen:
            raise NotTestable(f"Schemathesis ended with {code}: {report[-300:].strip()}")
        left_out = _left_out(run)
        run.judge(SUITE).looks_at(*dict.fromkeys(of for check, of in JUDGED.items() if check not in left_out))


def _scenarios(run: Run, described: Contract) -> int:
    """Return about how many scenarios Schemathesis runs: one for each operation in a phase, and some with links."""
    count = len(described.operations)
    return count * 3 + 2 * run.examples if _may_fuzz(run) else count * 2


def _take_over(run: Run, events: Path) -> int:
    """Take over calls, counts and findings, also after a time-out; return the number of scenarios."""
    run.archived += read_archive(events.with_suffix(".har"))
    seen = 0
    for event in read_events(events):
        if isinstance(event, ReportedScenario):
            seen += 1
            _count(run, event)
        elif event.operation is not None and event.operation in run.keys:
            run.target.called(event.operation, allowed=_may_fuzz(run))
            run.findings.add(unanswered(SUITE, NoAnswer(event.operation, event.error)))
    return seen


def _count(run: Run, scenario: ReportedScenario) -> None:
    for call in scenario.calls:
        run.target.called(call.operation, allowed=_may_fuzz(run))
        run.target.answered(call.operation, call.status)
    for failed in scenario.failed:
        run.findings.add(_finding(failed))


def _finding(failed: FailedCheck) -> Finding:
    """Make a finding of a failed check; all of them break the document."""
    operation = failed.operation or ""
    of = BEYOND_THE_DOCUMENT.get(operation, JUDGED.get(failed.check, BODY))
    return Finding(
        SUITE,
        of,
        f"{operation or 'several operations'}: {failed.title} ({failed.check})",
        "an answer as in the document",
        f"{failed.status} {failed.answered[:300]}; {failed.message[:500]}",
        operation,
        (failed.curl,),
    )


def _may_fuzz(run: Run) -> bool:
    return run.may_write and not run.homes.listed


def _harmless(run: Run) -> Contract:
    """Reduce the contract to operations that change nothing."""
    run.untested.append(f"{SUITE}: operations that change something, which are fuzzed on loopback only")
    document = run.contract.document
    kept = {
        path: {verb: body for verb, body in verbs.items() if verb == "get" or f"{verb.upper()} {path}" in HARMLESS}
        for path, verbs in document["paths"].items()
    }
    return Contract({**document, "paths": {path: _unlinked(verbs) for path, verbs in kept.items() if verbs}})


def in_wire_style(contract: Contract) -> Contract:
    """Adapt the contract to the probable wire style: errors in either shape, null for a missing price, and a charging
    profile without an id.

    Source: E1, P1, C6.
    """
    document: dict[str, Any] = json.loads(json.dumps(contract.document))
    for verbs in document["paths"].values():
        for operation in verbs.values():
            for status, response in operation["responses"].items():
                if not status.startswith("2"):
                    response.pop("content", None)
    schemas = document["components"]["schemas"]
    profile = schemas.get("ChargingProfile", {})
    profile["required"] = [name for name in profile.get("required", ()) if name != "chargingProfileId"]
    priced = schemas.get("HalfHourlyPrice", {}).get("properties", {})
    for schema in priced.values():
        if schema.get("type") == "number":
            schema["type"] = ["number", "null"]
    return Contract(document)


def _unlinked(verbs: dict[str, Any]) -> dict[str, Any]:
    return {
        verb: {
            **body,
            "responses": {
                status: {name: value for name, value in response.items() if name != "links"}
                for status, response in body["responses"].items()
            },
        }
        for verb, body in verbs.items()
    }


def _config() -> str:
    text = data_file("contracts", "schemathesis.toml").read_text(encoding="utf-8")
    return text.replace('hooks = "mockaxle.harness.strategies"', 'hooks = "mockaxle.harness.hooks"')


def _child(run: Run, document: Path, *, events: Path, config: Path) -> tuple[int, str]:
    """Run Schemathesis; return exit code and report. Raises: OutOfTime."""
    left = run.target.left_seconds()
    if left <= 0:
        raise OutOfTime()
    environment = _environment(run) | {"MOCKAXLE_CHECK_FOLDER": str(events.parent)}
    command = _command(run, document, events=events, config=config)
    try:
        return run_child(command, seconds=left, folder=events.parent, environment=environment)
    except subprocess.TimeoutExpired:
        raise OutOfTime() from None


def _command(run: Run, document: Path, *, events: Path, config: Path) -> list[str]:
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run", str(document)]
    phases = PHASES if _may_fuzz(run) else HARMLESS_PHASES
    command += ["--url", run.target.base_url, "--phases", phases, "--seed", str(run.seed), "--workers", "1"]
    command += ["--max-examples", str(run.examples), "--continue-on-failure", "--report-ndjson-path", str(events)]
    command += ["--report-har-path", str(events.with_suffix(".har"))]
    left_out = _left_out(run)
    return command + (["--exclude-checks", ",".join(left_out)] if left_out else [])


def _left_out(run: Run) -> list[str]:
    """Return the checks that do not apply to the run."""
    leaves_out = {WIRE_LEAVES_OUT: run.is_wire, VERBS: run.is_partial or not _may_fuzz(run)}
    return [check for checks, applies in leaves_out.items() if applies for check in checks]


def _environment(run: Run) -> dict[str, str]:
    """Return the hooks' variables. The password is not on the command line, which others may see."""
    variables = {"MOCKAXLE_CHECK_URL": run.target.base_url, "MOCKAXLE_CHECK_STYLE": run.settings.style}
    variables |= {"MOCKAXLE_CHECK_USERNAME": run.main.username, "MOCKAXLE_CHECK_PASSWORD": run.main.password}
    variables["MOCKAXLE_CHECK_HARMLESS"] = "" if _may_fuzz(run) else ",".join(HARMLESS)
    return {**os.environ, **variables, "HYPOTHESIS_PROFILE": "", "COLUMNS": "200", "NO_PROXY": "*"}
