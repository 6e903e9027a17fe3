"""Conventions of the whole surface: the document, slashes, unknown paths and wrong verbs. Source: G1-G8, H1.

A path is tested only if the server accepted a call of one of its operations, so that a missing operation is no finding.
"""

from collections.abc import Iterator, Mapping, Set

from mockaxle.contract.document import Operation, load_contract
from mockaxle.harness.account import CheckedAccount
from mockaxle.harness.answer import Answer
from mockaxle.harness.names import NOBODY
from mockaxle.harness.operations import HOME_ASSISTANT, METER_BY_ADDRESS, ONBOARD
from mockaxle.harness.products.judging import refusable
from mockaxle.harness.run import Judge, Run
from mockaxle.harness.target import Counts

DOCUMENT = "GET /openapi.json"
UNKNOWN_PATHS = (
    "/no-such-path",
    "/entities/no-such-noun",
    f"/entities/site/{NOBODY}/no-such-part",
    f"/rewards/{NOBODY}/no-such-part",
    "/examples/no-such-example",
    "/auth/no-such-part",
    f"/entities/asset/{NOBODY}/event/no-such-event",
    "/validation/no-such-number",
)
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
LITERAL = (ONBOARD, METER_BY_ADDRESS)
"""Operations whose last segment a template of another verb would match."""


def paths(judge: Judge) -> None:
    """Read the document without a token, paths that do not exist, and the Home Assistant event."""
    run, account = judge.run, refusable(judge.run)
    document = CheckedAccount(run.target, "", "", allowed=False).call(DOCUMENT)
    described = bool(document.value("paths")) and document.status == 200
    title = "the document cannot be read without a token"
    judge.expect(described, document, of="G1d", title=title, expected="200 with an OpenAPI document")
    for path in UNKNOWN_PATHS:
        for verb in VERBS:
            answer = account.call(f"{verb} {path}")
            judge.status(answer, 404, of="G8d", title="an unknown path is not 404")
    if HOME_ASSISTANT in run.keys:
        event = account.call(HOME_ASSISTANT)
        there, title = event.status not in (404, 405), "the Home Assistant event is not there"
        if judge.expect(there, event, of="G4a", title=title, expected="403"):
            judge.status(event, 403, of="H1a", title="an organisation's token is not refused with 403")


def verbs(judge: Judge) -> None:
    """Call each path with a slash too many or too few, and with wrong verbs."""
    run, account = judge.run, refusable(judge.run)
    known = _known(run)
    for operation in known:
        _judge_slash(judge, account, operation)
    whole = load_contract().operations
    for path in dict.fromkeys(one.path for one in known):
        served = frozenset(one.verb for one in whole if _matches(one.path, path))
        for verb in _wrong_verbs(path, served):
            _judge_verb(judge, account.call(f"{verb} {path}", ids=_ids(path)), served=served)
    for operation in known:
        literal = operation.key in LITERAL
        if operation.verb == "GET" or literal:
            verb = "GET" if literal else "HEAD"
            answer = account.call(f"{verb} {operation.path}", ids=_ids(operation.path))
            title = "HEAD, or a verb of a template's path, is not 405"
            judge.status(answer, 405, of="G8f", title=title)


def _known(run: Run) -> list[Operation]:
    """Return the operations of which a call was accepted."""
    return [one for one in run.operations if run.target.counts.get(one.key, Counts()).accepted]


def _ids(path: str) -> Mapping[str, str]:
    return {part[1:-1]: NOBODY for part in path.split("/") if part.startswith("{")}


def _judge_slash(judge: Judge, account: CheckedAccount, operation: Operation) -> None:
    """Call a path without its trailing slash, or with one too many."""
    other = operation.path.removesuffix("/") if operation.path.endswith("/") else f"{operation.path}/"
    answer = account.call(f"{operation.verb} {other}", ids=_ids(operation.path))
    location = answer.headers.get("location", "").partition("?")[0]
    leads = location.endswith(operation.path.format(**_ids(operation.path)))
    title = "a missing or superfluous slash is not a 307 to the path"
    judge.expect(answer.status == 307 and leads, answer, of="G8c", title=title, expected="307 to the path")


def _wrong_verbs(path: str, served: Set[str]) -> Iterator[str]:
    """Yield the verbs that no operation has whose path may match. A whole list is never deleted or changed."""
    yield from (verb for verb in (VERBS if "{" in path else VERBS[:3]) if verb not in served)


def _matches(path: str, other: str) -> bool:
    """Tell whether a path could be of both templates."""
    parts, others = path.split("/"), other.split("/")
    pairs = zip(parts, others, strict=False)
    return len(parts) == len(others) and all("{" in one + two or one == two for one, two in pairs)


def _judge_verb(judge: Judge, answer: Answer, *, served: Set[str]) -> None:
    named = {verb.strip().upper() for verb in answer.headers.get("allow", "").split(",")}
    sent = answer.operation.partition(" ")[0]
    right = answer.status == 405 and bool(named & served) and sent not in named
    title, expected = "a wrong verb is not 405 with Allow", f"405 with Allow: {', '.join(sorted(served))}"
    judge.expect(right, answer, of="G8e", title=title, expected=expected)
