"""`mockaxle rules --coverage`: the suites that judge each statement, and the planted faults that they find."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockaxle.contract.ledger import Rule, Statement

HEAD = ("part", "statements", "observable", "judged", "planted", "found")


def lines(rules: "Iterable[Rule]", *, grades: str) -> Iterator[str]:
    """The statements of some grades, each with its coverage, and a table of the parts of the ledger."""
    stated = [one for rule in rules for one in rule.statements if one.grade in grades]
    for one in stated:
        yield f"{one.id:4} {one.grade}  {one.says}"
        yield f"         {_covered(one)}"
    yield from ("", *_table(stated))


def _covered(statement: "Statement") -> str:
    """Who judges a statement, with how many cases, and what is needed; or why nobody does."""
    from mockaxle.contract.ledger import coverage

    if statement.unobservable:
        return f"cannot be observed: {statement.unobservable}"
    row = coverage().get(statement.id)
    if row is None or not row.suites:
        return "not judged"
    judged = ", ".join(f"{suite} {cases:,}" for suite, cases in row.suites.items())
    needs = f"; needs {' and '.join(row.needs)}" if row.needs else ""
    planted = f"; {row.found} of {row.planted} planted faults found" if row.planted else "; no planted fault"
    return f"cases: {judged}{needs}{planted}"


def _table(stated: "Sequence[Statement]") -> Iterator[str]:
    from mockaxle.contract.ledger import GRADES, PARTS

    rows = [(f"{letter} {name}", [one for one in stated if one.part == letter]) for letter, name in PARTS.items()]
    grades = [(f"all, {words}", [one for one in stated if one.grade == grade]) for grade, words in GRADES.items()]
    filled = [(name, _counts(part)) for name, part in (*rows, *grades, ("all", [*stated])) if part]
    width = max(len(name) for name, _ in filled)
    yield f"{HEAD[0]:{width}}" + "".join(f"  {title}" for title in HEAD[1:])
    for name, counts in filled:
        cells = (f"  {count:{len(title)}}" for count, title in zip(counts, HEAD[1:], strict=True))
        yield f"{name:{width}}" + "".join(cells)


def _counts(stated: "Sequence[Statement]") -> tuple[int, ...]:
    """The numbers of HEAD."""
    from mockaxle.contract.ledger import coverage

    rows = [coverage()[one.id] for one in stated if one.id in coverage()]
    observable = sum(not one.unobservable for one in stated)
    judged = sum(bool(row.suites) for row in rows)
    return len(stated), observable, judged, sum(row.planted for row in rows), sum(row.found for row in rows)
