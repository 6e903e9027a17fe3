"""The map from statements to judgements has no hole, and is that of the suites as they are."""

from collections import Counter

from mockaxle.contract.ledger import coverage, statements
from tests.mutants.all_planted import FAULTS
from tests.mutants.coverage import FILE, QUICK, judged, spelt

WRITTEN = "python -m tests.mutants.coverage writes it"


def test_every_documented_or_observed_statement_that_can_be_observed_is_judged() -> None:
    judged = {id for id, row in coverage().items() if row.suites}
    observable = (one for one in statements().values() if one.grade in "DO" and not one.unobservable)
    assert [f"{one.id} {one.says}" for one in observable if one.id not in judged] == []


def test_nothing_is_judged_that_the_ledger_calls_unobservable() -> None:
    assert [id for id in coverage() if id not in statements() or statements()[id].unobservable] == []


def test_the_map_is_current() -> None:
    """The suite `conformance` is left out, since it takes long."""
    stored = {id for id, row in coverage().items() if {*row.suites} - {"conformance"}}
    found = judged(*QUICK).keys()
    assert (sorted(stored - found), sorted(found - stored)) == ([], []), WRITTEN


def test_the_map_counts_the_planted_faults() -> None:
    stored = {id: row.planted for id, row in coverage().items() if row.planted}
    assert stored == Counter(fault.statement for fault in FAULTS.values()), WRITTEN
    assert all(row.found <= row.planted for row in coverage().values())


def test_the_map_is_written_in_order() -> None:
    rows = {id: {**row._asdict(), "needs": list(row.needs)} for id, row in coverage().items()}
    assert FILE.read_text(encoding="utf-8") == spelt(rows)
    assert [*rows] == [id for id in statements() if id in rows]
