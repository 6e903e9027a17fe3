"""What a check finds: a rule that a server does not keep, how sure the rule is, and how to see it again."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mockaxle.harness.target import NoAnswer
from mockaxle.world.entries import Exchange


class Level(StrEnum):
    """How bad it is: a documented rule broken, one that was observed, or a decision of the mock's."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


LEVELS: Mapping[str, Level] = {"D": Level.ERROR, "O": Level.WARNING, "M": Level.NOTE}
"""By the grade of what was expected."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Shape: repeat are lines for a shell; story the steps that led there; exchanges the same, to be replayed."""

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
        """What identifies a finding: it is reported once, whatever the operations."""
        return self.suite, self.rule, self.title


@dataclass(slots=True)
class Findings:
    """Each finding once, in the order of their coming, with the operations it came with, one for each time."""

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
    """That a call was not answered at all. Source: G1."""
    return Finding(suite, "G1", Level.ERROR, "a call is not answered", "an answer", error.error, error.operation)
