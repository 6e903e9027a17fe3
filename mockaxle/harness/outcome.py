"""What a run came to, as a value: for the terminal, and for every report."""

from collections.abc import Set
from dataclasses import dataclass, replace

from mockaxle.harness.finding import Finding, Level
from mockaxle.harness.run import Run
from mockaxle.harness.suites import is_anything_tested, never_accepted, never_called, only_refused
from mockaxle.harness.target import Counts

Known = Set[tuple[str, str, str]]
"""Findings that count no more, by suite, rule and title."""


@dataclass(frozen=True, slots=True)
class CountedFinding:
    """A finding once, however often it came. Shape: as a Finding; `operations` are those it came with, each once."""

    suite: str
    rule: str
    level: Level
    title: str
    operations: tuple[str, ...]
    expected: str
    came: str
    times: int
    story: tuple[str, ...]
    repeat: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str, str]:
        return self.suite, self.rule, self.title


@dataclass(frozen=True, slots=True)
class OperationCounts:
    """How often an operation was called, accepted, refused, and found wrong."""

    operation: str
    calls: int
    accepted: int
    refused: int
    findings: int


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Shape: findings in the order of their coming; judged are the suites and rules that were looked at.

    `known` counts the findings of a baseline that were left out, and is None where there is no baseline.
    """

    target: str
    is_mockaxle: bool
    seed: int
    examples: int
    unfinished: str
    tested: bool
    judged: tuple[tuple[str, str], ...]
    findings: tuple[CountedFinding, ...]
    operations: tuple[OperationCounts, ...]
    never_accepted: tuple[str, ...]
    untested: tuple[str, ...]
    left_behind: tuple[str, ...]
    known: int | None = None

    @property
    def is_clean(self) -> bool:
        return not self.why_not

    @property
    def why_not(self) -> str:
        """Why the run is not clean, or nothing where it is."""
        count = sum(map(self.is_counting, self.findings))
        reasons = (
            (bool(count), f"{count} findings count"),
            (bool(self.never_accepted), f"{len(self.never_accepted)} operations were never accepted"),
            (not self.tested, "nothing was tested"),
            (bool(self.unfinished), self.unfinished),
        )
        return ", ".join(text for applies, text in reasons if applies)

    @property
    def counted(self) -> dict[str, int]:
        """How many findings there are of each level."""
        return {level.value: sum(one.level is level for one in self.findings) for level in Level}

    def is_counting(self, finding: CountedFinding) -> bool:
        """At a target of ours every finding counts, else no note does."""
        return self.is_mockaxle or finding.level is not Level.NOTE

    def without(self, known: Known) -> "CheckResult":
        """The result without findings that are known."""
        fresh = tuple(one for one in self.findings if one.key not in known)
        return replace(self, findings=fresh, known=len(self.findings) - len(fresh))


def outcome(run: Run, *, left_behind: list[str]) -> CheckResult:
    return CheckResult(
        run.target.base_url,
        run.target.is_ours,
        run.seed,
        run.examples,
        run.unfinished,
        is_anything_tested(run),
        tuple(run.judged),
        tuple(_counted(run, finding) for finding in run.findings),
        tuple(_operation(run, key) for key in run.keys),
        tuple(never_accepted(run)),
        (*run.untested, *_untried(run)),
        tuple(left_behind),
    )


def _counted(run: Run, finding: Finding) -> CountedFinding:
    came_with = run.findings.operations(finding)
    return CountedFinding(
        finding.suite,
        finding.rule,
        finding.level,
        finding.title,
        tuple(dict.fromkeys(came_with)),
        finding.expected,
        finding.came,
        len(came_with),
        finding.story,
        finding.repeat,
    )


def _operation(run: Run, key: str) -> OperationCounts:
    counts = run.target.counts.get(key, Counts())
    found = sum(key in run.findings.operations(finding) for finding in run.findings)
    return OperationCounts(key, counts.calls, counts.accepted, counts.refused, found)


def _untried(run: Run) -> list[str]:
    reasons = {"never called": never_called(run), "called only with what is refused": only_refused(run)}
    return [f"{reason}: {', '.join(keys)}" for reason, keys in reasons.items() if keys]
