"""The suites by name, and the course of a run."""

from collections.abc import Callable, Mapping, Sequence

from mockaxle.harness.auth import auth
from mockaxle.harness.conformance import conformance
from mockaxle.harness.finding import unanswered
from mockaxle.harness.idempotency import idempotency
from mockaxle.harness.journeys import journeys
from mockaxle.harness.lifecycle import lifecycle
from mockaxle.harness.operations import HOME_ASSISTANT, LIST_SITES
from mockaxle.harness.optimiser import optimiser
from mockaxle.harness.run import INTERRUPTED, NotTestable, Run
from mockaxle.harness.target import LOG_IN, Counts, Interrupted, NoAnswer, OutOfTime, Silent

SUITES: Mapping[str, Callable[[Run], None]] = {
    "journeys": journeys,
    "auth": auth,
    "idempotency": idempotency,
    "optimiser": optimiser,
    "lifecycle": lifecycle,
    "conformance": conformance,
}
"""The suites in the order in which they run: quick ones first."""

FOR_OTHERS = frozenset({HOME_ASSISTANT})
"""Operations that never accept an organisation's account. Source: H1."""


class CannotCheck(Exception):
    """The server at the base URL cannot be checked. The text says why."""


def begin(run: Run) -> None:
    """Log in with every account. Raises: CannotCheck, Silent."""
    for account in filter(None, (run.main, run.other, run.limited)):
        try:
            answer = account.log_in()
        except NoAnswer as error:
            raise CannotCheck(f"{run.target.base_url} does not answer: {error.error}") from None
        if answer.status != 200 or not account.bearer:
            kind = answer.headers.get("content-type", "no content type")
            raise CannotCheck(
                f"{run.target.base_url}: the log-in of {account.username!r} returned {answer.status} ({kind}), "
                f"not 200 with an access_token: {answer.text[:100]!r}"
            )
    _check_homes(run)


def _check_homes(run: Run) -> None:
    """Raises: CannotCheck if a listed MPAN has a site, which the run would remove at its end."""
    for mpan in run.homes.listed if run.may_write else ():
        found = run.main.call(LIST_SITES, query={"mpan": mpan})
        if found.list_at("sites"):
            said = f"MPAN {mpan} of --mpans already has a site, which the check would remove at its end"
            raise CannotCheck(f"{said}: offboard it first, or list another MPAN")


def check(run: Run, names: Sequence[str]) -> None:
    """Run the suites. run.untested lists the parts not tested, run.unfinished says why the run ended early."""
    left = [name for name in SUITES if name in names]
    try:
        while left:
            _check(run, left[0])
            left.pop(0)
    except (KeyboardInterrupt, Interrupted):
        run.unfinished = INTERRUPTED
    except Silent as error:
        run.unfinished = f"{run.target.base_url} stopped answering: {error}"
    if left:
        run.untested.append(f"{left[0]}: not finished, since {run.unfinished}")
        run.untested += [f"{name}: not run, since {run.unfinished}" for name in left[1:]]


def _check(run: Run, name: str) -> None:
    """Run a suite and report its progress. Raises: Interrupted, Silent."""
    outcome = "not finished"
    run.progress.begin(name)
    try:
        outcome = _outcome(run, name)
    finally:
        run.progress.end(outcome)


def _outcome(run: Run, name: str) -> str:
    """How a suite ended. Raises: Interrupted, Silent."""
    try:
        SUITES[name](run)
        return "done"
    except NotTestable as reason:
        run.untested.append(f"{name}: {reason}")
        return "not tested"
    except OutOfTime:
        run.untested.append(f"{name}: the rest, after the end of --time-budget")
    except NoAnswer as error:
        run.findings.add(unanswered(name, error))
        run.untested.append(f"{name}: the rest, after a call without an answer")
    return "not finished"


def never_accepted(run: Run) -> list[str]:
    """List the operations that were called with valid requests and refused each time."""
    counts = {key: run.target.counts.get(key, Counts()) for key in run.keys if key not in FOR_OTHERS}
    return [key for key, count in counts.items() if count.allowed and not count.accepted]


def only_refused(run: Run) -> list[str]:
    """List the operations that were called with invalid requests only, as by the auth suite or without writes."""
    counts = {key: run.target.counts.get(key, Counts()) for key in run.keys if key not in FOR_OTHERS}
    return [key for key, count in counts.items() if count.calls and not count.allowed and not count.accepted]


def never_called(run: Run) -> list[str]:
    return [key for key in run.keys if not run.target.counts.get(key, Counts()).calls]


def is_anything_tested(run: Run) -> bool:
    return any(count.calls for key, count in run.target.counts.items() if key != LOG_IN)
