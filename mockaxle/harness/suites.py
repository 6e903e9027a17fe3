"""The suites by name, and the course of a run."""

import time
from collections.abc import Callable, Mapping, Sequence

from mockaxle.harness.account import CheckedAccount
from mockaxle.harness.answer import Answer
from mockaxle.harness.auth import auth
from mockaxle.harness.conformance import conformance, in_wire_style
from mockaxle.harness.finding import unanswered
from mockaxle.harness.idempotency import idempotency
from mockaxle.harness.journeys.suite import journeys
from mockaxle.harness.lifecycle import lifecycle
from mockaxle.harness.operations import HOME_ASSISTANT, LIST_SITES
from mockaxle.harness.optimiser.suite import optimiser
from mockaxle.harness.presence import leave_out_missing
from mockaxle.harness.products.suite import products
from mockaxle.harness.records.suite import records
from mockaxle.harness.repetition import repetition
from mockaxle.harness.run import INTERRUPTED, Judge, NotTestable, Run
from mockaxle.harness.server_settings import KnownSettings, settings_of
from mockaxle.harness.target import LOG_IN, Counts, Interrupted, NoAnswer, OutOfTime, Silent
from mockaxle.harness.watching.checked import Checked
from mockaxle.harness.watching.watch import Watch

SUITES: Mapping[str, Callable[[Run], None]] = {
    "journeys": journeys,
    "auth": auth,
    "idempotency": idempotency,
    "records": records,
    "products": products,
    "optimiser": optimiser,
    "lifecycle": lifecycle,
    "repetition": repetition,
    "conformance": conformance,
}
"""The suites in the order in which they run: quick ones first."""

FOR_OTHERS = frozenset({HOME_ASSISTANT})
"""Operations that never accept an organisation's account. Source: H1."""


class CannotCheck(Exception):
    """The server at the base URL cannot be checked. The text says why."""


def begin(run: Run) -> None:
    """Watch all answers, log in with every account, read the server's settings, and leave out what it does not have.

    Raises: CannotCheck, Silent.
    """
    run.settings = KnownSettings().changed(run.given)
    run.target.watch, run.target.progress = watch(run), run.progress
    for account in filter(None, (run.main, run.other, run.limited)):
        _log_in(run, account)
    run.settings = settings_of(run.main, given=run.given)
    run.target.watch = watch(run)
    leave_out_missing(run)
    _check_homes(run)


def _log_in(run: Run, account: CheckedAccount) -> None:
    """Raises: CannotCheck, Silent."""
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


def watch(run: Run) -> Watch:
    """Make the watch of a run. Its findings belong to the suite that makes the call."""

    def report(answer: Answer, checked: Checked) -> None:
        if run.on_checked is not None:
            run.on_checked(answer, checked)
            return
        of, holds, title, expected = checked
        Judge(run, run.suite, watched=True).expect(holds, answer, of=of, title=title, expected=expected)

    contract = in_wire_style(run.contract) if run.is_wire else run.contract
    return Watch(contract, nulls=run.is_wire, owner=run.main.username, report=report)


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
    run.suite = name
    run.progress.begin(name)
    began = run.last_judged = time.monotonic()
    try:
        outcome = _outcome(run, name)
    finally:
        run.seconds[name] = time.monotonic() - began
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
    """List the operations that were called with valid requests, of known data, and refused each time."""
    counts = {key: run.target.counts.get(key, Counts()) for key in run.keys if key not in FOR_OTHERS}
    tried = {key for key, count in counts.items() if count.allowed and not count.accepted}
    return [key for key in run.keys if key in tried - run.without_data]


def without_data(run: Run) -> list[str]:
    """List the operations that were refused each time, since the server has no data for them."""
    return [key for key in run.keys if key in run.without_data and not run.target.counts.get(key, Counts()).accepted]


def only_refused(run: Run) -> list[str]:
    """List the operations that were called with invalid requests only, as by the auth suite or without writes."""
    counts = {key: run.target.counts.get(key, Counts()) for key in run.keys if key not in FOR_OTHERS}
    return [key for key, count in counts.items() if count.calls and not count.allowed and not count.accepted]


def never_called(run: Run) -> list[str]:
    return [key for key in run.keys if not run.target.counts.get(key, Counts()).calls]


def is_anything_tested(run: Run) -> bool:
    return any(count.calls for key, count in run.target.counts.items() if key != LOG_IN)
