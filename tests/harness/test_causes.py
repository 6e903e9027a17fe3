"""Findings with one cause are one finding, whatever the suites, operations and titles by which they were met."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mockaxle.client.client import Client
from mockaxle.contract.document import load_contract
from mockaxle.harness.account import CheckedAccount
from mockaxle.harness.causes import Cause, causes
from mockaxle.harness.finding import Finding, Findings, Level
from mockaxle.harness.outcome import CheckResult, Known, outcome
from mockaxle.harness.run import Homes, Run
from mockaxle.harness.target import Target
from mockaxle.world.entries import Exchange, Request, Response

READ, LISTED, PATCH = "GET /entities/site/{site_id}", "GET /entities/site", "PATCH /entities/site/{site_id}"
START = datetime(2026, 1, 20, tzinfo=UTC)
MISSING = f"{READ}: a required field is missing: postcode"
KEPT = "postcode of a site is not what was written and read before"


def answer(number: int, operation: str = READ) -> Exchange:
    """An answer, known by its instant."""
    at = START + timedelta(seconds=number)
    return Exchange(at, at, None, operation, Request("GET", "/"), Response(200))


def found(statement: str, title: str, operation: str = READ, *, suite: str = "journeys", **more: Any) -> Finding:
    answers = tuple(answer(number, operation) for number in more.pop("answers", ()))
    expected = more.pop("expected", "something else")
    return Finding(suite, statement, title, expected, "200", operation, exchanges=answers, **more)


def causes_of(*findings: Finding) -> list[Cause]:
    seen = Findings()
    for one in findings:
        seen.add(one)
    return causes(seen.seen)


def titles(*findings: Finding) -> list[list[str]]:
    return [[title for _, title in cause.titles] for cause in causes_of(*findings)]


def result_of(*findings: Finding, known: Known | None = None) -> CheckResult:
    """The result of a run with these findings, at no server."""
    target = Target("http://x", Client("http://x"), time.monotonic() + 60)
    run = Run(target, CheckedAccount(target, "checked", "demo"), load_contract(), Homes((), 1), 1, 1)
    for one in findings:
        run.findings.add(one)
        run.judge(one.suite).looks_at(one.statement)
    return outcome(run, left_behind=[], known=known)


def test_the_same_fault_in_several_suites_is_one_finding() -> None:
    suites = ("journeys", "auth", "lifecycle")
    (cause,) = causes_of(*(found("U12b", "a page is too long", LISTED, suite=suite) for suite in suites))
    assert (cause.suites, cause.operations, cause.times) == (suites, (LISTED,), 3)


def test_several_titles_of_a_statement_on_one_operation_are_one_finding() -> None:
    other = found("L1d", "unenrol answers a wrong status field", suite="lifecycle")
    assert titles(found("L1d", "opt-out: unenrol the home"), other) == [[
        "opt-out: unenrol the home", "unenrol answers a wrong status field",
    ]]  # fmt: skip


def test_different_statements_and_operations_are_different_findings() -> None:
    one, other = found("L1d", "it is wrong"), found("L1d", "it is wrong, too", PATCH)
    assert len(causes_of(one, other, found("L2a", "it is wrong"))) == 3


def test_a_missing_field_is_one_finding_wherever_it_is_missing() -> None:
    listed = found("G1c", f"{LISTED}: a required field is missing: sites.*.postcode", LISTED, watched=True)
    other = found("G1c", f"{LISTED}: a required field is missing: total", LISTED, watched=True)
    assert titles(found("G1c", MISSING, watched=True), listed) == [[MISSING, listed.title]]
    assert len(causes_of(found("G1c", MISSING, watched=True), found("G1c", other.title, LISTED, watched=True))) == 2


def test_the_same_fault_of_sites_and_assets_is_one_finding() -> None:
    lists = {"sites": LISTED, "assets": "GET /entities/asset"}
    pages = [found("U12g", f"page_number of {kind} is wrong", name, watched=True) for kind, name in lists.items()]
    assert len(causes_of(*pages)) == 1


def test_a_crash_of_each_operation_is_a_finding_of_its_own() -> None:
    crashes = [found("G1a", f"{name} fails with 500", name, watched=True) for name in (READ, PATCH)]
    assert len(causes_of(*crashes)) == 2


def test_a_field_that_is_not_kept_is_one_finding_whatever_wrote_it() -> None:
    written = found("U10f", KEPT, watched=True)
    changed = [found("U14b", KEPT, name, watched=True, suite="records") for name in (READ, LISTED)]
    (cause,) = causes_of(written, *changed)
    assert (cause.main.statement, cause.operations) == ("U10f", (READ, LISTED))


@pytest.mark.parametrize(
    ("statement", "title"), [("G1a", f"{READ} fails with 500"), ("G1b", f"{READ} answers 418"), ("G1c", MISSING)]
)
def test_what_is_wrong_with_an_answer_follows_from_its_break_of_the_document(statement: str, title: str) -> None:
    root = found(statement, title, watched=True, answers=(1,))
    follows = found("U10f", "the site by hand: read it", answers=(1,), expected="postcode M1 1AE")
    (cause,) = causes_of(follows, root, found(statement, title, watched=True, answers=(2,)))
    assert (cause.main, cause.times) == (root, 2)


def test_what_is_wrong_with_other_answers_or_other_fields_does_not_follow() -> None:
    root = found("G1c", MISSING, watched=True, answers=(1,))
    elsewhere = found("U10f", "read it", answers=(1, 2), expected="postcode M1 1AE")
    assert len(causes_of(root, elsewhere)) == 2
    assert len(causes_of(root, found("L13d", "read it", answers=(1,), expected="asset_ids []"))) == 2


def test_findings_come_by_severity_and_the_most_severe_statement_names_the_cause() -> None:
    note, error = found("U12h", "a page is not in creation order", LISTED), found("L1d", "unenrol the home")
    levels = [one.level for one in result_of(note, error).findings]
    assert levels == [Level.ERROR, Level.NOTE]
    (cause,) = causes_of(found("U3c", KEPT, watched=True), found("U10f", KEPT, watched=True))
    assert cause.main.statement == "U10f"


def test_of_all_occurrences_the_one_with_the_fewest_lines_is_shown() -> None:
    long = found("L1d", "it is wrong", suite="lifecycle", repeat=("curl 1", "curl 2"), story=("1. enrol",))
    (finding,) = result_of(long, found("L1d", "it is wrong", repeat=("curl 3",)), found("L1d", "it is wrong")).findings
    assert (finding.repeat, finding.story, finding.suites) == (("curl 3",), (), ("lifecycle", "journeys"))


def test_known_findings_are_left_out_before_causes_are_sought() -> None:
    old, new = found("L1d", "it is wrong"), found("L1d", "it is wrong, too")
    result = result_of(old, new, known={("L1", "it is wrong")})
    assert ([one.title for one in result.findings], result.known) == (["it is wrong, too"], 1)


def test_a_finding_has_its_rule_in_words() -> None:
    (finding,) = result_of(found("U12h", "a page is not in creation order", LISTED)).findings
    assert (finding.says, finding.grade_in_words) == (
        "The items of a list are in creation order.",
        "decided by the mock",
    )
