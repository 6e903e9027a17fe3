"""Finds the operations that a server does not have, before anything else is called.

A server has no operation if it answers 405, or as it answers an unknown path. It is asked without a token first: where
only known paths need one, a 404 shows that the path is unknown. Where every path needs one, it is asked with a token,
for unknown ids and with a body that nobody accepts. An operation with an id may still be answered like an unknown path
because its object is missing; then OPTIONS of its path shows whether the server knows it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mockaxle.client.log_in import bearer
from mockaxle.client.response import ClientResponse
from mockaxle.contract.document import Contract, Operation
from mockaxle.contract.profiles import cut
from mockaxle.harness.finding import Finding
from mockaxle.harness.names import NOBODY
from mockaxle.harness.operations import BEYOND_THE_DOCUMENT, HARMLESS
from mockaxle.harness.run import Run
from mockaxle.harness.target import LOG_IN, NoAnswer, OutOfTime
from mockaxle.recordings.curl import curl_line

SUITE = "operations"
UNKNOWN_PATH = "/mockaxle-check/no-such-path"
BROKEN_JSON = b"{"
VARYING = re.compile(rb"/[^\s\"'<>,]*|[0-9a-f-]{8,}|\d+")
"""Paths, ids, instants and numbers in the body of an error."""

ANY, DEPRECATED = "G1f", "G6a"


@dataclass(frozen=True, slots=True)
class NotThere:
    """An operation that the server does not have, and its answer."""

    operation: str
    status: int
    answered: str


def leave_out_missing(run: Run) -> None:
    """Reduce the contract to operations that the server has. The others are findings unless only those count.

    Raises: Interrupted, Silent.
    """
    described = run.contract
    run.not_there = tuple(_missing(run))
    names = {one.operation for one in run.not_there}
    if names:
        kept = [key for key in run.keys if key not in names]
        run.contract, run.is_partial = Contract(cut(described.document, kept)), True
    if not run.only_present:
        judge = run.judge(SUITE)
        for operation in described.operations:
            judge.looks_at(_statement(operation, described))
        for one in run.not_there:
            run.findings.add(_finding(one, described))


def _missing(run: Run) -> Iterator[NotThere]:
    presence = _Presence(run)
    for operation in run.operations:
        if operation.key != LOG_IN:
            try:
                answer = presence.missing(operation)
            except (NoAnswer, OutOfTime):
                continue
            if answer is not None:
                yield NotThere(operation.key, answer.status, f"{answer.status} {answer.text[:100]}".strip())


class _Presence:
    """Asks for operations, and for an unknown path in the same way."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._of_unknown: dict[tuple[str, bool], ClientResponse] = {}

    def missing(self, operation: Operation) -> ClientResponse | None:
        """Return the answer that shows that an operation is missing, else None. Raises: NoAnswer and similar errors."""
        may_ask = self._run.may_write or operation.verb == "GET" or operation.key in HARMLESS
        answer, unknown = self._asked(operation.verb, operation, with_token=False)
        with_token = {answer.status, unknown.status} <= {401, 403} and may_ask
        if with_token:
            answer, unknown = self._asked(operation.verb, operation, with_token=True)
        is_alike = answer.status == 404 and _is_alike(answer, unknown)
        if is_alike and operation.places:
            asked, of_unknown = self._asked("OPTIONS", operation, with_token=with_token)
            is_alike = asked.status == 404 and _is_alike(asked, of_unknown)
        return answer if answer.status == 405 or is_alike else None

    def _asked(self, verb: str, operation: Operation, *, with_token: bool) -> tuple[ClientResponse, ClientResponse]:
        """Return the answers to an operation's path and to an unknown one."""
        key = (verb, with_token)
        if key not in self._of_unknown:
            self._of_unknown[key] = self._call(verb, UNKNOWN_PATH, with_token=with_token)
        return self._call(verb, _path(operation), with_token=with_token), self._of_unknown[key]

    def _call(self, verb: str, path: str, *, with_token: bool) -> ClientResponse:
        target = self._run.target
        headers = bearer(self._run.main.bearer) if with_token else {}
        content = BROKEN_JSON if verb in ("POST", "PATCH") else b""
        headers |= {"Content-Type": "application/json"} if content else {}
        with target.calling():
            return target.ask(f"{verb} {path}", path, headers=headers, content=content).answer


def _path(operation: Operation) -> str:
    return re.sub(r"\{\w+\}", NOBODY, operation.path)


def _is_alike(answer: ClientResponse, unknown: ClientResponse) -> bool:
    words, others = (VARYING.sub(b"", one.body) for one in (answer, unknown))
    return (answer.status, words) == (unknown.status, others)


def _statement(operation: Operation, contract: Contract) -> str:
    described = contract.document["paths"][operation.path][operation.verb.lower()]
    return BEYOND_THE_DOCUMENT.get(operation.key, DEPRECATED if described.get("deprecated") else ANY)


def _finding(missing: NotThere, contract: Contract) -> Finding:
    operation = next(one for one in contract.operations if one.key == missing.operation)
    return Finding(
        SUITE,
        _statement(operation, contract),
        f"{missing.operation} is not there",
        "another answer than to an unknown path",
        missing.answered,
        missing.operation,
        (curl_line(operation.verb, _path(operation)),),
        watched=True,
    )
