"""What the child process of the conformance suite leaves is read into values, also where it was ended in its middle."""

import json
from pathlib import Path

from mockaxle.harness.schemathesis_report import AnsweredCall, BrokenCall, ReportedScenario, read_archive, read_events

SITE = "GET /entities/site"
CASE = {"value": {"method": "GET", "path": "/entities/site"}}
FAILURE = {"operation": SITE, "title": "Server error", "message": "Received: 500"}
RECORDER = {
    "cases": {"a": CASE, "b": CASE},
    "interactions": {
        "a": {"request": {"method": "GET", "uri": "http://x/y"}, "response": {"status_code": 500, "content": "no"}},
        "b": {"request": {}, "response": None},
    },
    "checks": {"a": [{"name": "not_a_server_error", "status": "failure", "failure_info": {"failure": FAILURE}}]},
}


def test_a_scenario_has_its_answered_calls_and_failed_checks(tmp_path: Path) -> None:
    file = tmp_path / "events"
    file.write_text(json.dumps({"ScenarioFinished": {"recorder": RECORDER}}) + '\n{"ScenarioFin')
    (scenario,) = read_events(file)
    assert isinstance(scenario, ReportedScenario)
    assert scenario.calls == (AnsweredCall(SITE, 500),)
    (failed,) = scenario.failed
    assert (failed.check, failed.operation, failed.status, failed.answered) == ("not_a_server_error", SITE, 500, "no")
    assert failed.curl == 'curl -g --path-as-is -X GET http://x/y -H "Authorization: Bearer $TOKEN"'


def test_only_errors_of_a_connection_are_broken_calls(tmp_path: Path) -> None:
    file = tmp_path / "events"
    kinds = ("ReadTimeout", "InvalidSchema")
    events = [{"NonFatalError": {"label": SITE, "value": {"type": kind, "message": "slow"}}} for kind in kinds]
    file.write_text("\n".join(map(json.dumps, events)))
    assert list(read_events(file)) == [BrokenCall(SITE, "slow")]


def test_no_token_is_kept_of_an_archive(tmp_path: Path) -> None:
    file = tmp_path / "har"
    file.write_text(json.dumps({"log": {"entries": [{"text": '{"access_token": "secret"}'}]}}))
    assert read_archive(file) == [{"text": '{"access_token": "***"}'}]
    file.write_text('{"log": {"entr')
    assert (read_archive(file), read_archive(tmp_path / "none"), list(read_events(tmp_path / "none"))) == ([], [], [])
