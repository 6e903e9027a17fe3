"""The statements of the ledger in a run: which were judged, with how many cases, and what the others need."""

from collections.abc import Sequence
from dataclasses import dataclass

from mockaxle.contract.ledger import PARTS, Statement, coverage, statements
from mockaxle.harness.presence import SUITE as PRESENCE
from mockaxle.harness.run import Run

NOT_REACHED = "the run did not come to it"
LEFT_OUT = "operations that are left out"
NO_SUITE = "no suite judges it"


@dataclass(frozen=True, slots=True)
class JudgedStatement:
    """A statement in a run.

    Shape: suites are those that judged it; needs says what would be needed to judge it, empty if it was judged or is
    unobservable.
    """

    id: str
    grade: str
    says: str
    unobservable: str
    cases: int
    suites: tuple[str, ...]
    needs: str

    @property
    def part(self) -> str:
        return self.id[0]


@dataclass(frozen=True, slots=True)
class JudgedPart:
    """The numbers of a part's statements that can be observed, of those that were judged, and of their cases."""

    letter: str
    name: str
    observable: int
    judged: int
    cases: int


def judgements(run: Run) -> tuple[JudgedStatement, ...]:
    return tuple(_judged(run, statement) for statement in statements().values())


def parts(judged: Sequence[JudgedStatement]) -> tuple[JudgedPart, ...]:
    """Return the parts of the ledger that have observable statements, in order."""
    rows = {letter: [one for one in judged if one.part == letter and not one.unobservable] for letter in PARTS}
    return tuple(
        JudgedPart(letter, PARTS[letter], len(row), sum(bool(one.cases) for one in row), sum(one.cases for one in row))
        for letter, row in rows.items()
        if row
    )


def _judged(run: Run, statement: Statement) -> JudgedStatement:
    cases = {suite: count for (suite, id), count in run.judged.items() if id == statement.id}
    needs = "" if cases or statement.unobservable else _needs(run, statement.id)
    return JudgedStatement(
        statement.id,
        statement.grade,
        statement.says,
        statement.unobservable,
        sum(cases.values()),
        tuple(cases),
        needs,
    )


def _needs(run: Run, id: str) -> str:
    """Say what a run would need to judge a statement, from what a whole run judges."""
    known = coverage().get(id)
    if known is None or not known.suites:
        return NO_SUITE
    given = {
        "--other-username": run.other is not None,
        "--limited-username": run.limited is not None,
        "--after-expiry": run.after_expiry is not None,
        "--allow-writes": run.may_write,
    }
    lacking = [option for option in known.needs if not given[option]]
    if lacking:
        return " and ".join(lacking)
    if set(known.suites) == {PRESENCE}:
        return "a run without --only-present"
    if not run.seconds.keys() & known.suites.keys():
        return f"--suite {next(iter(known.suites))}"
    return LEFT_OUT if run.is_partial else NOT_REACHED
