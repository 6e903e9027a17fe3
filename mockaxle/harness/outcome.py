"""The result of a run as a value, for the terminal and all reports."""

import time
from collections.abc import Iterable, Set
from dataclasses import dataclass

from mockaxle.contract.ledger import statement_of
from mockaxle.harness.addresses import POSTCODE
from mockaxle.harness.causes import Cause, causes
from mockaxle.harness.finding import Level, Seen
from mockaxle.harness.judgements import JudgedPart, JudgedStatement, judgements, parts
from mockaxle.harness.presence import SUITE as PRESENCE
from mockaxle.harness.presence import NotThere
from mockaxle.harness.reproduction import Repeating
from mockaxle.harness.run import Run
from mockaxle.harness.suites import is_anything_tested, never_accepted, never_called, only_refused, without_data
from mockaxle.harness.target import Counts

Known = Set[tuple[str, str]]
"""Known findings, which do not count, by rule and title."""


@dataclass(frozen=True, slots=True)
class Titled:
    """A way in which a cause was met."""

    rule: str
    statement: str
    title: str


@dataclass(frozen=True, slots=True)
class CountedFinding:
    """What is wrong, once for its cause, with the number of answers that show it.

    Shape: suite is the first of the suites that met it; statements has all that it breaks; `also` lists the other ways
    in which it was met, `met` each suite with the rule that broke there; `operations` has each operation once.
    """

    suite: str
    rule: str
    statement: str
    level: Level
    title: str
    operations: tuple[str, ...]
    expected: str
    came: str
    times: int
    story: tuple[str, ...] = ()
    repeat: tuple[str, ...] = ()
    suites: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    grade: str = ""
    says: str = ""
    also: tuple[Titled, ...] = ()
    met: tuple[tuple[str, str], ...] = ()

    @property
    def grade_in_words(self) -> str:
        """Who states what it breaks."""
        return statement_of(self.statement).grade_in_words


@dataclass(frozen=True, slots=True)
class OperationCounts:
    """The numbers of an operation's calls, acceptances, refusals and findings."""

    operation: str
    calls: int
    accepted: int
    refused: int
    findings: int


@dataclass(frozen=True, slots=True)
class SuiteTime:
    """The seconds of a suite, and those of the judgements of each rule."""

    name: str
    seconds: float
    rules: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Shape: findings by severity; judged has suites, statements and their cases.

    The operations of `not_there` are findings, unless `only_present` is set. `known` counts the findings left out
    because of a baseline, and is None without a baseline.
    """

    target: str
    profile: str
    is_mockaxle: bool
    seed: int
    examples: int
    seconds: float
    calls: int
    unfinished: str
    tested: bool
    only_present: bool
    suites: tuple[SuiteTime, ...]
    not_there: tuple[NotThere, ...]
    findings: tuple[CountedFinding, ...]
    statements: tuple[JudgedStatement, ...]
    judged: tuple[tuple[str, str, int], ...]
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
        reasons = (
            _counted(sum(map(self.is_counting, self.faults)), "finding counts", "findings count"),
            _counted(len(self.missing), "operation is not there", "operations are not there"),
            _counted(len(self.never_accepted), "operation never succeeded", "operations never succeeded"),
            "" if self.tested else "nothing was tested",
            self.unfinished,
        )
        return ", ".join(filter(None, reasons))

    @property
    def faults(self) -> tuple[CountedFinding, ...]:
        """The findings besides those of missing operations."""
        return tuple(one for one in self.findings if one.suite != PRESENCE)

    @property
    def missing(self) -> tuple[NotThere, ...]:
        """The missing operations that count."""
        found = {name for one in self.findings if one.suite == PRESENCE for name in one.operations}
        return tuple(one for one in self.not_there if one.operation in found)

    @property
    def parts(self) -> tuple[JudgedPart, ...]:
        return parts(self.statements)

    @property
    def counted(self) -> dict[str, int]:
        """The number of findings of each level."""
        return {level.value: sum(one.level is level for one in self.findings) for level in Level}

    def is_counting(self, finding: CountedFinding) -> bool:
        """Tell whether a finding counts. At a mockaxle every finding does; elsewhere notes do not."""
        return self.is_mockaxle or finding.level is not Level.NOTE


def outcome(run: Run, *, left_behind: list[str], known: Known | None = None) -> CheckResult:
    """Return the result of a run, without known findings."""
    old, fresh = _divided(run.findings.seen, known or frozenset())
    repeating = Repeating(run.target.exchanges, username=run.main.username)
    findings = tuple(_finding(cause, repeating) for cause in causes(fresh))
    return CheckResult(
        target=run.target.base_url,
        profile=run.profile,
        is_mockaxle=run.target.is_ours,
        seed=run.seed,
        examples=run.examples,
        seconds=round(time.monotonic() - run.began, 3),
        calls=sum(counts.calls for counts in run.target.counts.values()),
        unfinished=run.unfinished,
        tested=is_anything_tested(run),
        only_present=run.only_present,
        suites=tuple(_suite_time(run, name) for name in run.seconds),
        not_there=run.not_there,
        findings=findings,
        statements=judgements(run),
        judged=tuple((*one, cases) for one, cases in run.judged.items()),
        operations=tuple(_operation(run, key, findings) for key in run.keys),
        never_accepted=tuple(never_accepted(run)),
        untested=(*run.untested, *_untried(run)),
        left_behind=tuple(left_behind),
        known=None if known is None else len(causes(old)),
    )


def _counted(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}" if count else ""


def _suite_time(run: Run, name: str) -> SuiteTime:
    rules: dict[str, float] = {}
    for (suite, statement), seconds in run.judging_seconds.items():
        if suite == name:
            rule = statement_of(statement).rule
            rules[rule] = rules.get(rule, 0.0) + seconds
    return SuiteTime(name, round(run.seconds[name], 3), tuple((rule, round(spent, 3)) for rule, spent in rules.items()))


def _divided(seen: Iterable[Seen], known: Known) -> tuple[list[Seen], list[Seen]]:
    """Divide findings into known and new ones."""
    parts: tuple[list[Seen], list[Seen]] = [], []
    for one in seen:
        parts[(one.finding.rule, one.finding.title) not in known].append(one)
    return parts


def _finding(cause: Cause, repeating: Repeating) -> CountedFinding:
    """Make a finding of the occurrence that takes the fewest lines to repeat."""
    occurrences = [(repeating.lines(one), one) for one in cause.occurrences]
    repeat, shown = min(occurrences, key=lambda pair: (not pair[0], len(pair[0])))
    stated = statement_of(cause.main.statement)
    return CountedFinding(
        suite=cause.suites[0],
        rule=shown.rule,
        statement=shown.statement,
        level=shown.level,
        title=shown.title,
        operations=tuple(dict.fromkeys(filter(None, (shown.operation, *cause.operations)))),
        expected=shown.expected,
        came=shown.came,
        times=cause.times,
        story=shown.story,
        repeat=repeat,
        suites=cause.suites,
        statements=tuple(dict.fromkeys(statement for statement, _ in cause.titles)),
        grade=stated.grade,
        says=stated.says,
        also=tuple(Titled(statement_of(of).rule, of, title) for of, title in cause.titles[1:]),
        met=tuple(dict.fromkeys((one.finding.suite, one.finding.rule) for one in cause.seen)),
    )


def _operation(run: Run, key: str, findings: Iterable[CountedFinding]) -> OperationCounts:
    counts = run.target.counts.get(key, Counts())
    found = sum(key in finding.operations for finding in findings)
    return OperationCounts(key, counts.calls, counts.accepted, counts.refused, found)


def _untried(run: Run) -> list[str]:
    reasons = {
        "never called": never_called(run),
        "called with invalid requests only": only_refused(run),
        f"not accepted, since the server has no meter at {POSTCODE}": without_data(run),
    }
    return [f"{reason}: {', '.join(keys)}" for reason, keys in reasons.items() if keys]
