"""Runs the rows of `mockaxle check-receiver` one after the other. Source: N22."""

from collections.abc import Callable, Mapping
from time import monotonic

from mockaxle.client.errors import TooSlow
from mockaxle.harness.receiver.black_box import CHECKS, Check, echoes
from mockaxle.harness.receiver.envoy import Envoy, dispatch_of
from mockaxle.harness.receiver.evidence import Evidence
from mockaxle.harness.receiver.observing import Observation
from mockaxle.harness.receiver.rows import ROWS, Case, ReceiverResult, ReceiverRow, RowResult
from mockaxle.harness.receiver.stage import TIMEOUT_MS, DrivenMock

Report = Callable[[str], None]
SILENT = (1, 2)
"""The rows that a receiver fails that does not answer."""


def check_receiver(
    stage: DrivenMock, envoy: Envoy, *, target: str, pace: float | None, report: Report
) -> ReceiverResult:
    """Check a receiver, and observe its system if there is a pace. Units: seconds until and of a dispatch.

    Raises: Unanswered if nothing answers HTTP there, ControlFailed if the mock does not call such a URL.
    """
    began = monotonic()
    stage.begin()
    if not _answers(envoy):
        return ReceiverResult(target, False, tuple(map(_silent, ROWS)), monotonic() - began)
    found: dict[int, RowResult] = {}
    checks: Mapping[int, Check] = {**CHECKS, 20: echoes(stage.secret)}
    for row in ROWS:
        report(f"row {row.number} of {len(ROWS)}: {row.title}")
        found[row.number] = _checked(row, checks.get(row.number), stage=stage, envoy=envoy)
    if pace is not None:
        observed = _observed(stage, pace, report=report)
        found = {number: _with(one, observed.get(number, [])) for number, one in found.items()}
    return ReceiverResult(target, pace is not None, tuple(found.values()), monotonic() - began)


def _answers(envoy: Envoy) -> bool:
    """Send a valid message, and tell whether an answer comes in time. Raises: Unanswered for any other reason."""
    try:
        envoy.posted(dispatch_of())
    except TooSlow:
        return False
    return True


def _silent(row: ReceiverRow) -> RowResult:
    """Return the result for a receiver that answers too late: the first rows fail, the others would take minutes."""
    came = f"no complete answer within {TIMEOUT_MS:,} ms"
    return RowResult(row, (Case("a valid message", False, came),) if row.number in SILENT else ())


def _checked(row: ReceiverRow, check: Check | None, *, stage: DrivenMock, envoy: Envoy) -> RowResult:
    began = monotonic()
    cases = tuple(check(stage, envoy)) if check else ()
    return RowResult(row, cases, monotonic() - began)


def _observed(stage: DrivenMock, pace: float, *, report: Report) -> Mapping[int, list[Case]]:
    observation = Observation(stage, Evidence(stage.control), pace, report)
    observation.run()
    return observation.cases()


def _with(result: RowResult, cases: list[Case]) -> RowResult:
    return RowResult(result.row, (*result.cases, *cases), result.seconds)
