"""The harness finds what is planted: one fault per suite here, all of them in `make mutants`."""

from typing import Any

import pytest

from mockaxle.cli.check import SUITE_NAMES
from mockaxle.contract.ledger import load_ledger
from tests.mutants.all_planted import MUTANTS
from tests.mutants.planting import Mutant
from tests.mutants.table import MARKS, PAGE, is_found, table

QUICK: dict[str, tuple[str, ...]] = {
    "stale_token_is_403": (),
    "server_error": ("--examples", "1", "--profile", "flex-lite"),
    "a_race_makes_two_sites": (),
    "register_decrease_accepted": (),
    "offboard_leaves_the_site": ("--examples", "5"),
    "two_pauses": (),
}
"""One for each suite, and what makes its run short."""


class Looking:
    """Replaces MonkeyPatch: checks that each target exists and would change, and counts them."""

    def __init__(self) -> None:
        self.changed = 0

    def setattr(self, target: Any, name: str, value: Any) -> None:
        assert getattr(target, name) is not value
        self.changed += 1

    def setitem(self, dic: Any, name: Any, value: Any) -> None:
        assert dic[name] != value
        self.changed += 1


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=lambda mutant: mutant.name)
def test_a_mutant_changes_the_code_that_it_names(mutant: Mutant) -> None:
    looking = Looking()
    mutant.plant(looking)
    assert looking.changed


def test_there_are_enough_for_every_suite() -> None:
    assert len(MUTANTS) >= 40
    assert {mutant.found_by for mutant in MUTANTS.values()} == set(SUITE_NAMES)
    assert {mutant.rule for mutant in MUTANTS.values()} <= set(load_ledger())
    assert {MUTANTS[name].found_by for name in QUICK} == set(SUITE_NAMES)


@pytest.mark.parametrize(("name", "options"), QUICK.items(), ids=list(QUICK))
def test_a_suite_finds_a_fault_that_is_planted(name: str, options: tuple[str, ...]) -> None:
    assert is_found(MUTANTS[name], *options)


def test_the_page_lists_every_mutant() -> None:
    marked = MARKS.search(PAGE.read_text(encoding="utf-8"))
    assert marked
    assert marked[0] == f"{marked[1]}{table(dict.fromkeys(MUTANTS, True))}{marked[2]}"
