"""The level of a finding follows the ledger: D is an error, O a warning, M a note."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from mockaxle.contract.ledger import load_ledger
from mockaxle.harness import run as harness
from mockaxle.harness.conformance import BEYOND_THE_DOCUMENT
from mockaxle.harness.finding import LEVELS
from tests.harness.test_check import control, suites
from tests.harness.test_foreign import foreign, rewriting, stranger
from tests.mutants.checking import check, fresh_app

MODULES = sorted(Path(harness.__file__).parent.glob("*.py"))
RULE = re.compile(r"[A-Z]\d+")
ASSET_ID = re.compile(rb'"asset_id":"[^"]*"')
JOURNEY = "D"
"""The grade of a journey's step that names none."""


def graded(module: Path) -> Iterator[tuple[str, str]]:
    """Every rule that a module judges by, with the grade that it gives to it."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            named = {word.arg: word.value for word in node.keywords}
            rule, grade = named.get("rule"), named.get("grade", ast.Constant(JOURNEY))
            yield from _pair(rule, grade)
        parts = node.elts if isinstance(node, ast.Tuple) else node.args if isinstance(node, ast.Call) else []
        for rule, grade in pairwise(parts):
            yield from _pair(rule, grade)


def _pair(rule: ast.expr | None, grade: ast.expr) -> Iterator[tuple[str, str]]:
    if not isinstance(rule, ast.Constant) or not isinstance(grade, ast.Constant):
        return
    if RULE.fullmatch(str(rule.value)) and grade.value in LEVELS:
        yield str(rule.value), str(grade.value)


def test_a_rule_is_judged_by_a_grade_that_the_ledger_gives_it() -> None:
    ledger = load_ledger()
    judged = [(module.stem, rule, grade) for module in MODULES for rule, grade in graded(module)]
    assert [one for one in judged if one[2] not in ledger[one[1]].grade.split("+")] == []


def test_the_grades_of_most_rules_are_found() -> None:
    assert len({rule for module in MODULES for rule, _ in graded(module)}) >= 40


def test_what_the_document_lacks_has_the_level_of_its_rule() -> None:
    ledger = load_ledger()
    for rule, level in BEYOND_THE_DOCUMENT.values():
        assert level in {LEVELS[grade] for grade in ledger[rule].grade.split("+")}


def test_a_validated_mpan_that_is_answered_otherwise_is_a_note(tmp_path: Path) -> None:
    with foreign(stranger(), rewriting(b'"isValid":true', b'"valid":true')) as url:
        code, report, printed = check(url, tmp_path, "--seed", "1", *suites("journeys"))
    assert [(one["rule"], one["level"]) for one in report["findings"]] == [("Q10", "note")], printed
    assert (code, report["green"]) == (0, True)


def test_a_second_asset_is_one_note_in_every_suite(tmp_path: Path) -> None:
    def change(called: str, status: int, body: bytes) -> tuple[int, bytes]:
        made = ASSET_ID.sub(b'"asset_id":"11111111-1111-1111-1111-111111111111"', body)
        return status, made if b'"asset_created":false' in body else body

    with foreign(stranger(), change) as url:
        options = ("--seed", "1", "--examples", "4", *suites("idempotency", "lifecycle"))
        code, report, printed = check(url, tmp_path, *options)
    found = {(one["suite"], one["rule"], one["level"]) for one in report["findings"]}
    assert found == {("idempotency", "U5", "note"), ("lifecycle", "U5", "note")}, printed
    assert code == 0


def test_an_operation_that_was_never_accepted_makes_a_run_of_one_suite_unclean(tmp_path: Path) -> None:
    operation = "GET /entities/asset/{asset_id}/price-curve"
    options = ("--profile", "price-curves", "--seed", "1", "--examples", "2", *suites("conformance"))
    with foreign(fresh_app()) as url:
        control(url, "POST", "/faults", {"kind": "status", "status": 404, "operation": operation})
        code, report, printed = check(url, tmp_path, *options)
    assert operation in report["never_accepted"], printed
    assert (code, report["green"]) == (1, False)
    assert "never succeeded" in report["why_not"]


def test_what_is_called_only_to_be_refused_is_listed_as_not_tested(tmp_path: Path) -> None:
    with foreign(stranger()) as url:
        code, report, _ = check(url, tmp_path, "--seed", "1", *suites("auth"))
    (only,) = [one for one in report["untested"] if one.startswith("called with invalid requests only: ")]
    operations = only.partition(": ")[2].split(", ")
    assert (code, "POST /entities/site/onboard" in operations) == (0, False), "the suite makes a site of its own"
    assert "PATCH /entities/site/{site_id}" in operations
