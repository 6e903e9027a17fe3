"""Runs Hypothesis against a server: draws values and finds the smallest one that breaks a rule."""

from collections.abc import Callable, Iterator
from typing import NamedTuple, NoReturn, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Flaky

from mockaxle.harness.answer import Answer
from mockaxle.harness.finding import Finding
from mockaxle.harness.run import Run
from mockaxle.harness.target import Interrupted, OutOfTime

T = TypeVar("T")
MAX_BROKEN = 10
MOST_SMALLER = 150
"""Examples that are tried after the first that breaks a rule, to find a smaller one."""


class Broken(NamedTuple):
    """A statement that an answer breaks, by its id."""

    answer: Answer
    of: str
    title: str
    expected: str


class BrokenRule(Exception):
    """Ends an example; Hypothesis looks for a smaller one."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.title)
        self.finding = finding


class Enough(KeyboardInterrupt):
    """Ends a search that has looked for a smaller example long enough. Hypothesis stops at no other exception."""


class ExampleSearch:
    """A search for the smallest example that breaks a rule, which ends some examples after the first."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._found: list[Finding] = []
        self._examples = 0
        self._until = 0

    def begin(self) -> None:
        """Begin an example. Raises: Enough."""
        self._run.progress.step(min(self._examples, self._run.examples), self._run.examples)
        self._examples += 1
        if self._found and self._examples > self._until:
            raise Enough()

    def end(self, finding: Finding) -> NoReturn:
        """End an example that breaks a rule. Raises: BrokenRule."""
        if not self._found:
            self._until = self._examples + MOST_SMALLER
        self._found.append(finding)
        raise BrokenRule(finding)

    def smallest(self, search: Callable[[], None]) -> Finding | None:
        """Return the finding with the fewest calls; for a server with varying behaviour, the last one.

        Raises: OutOfTime, Interrupted.
        """
        target = self._run.target
        target.is_searching = True
        try:
            search()
        except BrokenRule as found:
            return found.finding
        except Enough:
            return min(self._found, key=lambda finding: len(finding.repeat))
        except Flaky:
            if self._found and not target.interrupted:
                return self._found[-1]
        finally:
            target.is_searching = False
        if target.interrupted:
            raise Interrupted()
        if target.left_seconds() <= 0:
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
    """Draw values and check each. Every fault that the suite does not know yet is found, by its smallest example."""
    known = {finding.title for finding in run.findings if finding.suite == suite}
    for _ in range(MAX_BROKEN):
        broken = _first(run, suite, drawn, check=check, known=known)
        if broken is None:
            return
        run.findings.add(broken)
        known.add(broken.title)


def _first(
    run: Run, suite: str, drawn: st.SearchStrategy[T], *, check: Callable[[T], Iterator[Broken]], known: set[str]
) -> Finding | None:
    judge, search = run.judge(suite), ExampleSearch(run)

    @seed(run.seed)
    @drawing(run, examples=run.examples)
    @given(drawn)
    def holds(value: T) -> None:
        search.begin()
        for broken in check(value):
            if broken.title not in known:
                answer, of, title, expected = broken
                search.end(judge.finding(answer, of=of, title=title, expected=expected))

    return search.smallest(holds)
