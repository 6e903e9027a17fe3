"""The harness finds what is planted: one fault per suite here, all of them in `make mutants`."""

import re
from collections import Counter
from typing import Any

import pytest

from mockaxle.cli.check import SUITE_NAMES
from mockaxle.contract.ledger import statements
from tests.mutants.all_planted import FAULTS
from tests.mutants.generated import OPERATIONS
from tests.mutants.planting import BY_HAND, IN_CODE, Fault
from tests.mutants.searching import search
from tests.mutants.table import MARKS, PAGE, row, table

QUICK: dict[str, tuple[str, int]] = {
    "no_token_is_403": ("auth", 1),
    "a_race_makes_two_sites": ("idempotency", 1),
    "every_register_is_accepted": ("journeys", 1),
    "offboard_leaves_the_site": ("lifecycle", 5),
    "an_invalid_email_of_a_site_is_taken": ("records", 1),
    "a_new_user_needs_no_consent": ("products", 1),
    "GET /meter/by-ref/{meter_ref}: mpan sometimes another's": ("repetition", 1),
    "a_schedule_gets_two_pauses": ("optimiser", 1),
    "an_answer_is_plain_text": ("conformance", 1),
}
"""One for each suite, and a number of examples that makes its run short."""

IN_DOCUMENT = [fault for fault in FAULTS.values() if fault.stated.grade != "M"]


class CountingPatch:
    """Replaces MonkeyPatch: checks that each target exists and would change, and counts them."""

    def __init__(self) -> None:
        self.changed = 0

    def setattr(self, target: Any, name: str, value: Any) -> None:
        assert getattr(target, name) is not value
        self.changed += 1

    def setitem(self, dic: Any, name: Any, value: Any) -> None:
        assert dic[name] != value
        self.changed += 1


@pytest.mark.parametrize(
    "fault", [fault for fault in FAULTS.values() if fault.kind == IN_CODE], ids=lambda fault: fault.name
)
def test_a_fault_in_the_code_changes_what_it_names(fault: Fault) -> None:
    patch = CountingPatch()
    assert fault.plant is not None
    fault.plant(patch)
    assert patch.changed


def test_every_statement_that_a_check_can_judge_is_broken_by_a_fault() -> None:
    broken = {fault.statement for fault in FAULTS.values()}
    assert broken <= set(statements())
    judged = {one.id for one in statements().values() if one.grade != "M" and not one.unobservable}
    assert judged - broken == set()
    assert not [fault.name for fault in FAULTS.values() if fault.stated.unobservable]


def test_what_a_fault_breaks_besides_exists() -> None:
    named = [(fault, id) for fault in FAULTS.values() for id in fault.also]
    assert not [(fault.name, id) for fault, id in named if id not in statements() or id == fault.statement]


def test_there_are_enough_faults_of_every_kind_and_in_every_part() -> None:
    assert len(IN_DOCUMENT) >= 150
    parts = Counter(fault.part for fault in IN_DOCUMENT)
    assert set(parts) == {one.part for one in statements().values() if one.grade != "M" and not one.unobservable}
    assert {part: count for part, count in parts.items() if count < 10} == {}
    assert len({fault.kind for fault in FAULTS.values()} - {BY_HAND, IN_CODE}) >= 8


def test_every_operation_has_a_generated_fault() -> None:
    made = {name for fault in FAULTS.values() for name in OPERATIONS if fault.name.startswith(f"{name}:")}
    assert set(OPERATIONS) - made == set()


@pytest.mark.parametrize(("name", "how"), QUICK.items(), ids=list(QUICK))
def test_a_suite_finds_a_fault_that_is_planted(name: str, how: tuple[str, int]) -> None:
    suite, examples = how
    assert search(FAULTS[name], [suite], examples=examples).suite == suite


def test_one_fault_is_searched_with_each_suite() -> None:
    assert {suite for suite, _ in QUICK.values()} == set(SUITE_NAMES)


def test_the_page_lists_every_fault() -> None:
    marked = MARKS.search(PAGE.read_text(encoding="utf-8"))
    assert marked
    planted = re.findall(r"^\| ([^|]+) \| (\d+) \| \d+ \|$", marked[0], re.MULTILINE)
    counts = Counter(map(row, FAULTS.values()))
    assert {name: int(count) for name, count in planted if name != "all"} == counts
    assert table(dict.fromkeys(FAULTS, True)).count("\n") == len(counts) + 3
