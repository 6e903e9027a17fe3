"""The suites by name, and how a run goes through them."""

from collections.abc import Callable, Mapping, Sequence

from mockaxle.harness.auth import auth
from mockaxle.harness.conformance import conformance
from mockaxle.harness.finding import Finding, Level
from mockaxle.harness.idempotency import idempotency
from mockaxle.harness.journeys import journeys
from mockaxle.harness.lifecycle import lifecycle
from mockaxle.harness.operations import HOME_ASSISTANT
from mockaxle.harness.optimiser import optimiser
from mockaxle.harness.run import NotTestable, Run
from mockaxle.harness.target import LOG_IN, Counts, NoAnswer, OutOfTime

SUITES: Mapping[str, Callable[[Run], None]] = {
    "journeys": journeys,
    "auth": auth,
    "idempotency": idempotency,
    "optimiser": optimiser,
    "lifecycle": lifecycle,
    "conformance": conformance,
}
"""In the order in which they are run: the quick ones first."""

FOR_OTHERS = frozenset({HOME_ASSISTANT})
"""What an organisation's account is never let into. Source: H1."""


class CannotCheck(Exception):
    """There is nothing at the base URL that could be checked; says what there is."""


def begin(run: Run) -> None:
    """Logs in with every account. Raises: CannotCheck, Silent."""
    for account in (run.main, run.other, run.limited):
        if account is None:
            continue
        try:
            answer = account.log_in()
        except NoAnswer as error:
            raise CannotCheck(f"{run.target.base_url} gives no answer: {error.error}") from None
        if answer.status != 200 or not account.bearer:
            kind = answer.headers.get("content-type", "no content type")
            raise CannotCheck(
                f"{run.target.base_url}: the log-in of {account.username!r} is answered {answer.status} ({kind}), "
                f"without an access_token: {answer.text[:100]!r}"
            )


def check(run: Run, names: Sequence[str]) -> None:
    """Runs the suites; what could not be tested is told in run.untested. Raises: Silent."""
    for name in [name for name in SUITES if name in names]:
        try:
            SUITES[name](run)
        except NotTestable as reason:
            run.untested.append(f"{name}: {reason}")
        except OutOfTime:
            run.untested.append(f"{name}: what was left of it when --time-budget was over")
        except NoAnswer as error:
            run.findings.add(unanswered(name, error))
            run.untested.append(f"{name}: what comes after a call without an answer")


def unanswered(suite: str, error: NoAnswer) -> Finding:
    return Finding(suite, "G1", Level.ERROR, "a call is not answered", "an answer", error.error, error.operation)


def never_accepted(run: Run) -> list[str]:
    """Operations that were called in the hope of being accepted, and refused each time."""
    counts = {key: run.target.counts.get(key, Counts()) for key in run.keys if key not in FOR_OTHERS}
    return [key for key, count in counts.items() if count.hopeful and not count.accepted]


def never_called(run: Run) -> list[str]:
    return [key for key in run.keys if not run.target.counts.get(key, Counts()).calls]


def is_green(run: Run) -> bool:
    """Nothing found that counts, something tested, and nothing refused each time.

    At a target of ours every finding counts; elsewhere the mock's own decisions do not.
    """
    counting = len(run.findings) if run.target.is_ours else len(run.findings) - run.findings.of(Level.NOTE)
    tested = any(count.accepted for key, count in run.target.counts.items() if key != LOG_IN)
    return not counting and tested and not never_accepted(run)
