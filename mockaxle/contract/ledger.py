"""The ledger of rules: statements, grades, whether they are built, and what tests and checks cover of them."""

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from mockaxle.contract.data import data_file

PARTS: Mapping[str, str] = {
    "G": "surface and conventions",
    "E": "errors",
    "A": "log-ins, tokens and roles",
    "L": "lifecycle of a site",
    "U": "sites and assets",
    "Q": "eligibility and meters",
    "F": "schedules in Flex Lite",
    "C": "Smart Charging",
    "V": "dispatch and batteries",
    "R": "readings",
    "P": "prices",
    "W": "rewards",
    "H": "Home Assistant",
    "N": "messages to the partner",
    "T": "faults and shared servers",
    "B": "money",
}
"""The subjects of the rules, by the letters of their ids."""

GRADES: Mapping[str, str] = {
    "D": "documented by the vendor",
    "O": "observed on the live service",
    "M": "decided by the mock",
}


class Statement(NamedTuple):
    """What a check can judge: a part of a rule.

    Shape: the id is the rule's with a letter, such as U12b; grade is D, O or M; unobservable tells why a check from
    outside cannot judge it, else it is empty.
    """

    id: str
    rule: str
    grade: str
    says: str
    unobservable: str = ""

    @property
    def part(self) -> str:
        """The letter of its subject among PARTS."""
        return self.id[0]

    @property
    def grade_in_words(self) -> str:
        """Who says so: the vendor, an observation, or the mock."""
        return GRADES[self.grade]


class Rule(NamedTuple):
    """A rule of behaviour.

    Shape: grade is D (documented), O (observed), M (ours) or a mix such as D+M; source is `quoted` if others quote the
    vendor's documents, else empty.
    """

    id: str
    grade: str
    kind: str
    built: bool
    statement: str
    source: str = ""
    statements: tuple[Statement, ...] = ()


@cache
def load_ledger() -> Mapping[str, Rule]:
    text = data_file("contracts", "behaviours.toml").read_text(encoding="utf-8")
    return {id: _rule(id, fields) for id, fields in tomllib.loads(text).items()}


def _rule(id: str, fields: dict[str, Any]) -> Rule:
    parts = fields.pop("statements", {})
    return Rule(id, **fields, statements=tuple(Statement(id + letter, id, **part) for letter, part in parts.items()))


@cache
def statements() -> Mapping[str, Statement]:
    """Return the statements of all rules by their ids, in order."""
    return {one.id: one for rule in load_ledger().values() for one in rule.statements}


def statement_of(id: str) -> Statement:
    return statements()[id]


@cache
def tests_by_rule() -> Mapping[str, tuple[str, ...]]:
    """Return the tests that cite each rule, by their names in pytest."""
    text = data_file("contracts", "citations.json").read_text(encoding="utf-8")
    return {id: tuple(tests) for id, tests in json.loads(text).items()}


class Coverage(NamedTuple):
    """How `mockaxle check` judges a statement.

    Shape: suites has the number of cases of each suite in a run with all options; needs lists the options without which
    the statement is not judged; planted faults are those of `make mutants`, found those that a finding named.
    """

    suites: Mapping[str, int]
    needs: tuple[str, ...] = ()
    planted: int = 0
    found: int = 0


@cache
def coverage() -> Mapping[str, Coverage]:
    """Return the coverage of each statement that a suite judges or that has planted faults, by its id."""
    text = data_file("contracts", "coverage.json").read_text(encoding="utf-8")
    return {id: Coverage(**{**row, "needs": tuple(row["needs"])}) for id, row in json.loads(text).items()}


def cite(rules: tuple[str, ...]) -> str:
    """Write rules with their grades, as in `X-Mockaxle-Rules`: `F5;M, L9;D+M`."""
    ledger = load_ledger()
    return ", ".join(f"{id};{ledger[id].grade}" for id in rules)
