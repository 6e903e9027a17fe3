"""Findings: a rule that a server breaks, its level, and how to repeat it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mockaxle.harness.target import NoAnswer
from mockaxle.world.entries import Exchange


class Level(StrEnum):
    """The level of a finding: it breaks a documented rule, an observed one, or a decision of the mock."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


LEVELS: Mapping[str, Level] = {"D": Level.ERROR, "O": Level.WARNING, "M": Level.NOTE}
"""Levels by the grade of the expectation."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Shape: repeat has lines for a shell; story has the steps that led to it; exchanges has them for a replay."""

    suite: str
    rule: str
    level: Level
    title: str
    expected: str
    came: str
    operation: str = ""
    repeat: tuple[str, ...] = ()
    story: tuple[str, ...] = ()
    exchanges: tuple[Exchange, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """The identity of a finding, which is reported once for all operations."""
        return self.suite, self.rule, self.title


@dataclass(slots=True)
class Findings:
    """Each finding once, in order, with its operations, one for each occurrence."""

    _found: dict[tuple[str, str, str], tuple[Finding, list[str]]] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        _, operations = self._found.setdefault(finding.key, (finding, []))
        operations.append(finding.operation)

    def __iter__(self) -> Iterator[Finding]:
        return (finding for finding, _ in self._found.values())

    def __len__(self) -> int:
        return len(self._found)

    def operations(self, finding: Finding) -> list[str]:
        return self._found[finding.key][1]

    def of(self, level: Level) -> int:
        return sum(finding.level is level for finding in self)


def unanswered(suite: str, error: NoAnswer) -> Finding:
    """Make the finding of an unanswered call. Source: G1."""
    return Finding(suite, "G1", Level.ERROR, "a call is not answered", "an answer", error.error, error.operation)
