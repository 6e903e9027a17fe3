"""Findings: a statement that a server breaks, its level, and how to repeat it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mockaxle.contract.ledger import statement_of
from mockaxle.harness.target import NoAnswer
from mockaxle.world.entries import Exchange


class Level(StrEnum):
    """The level of a finding, the most severe first: it breaks a documented rule, an observed one, or a decision of the
    mock.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    @property
    def place(self) -> int:
        """Its place in a list by severity."""
        return list(Level).index(self)


LEVELS: Mapping[str, Level] = {"D": Level.ERROR, "O": Level.WARNING, "M": Level.NOTE}
"""Levels by the grade of the statement."""

MAX_OCCURRENCES = 20
"""Occurrences of a finding among which the one with the fewest lines is sought."""

AnswerKey = tuple[datetime, str | None]
"""An answer of the run: the instant of its call, and the operation."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Shape: repeat has lines for a shell; story has the steps that led to it; exchanges has them for a replay, and the
    answer last; watched is true if the watch of all answers found it, and not a suite.
    """

    suite: str
    statement: str
    title: str
    expected: str
    came: str
    operation: str = ""
    repeat: tuple[str, ...] = ()
    story: tuple[str, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    watched: bool = False

    @property
    def rule(self) -> str:
        return statement_of(self.statement).rule

    @property
    def level(self) -> Level:
        return LEVELS[statement_of(self.statement).grade]

    @property
    def key(self) -> tuple[str, str, str]:
        """The identity of a finding, which is reported once for all operations."""
        return self.suite, self.statement, self.title


@dataclass(slots=True)
class Seen:
    """A finding of one suite in all its occurrences.

    Shape: the first occurrences are kept, and operations has one for each of them all.
    """

    occurrences: list[Finding] = field(default_factory=list)
    operations: list[str] = field(default_factory=list)
    answers: set[AnswerKey] = field(default_factory=set)

    @property
    def finding(self) -> Finding:
        return self.occurrences[0]

    def add(self, finding: Finding) -> None:
        if len(self.occurrences) < MAX_OCCURRENCES:
            self.occurrences.append(finding)
        self.operations.append(finding.operation)
        self.answers |= {(one.at, one.operation) for one in finding.exchanges[-1:]}


@dataclass(slots=True)
class Findings:
    """The findings in order, each once for its suite."""

    _seen: dict[tuple[str, str, str], Seen] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        self._seen.setdefault(finding.key, Seen()).add(finding)

    def __iter__(self) -> Iterator[Finding]:
        return (one.finding for one in self._seen.values())

    def __len__(self) -> int:
        return len(self._seen)

    @property
    def seen(self) -> tuple[Seen, ...]:
        return tuple(self._seen.values())


def unanswered(suite: str, error: NoAnswer) -> Finding:
    """Make the finding of an unanswered call. Source: G1."""
    return Finding(suite, "G1a", "a call is not answered", "an answer", error.error, error.operation)
