"""The result of a run as a value, for the terminal and all reports."""

from collections.abc import Set
from dataclasses import dataclass, replace

from mockaxle.harness.finding import Finding, Level
from mockaxle.harness.run import Run
from mockaxle.harness.suites import is_anything_tested, never_accepted, never_called, only_refused
from mockaxle.harness.target import Counts

Known = Set[tuple[str, str, str]]
"""Known findings, which do not count, by suite, rule and title."""


@dataclass(frozen=True, slots=True)
class CountedFinding:
    """A finding with its number of occurrences. Shape: as a Finding; `operations` has each operation once."""

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
    """The numbers of an operation's calls, acceptances, refusals and findings."""

    operation: str
    calls: int
    accepted: int
    refused: int
    findings: int


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Shape: findings in order; judged has the suites and rules that were checked.

    `known` counts the findings left out because of a baseline, and is None without a baseline.
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
        """The reason why the run is not clean, empty if it is."""
        count = sum(map(self.is_counting, self.findings))
        reasons = (
            (bool(count), f"{count} findings count"),
            (bool(self.never_accepted), f"{len(self.never_accepted)} operations never succeeded"),
            (not self.tested, "nothing was tested"),
            (bool(self.unfinished), self.unfinished),
        )
        return ", ".join(text for applies, text in reasons if applies)

    @property
    def counted(self) -> dict[str, int]:
        """The number of findings of each level."""
        return {level.value: sum(one.level is level for one in self.findings) for level in Level}

    def is_counting(self, finding: CountedFinding) -> bool:
        """Tell whether a finding counts. At a mockaxle every finding does; elsewhere notes do not."""
        return self.is_mockaxle or finding.level is not Level.NOTE

    def without(self, known: Known) -> "CheckResult":
        """Return the result without known findings."""
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
    reasons = {"never called": never_called(run), "called with invalid requests only": only_refused(run)}
    return [f"{reason}: {', '.join(keys)}" for reason, keys in reasons.items() if keys]
