"""The level of a finding follows the ledger: D is an error, O a warning, M a note."""

import ast
import re
from pathlib import Path

from mockaxle.contract.ledger import statements
from mockaxle.harness import run as harness
from tests.harness.test_check import control, suites
from tests.harness.test_other_servers import foreign, rewriting, stranger
from tests.mutants.checking import check, fresh_app

MODULES = sorted(Path(harness.__file__).parent.rglob("*.py"))
STATEMENT = re.compile(r"[A-Z]\d+[a-z]")
ASSET_ID = re.compile(rb'"asset_id":"[^"]*"')


def named() -> set[str]:
    """Every statement that the harness names."""
    trees = (ast.parse(module.read_text(encoding="utf-8")) for module in MODULES)
    texts = (str(node.value) for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {text for text in texts if STATEMENT.fullmatch(text)}


def test_what_the_harness_names_is_in_the_ledger() -> None:
    assert named() - set(statements()) == set()
    assert len(named()) >= 60


def test_nothing_is_judged_that_cannot_be_seen() -> None:
    assert [id for id in sorted(named()) if statements()[id].unobservable] == []


def test_a_validated_mpan_that_is_answered_otherwise_is_a_note(tmp_path: Path) -> None:
    with foreign(stranger(), rewriting(b'"isValid":true', b'"isValid":false')) as url:
        code, report, printed = check(url, tmp_path, "--seed", "1", *suites("journeys"))
    assert [(one["rule"], one["level"]) for one in report["findings"]] == [("Q10", "note")], printed
    assert (code, report["green"]) == (0, True)


def test_a_second_asset_is_one_note_of_all_suites(tmp_path: Path) -> None:
    def change(called: str, status: int, body: bytes) -> tuple[int, bytes]:
        made = ASSET_ID.sub(b'"asset_id":"11111111-1111-1111-1111-111111111111"', body)
        return status, made if b'"asset_created":false' in body else body

    with foreign(stranger(), change) as url:
        options = ("--seed", "1", "--examples", "4", *suites("idempotency", "lifecycle"))
        code, report, printed = check(url, tmp_path, *options)
    found = [(one["suites"], one["rule"], one["level"]) for one in report["findings"]]
    assert found == [(["idempotency", "lifecycle"], "U5", "note")], printed
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
