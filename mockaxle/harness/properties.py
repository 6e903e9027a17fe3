"""Runs Hypothesis against a server: draws values and finds the smallest one that breaks a rule."""

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from mockaxle.harness.answer import Answer
from mockaxle.harness.finding import Finding
from mockaxle.harness.run import Run
from mockaxle.harness.target import Interrupted, OutOfTime

T = TypeVar("T")
MAX_BROKEN = 10


class Broken(NamedTuple):
    """A rule that an answer breaks. Shape: grade is that of the expectation, D, O or M."""

    answer: Answer
    rule: str
    grade: str
    title: str
    expected: str


class BrokenRule(Exception):
    """Ends an example; Hypothesis looks for a smaller one."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.title)
        self.finding = finding


def smallest(run: Run, search: Callable[[], None], *, last: list[Finding]) -> Finding | None:
    """Return the finding of a search; for a server with varying behaviour, the last one.

    Raises: OutOfTime, Interrupted.
    """
    run.target.is_searching = True
    try:
        search()
    except BrokenRule as found:
        return found.finding
    except Flaky:
        if last and not run.target.interrupted:
            return last[-1]
    finally:
        run.target.is_searching = False
    if run.target.interrupted:
        raise Interrupted()
    if run.target.left_seconds() <= 0:
        raise OutOfTime()
    return None


def drawing(run: Run, *, examples: int) -> settings:
    """Return Hypothesis' settings. Nothing is stored between runs."""
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=False,
        report_multiple_bugs=False,
        print_blob=False,
        verbosity=Verbosity.quiet,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


def hold(run: Run, suite: str, *, drawn: st.SearchStrategy[T], check: Callable[[T], Iterator[Broken]]) -> None:
    """Draw values and check each. Every broken rule is found once, by its smallest example."""
    known: set[str] = set()
    for _ in range(MAX_BROKEN):
        broken = _first(run, suite, drawn, check=check, known=known)
        if broken is None:
            return
        run.findings.add(broken)
        known.add(broken.title)


def _first(
    run: Run, suite: str, drawn: st.SearchStrategy[T], *, check: Callable[[T], Iterator[Broken]], known: set[str]
) -> Finding | None:
    judge, done, last = run.judge(suite), [0], list[Finding]()

    @seed(run.seed)
    @drawing(run, examples=run.examples)
    @given(drawn)
    def holds(value: T) -> None:
        run.progress.step(min(done[0], run.examples), run.examples)
        done[0] += 1
        for broken in check(value):
            if broken.title not in known:
                answer, rule, grade, title, expected = broken
                last.append(judge.finding(answer, rule=rule, grade=grade, title=title, expected=expected))
                raise BrokenRule(last[-1])

    return smallest(run, holds, last=last)
