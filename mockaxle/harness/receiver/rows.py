"""The rows of `mockaxle check-receiver`, and what came of each. Source: N22."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property


class Grade(StrEnum):
    """Who states what a row expects. A failed row of ours is a note, any other an error."""

    DOCUMENTED = "D"
    QUOTED = "Dq"
    OURS = "M"


class RowLevel(StrEnum):
    PASSED = "passed"
    NOTE = "note"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class ReceiverRow:
    """Shape: `observed` is what is expected of the partner's calls; with `is_observed` nothing else is."""

    number: int
    title: str
    expected: str
    grade: Grade
    observed: str = ""
    is_observed: bool = False


D, Q, M = Grade.DOCUMENTED, Grade.QUOTED, Grade.OURS
ONCE = "it is acted on once"

ROWS = (
    ReceiverRow(1, "valid message", "2xx", Q),
    ReceiverRow(2, "in time", "the slowest but one of 20 under 2 s, none over the timeout", M),
    ReceiverRow(3, "bad, missing or truncated signature", "4xx", Q),
    ReceiverRow(4, "signed 301 s ago, 299 s ago, 301 s ahead", "4xx, 2xx, 4xx", Q),
    ReceiverRow(5, "signature over the raw bytes", "2xx for the same JSON in other bytes", Q),
    ReceiverRow(6, "two v1 values", "2xx if one of them matches", M),
    ReceiverRow(7, "duplicate by envelope id", "2xx", Q, observed=ONCE),
    ReceiverRow(8, "same payload, new envelope id", "2xx", M, observed=ONCE),
    ReceiverRow(9, "out of order", "2xx", Q, observed="the newest created_at holds"),
    ReceiverRow(10, "unknown asset in a batch", "2xx", Q, observed="the others are acted on"),
    ReceiverRow(11, "unknown event type, unknown field, newer version", "2xx", M),
    ReceiverRow(12, "broken JSON with a right signature", "4xx", M),
    ReceiverRow(13, "5,000 assets in one message", "2xx in time", M),
    ReceiverRow(14, "20 at once", "2xx for all", M),
    ReceiverRow(15, "not before its time", "", Q, "readings change at start_time, not at receipt", is_observed=True),
    ReceiverRow(16, "back to the earlier mode after end_time", "", Q, "readings as before", is_observed=True),
    ReceiverRow(17, "status callbacks", "", D, "RECEIVED or ACCEPTED, then EXECUTED or FAILED", is_observed=True),
    ReceiverRow(18, "plan replaced whole", "", D, "the last plan is followed", is_observed=True),
    ReceiverRow(19, "calls the API while being called", "", M, "no deadlock, no timeout", is_observed=True),
    ReceiverRow(20, "secret not echoed", "in no answer", M, observed="in no call"),
)


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that was tried. Shape: came is what came of it, in words."""

    what: str
    is_met: bool
    came: str
    grade: Grade | None = None


@dataclass(frozen=True)
class RowResult:
    """What came of a row. Shape: without cases it was skipped. Units: seconds."""

    row: ReceiverRow
    cases: tuple[Case, ...] = ()
    seconds: float = 0.0

    @cached_property
    def level(self) -> RowLevel:
        if not self.cases:
            return RowLevel.SKIPPED
        failed = [case.grade or self.row.grade for case in self.cases if not case.is_met]
        if not failed:
            return RowLevel.PASSED
        return RowLevel.NOTE if all(grade is Grade.OURS for grade in failed) else RowLevel.ERROR

    @property
    def failed(self) -> tuple[Case, ...]:
        return tuple(case for case in self.cases if not case.is_met)

    @property
    def expected(self) -> str:
        """What the row expects, in words."""
        return "; ".join(filter(None, (self.row.expected, self.row.observed and f"observed: {self.row.observed}")))


@dataclass(frozen=True)
class ReceiverResult:
    """The result of a check. Shape: target is the receiver's URL."""

    target: str
    is_observed: bool
    rows: tuple[RowResult, ...]
    seconds: float

    @property
    def is_clean(self) -> bool:
        """Whether no row has an error. Notes do not count."""
        return all(row.level is not RowLevel.ERROR for row in self.rows)

    @property
    def counted(self) -> dict[RowLevel, int]:
        return {level: sum(row.level is level for row in self.rows) for level in RowLevel}
