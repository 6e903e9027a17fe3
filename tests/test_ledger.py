"""The ledger of rules is whole, and what it calls built is proven."""

import re
from itertools import chain
from pathlib import Path

from mockaxle.contract.document import load_contract
from mockaxle.contract.ledger import GRADES, PARTS, cite, load_ledger, statements
from mockaxle.core.errors import Refusal
from tests.citations import FILE, citations, spelt
from tests.core.test_errors import leaves

ROOT = Path(__file__).parent.parent
LEDGER = load_ledger()


def cited_by_code() -> set[str]:
    """The ids after `Source:` in docstrings; `U1-U3` names three."""
    texts = (file.read_text(encoding="utf-8") for file in (ROOT / "mockaxle").rglob("*.py"))
    sources = [match[1] for text in texts for match in re.finditer(r"Source: ([^\"]*?)(?:\.\s|\.?\"\"\"|\n)", text)]
    ids: set[str] = set()
    for letter, first, last in re.findall(r"\b([A-Z])(\d+)(?:-[A-Z]?(\d+))?\b", " ".join(sources)):
        ids |= {f"{letter}{number}" for number in range(int(first), int(last or first) + 1)}
    return ids


def test_every_rule_has_a_grade_a_kind_and_a_statement() -> None:
    for rule in LEDGER.values():
        assert re.fullmatch(r"[DOM](\+[DOM])*", rule.grade), rule.id
        assert rule.kind in {"rule", "fact"}, rule.id
        assert rule.statement.strip(), rule.id


def test_every_part_of_the_ledger_and_every_grade_of_a_statement_has_words() -> None:
    assert {*PARTS} == {id[0] for id in LEDGER}
    assert {one.grade for one in statements().values()} == set(GRADES)
    assert {one.part for one in statements().values()} <= set(PARTS)


def test_statements_carry_every_grade_of_their_rule_and_no_other() -> None:
    """A fact need not be carried whole, nor has a rule about the mock alone statements."""
    for rule in LEDGER.values():
        carried, graded = {one.grade for one in rule.statements}, set(rule.grade.split("+"))
        assert carried <= graded, rule.id
        assert rule.kind == "fact" or carried == graded or (not carried and graded == {"M"}), rule.id


def test_a_statement_is_understood_without_its_neighbours() -> None:
    unnamed = re.compile(r"(It|They|Its|Their|Others|With|Else|So|Then|This|These)\b")
    assert [one.id for one in statements().values() if unnamed.match(one.says)] == []


def test_a_statement_begins_with_a_capital_or_with_a_name_of_the_api() -> None:
    document = load_contract().document
    components = document["components"]["schemas"].values()
    fields = (name for one in components for part in ("properties", "enum") for name in one.get(part, ()))
    parameters = (one.name for operation in load_contract().operations for one in operation.parameters)
    segments = chain(*(path.split("/") for path in document["paths"]))
    names = {*fields, *parameters, *segments, "offboard", "info.version"}
    firsts = {one.id: re.split(r"[/ ]", one.says.lstrip('"/'))[0].strip('",:') for one in statements().values()}
    assert [id for id, word in firsts.items() if word[0].islower() and word not in names] == []


def test_only_what_is_documented_is_quoted() -> None:
    quoted = {rule.id for rule in LEDGER.values() if rule.source}
    assert quoted == {"B4", "G3", "N10", "N11", "N15", "N3", "N5", "N6", "N7", "N9", "V1", "V2", "V3", "V4"}
    assert all(LEDGER[id].source == "quoted" and "D" in LEDGER[id].grade for id in quoted)


def test_every_id_cited_exists() -> None:
    assert set(citations()) - set(LEDGER) == set()
    assert cited_by_code() - set(LEDGER) - {"RFC"} == set()
    assert len(cited_by_code()) > 20


def test_every_rule_built_is_cited_by_a_test() -> None:
    assert {rule.id for rule in LEDGER.values() if rule.built} - set(citations()) == set()


def test_the_list_of_citations_is_current() -> None:
    assert FILE.read_text(encoding="utf-8") == spelt(citations()), "python -m tests.citations writes it"


def test_every_refusal_cites_a_rule() -> None:
    cited: set[str] = {leaf.rule for leaf in leaves(Refusal)}
    assert cited <= set(LEDGER)


def test_rules_are_cited_with_their_grades() -> None:
    assert cite(("F5", "L9")) == "F5;M, L9;D+M"
