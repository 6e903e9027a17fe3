"""The ledger of rules: their statements and grades, whether they are built, and the tests that cite them."""

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from mockaxle.contract.data import data_file


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


@cache
def load_ledger() -> Mapping[str, Rule]:
    text = data_file("contracts", "behaviours.toml").read_text(encoding="utf-8")
    return {id: Rule(id, **fields) for id, fields in tomllib.loads(text).items()}


@cache
def tests_by_rule() -> Mapping[str, tuple[str, ...]]:
    """Return the tests that cite each rule, by their names in pytest."""
    text = data_file("contracts", "citations.json").read_text(encoding="utf-8")
    return {id: tuple(tests) for id, tests in json.loads(text).items()}


def cite(rules: tuple[str, ...]) -> str:
    """Write rules with their grades, as in `X-Mockaxle-Rules`: `F5;M, L9;D+M`."""
    ledger = load_ledger()
    return ", ".join(f"{id};{ledger[id].grade}" for id in rules)
