"""Refusals that every operation shares: unknown ids, and malformed bodies. Source: E1, E4."""

from collections.abc import Mapping

from mockaxle.contract.document import Operation
from mockaxle.harness.answer import Answer
from mockaxle.harness.json_values import Json
from mockaxle.harness.names import NOBODY
from mockaxle.harness.operations import EVENT, LINK, WITHDRAWAL_PAGE
from mockaxle.harness.products.judging import refusable
from mockaxle.harness.products.sessions import COMBINED, OWN_PATHS
from mockaxle.harness.run import Judge

IDS = ("site_id", "asset_id", "external_id")
MALFORMED: tuple[Json, ...] = ({}, [], "text", {"unknown": 1})
EVENT_BODIES: Mapping[str, Json] = {
    **{EVENT + path: bodies[-1] for path, bodies in OWN_PATHS.items()},
    EVENT: COMBINED[0],
}


def missing_objects(judge: Judge) -> None:
    """Read and use sites and assets that do not exist."""
    run, account = judge.run, refusable(judge.run)
    for operation in run.operations:
        names = [one.name for one in operation.parameters if one.where == "path"]
        reads = operation.verb == "GET" and operation.key != LINK
        if len(names) != 1 or names[0] not in IDS or not (reads or operation.key in EVENT_BODIES):
            continue
        query = {"redirect_uri": "x"} if operation.key == WITHDRAWAL_PAGE else None
        answer = account.call(operation.key, EVENT_BODIES.get(operation.key), query=query, ids={names[0]: NOBODY})
        judge.status(answer, 404, of="E4b", title="an object that does not exist is not 404")


def malformed(judge: Judge) -> None:
    """Send bodies of a wrong shape to every operation that takes one. The watch judges the shape of each 422."""
    run, account = judge.run, refusable(judge.run)
    for operation in run.operations:
        if operation.verb not in ("POST", "PATCH") or operation.takes_form:
            continue
        ids = {one.name: NOBODY for one in operation.parameters if one.where == "path"}
        for body in MALFORMED:
            answer = account.call(operation.key, body, ids=ids)
            if answer.status == 422 and not run.is_wire:
                _judge_shape(judge, answer, operation)


def _judge_shape(judge: Judge, answer: Answer, operation: Operation) -> None:
    """Check that a 422 has the shape that the document declares for the operation."""
    is_text, title = isinstance(answer.value("detail"), str), "a 422 has another shape than the document declares"
    right = operation.error_shape == "undeclared" or is_text == (operation.error_shape == "text")
    judge.expect(right, answer, of="E1c", title=title, expected=f"a {operation.error_shape} as detail")
