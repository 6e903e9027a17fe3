"""The suite `records` is clean on the mock, in every style and profile, and with few MPANs."""

from pathlib import Path

import pytest

from mockaxle.contract.ledger import statements
from mockaxle.harness.run import Homes
from tests.harness.test_check import control, suites
from tests.mutants.checking import check

CREATED = "L0j L0k L0l L0m L0q L2a L2b L2c L12a L12b L13a L13b L13c L13d U1a U1b U1c U1d U2a U2b U2c U3a U3b U4a"
CHANGED = "U6a U6b U7a U7b U10a U10b U10c U10d U10f U11a U11b U11c U11d U13a U13b U13c U13d U14a U14b U14c G7a G7b"
REMOVED = "L6a L6b L6c L6d L6e L7a L8a L8b L9a L9b L10a L10b L11a L11b U12a U12b U12c U12d U12e U12f E4b"
JUDGED = frozenset(f"{CREATED} {CHANGED} {REMOVED}".split())
"""The documented statements that the suite judges on every seed."""


@pytest.mark.parametrize(("seed", "style"), [(1, "contract"), (2, "wire"), (3, "contract")])
def test_the_suite_is_clean_and_judges_its_statements(url: str, tmp_path: Path, seed: int, style: str) -> None:
    control(url, "PATCH", "/settings", {"style": style})
    code, report, printed = check(url, tmp_path, "--seed", str(seed), "--style", style, *suites("records"))
    assert (code, report["findings"], report["left_behind"]) == (0, [], []), printed
    assert not any(reason.startswith("records") for reason in report["untested"]), printed
    assert JUDGED - {statement for _, statement, _ in report["judged"]} == set()


def test_the_statements_of_the_suite_are_documented() -> None:
    assert {one: statements()[one].grade for one in JUDGED} == dict.fromkeys(JUDGED, "D")


def test_a_profile_without_lists_and_changes_is_clean(url: str, tmp_path: Path) -> None:
    options = ("--seed", "1", "--profile", "flex-lite", *suites("records"))
    code, report, printed = check(url, tmp_path, *options)
    assert (code, report["findings"], report["left_behind"]) == (0, [], []), printed
    assert "records: lists: the profile has no GET /entities/site, GET /entities/asset" in report["untested"]
    assert {"U3a", "L0l", "L0m", "L6b", "U1d"} <= {statement for _, statement, _ in report["judged"]}


def test_with_two_mpans_only_the_lists_are_not_tested(url: str, tmp_path: Path) -> None:
    homes, file = Homes((), seed=7), tmp_path / "mpans"
    file.write_text("\n".join(homes.next() for _ in range(2)))
    code, report, printed = check(url, tmp_path, "--seed", "1", "--mpans", str(file), *suites("records"))
    assert (code, report["findings"], report["left_behind"]) == (0, [], []), printed
    assert [one for one in report["untested"] if one.startswith("records")] == [
        "records: lists: it needs 12 MPANs, and --mpans has 2"
    ]
