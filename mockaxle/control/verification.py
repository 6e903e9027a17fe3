"""Checks that a log contains the calls that a test expects, and finds near misses."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictInt, TypeAdapter, model_validator

from mockaxle.scenarios.fields import OperationKey, PathPattern, Section
from mockaxle.world.entries import Entry, Exchange
from mockaxle.world.faults import path_fits

NEAR_MISSES = 3
MAX_CALLS, MAX_PLACES = 100, 50
MAX_SHOWN = 200


def _pointer(text: str) -> str:
    if text and not text.startswith("/"):
        raise ValueError("not a JSON pointer such as /site/mpan: it must start with /")
    if not all(after[:1] in ("0", "1") for after in text.split("~")[1:]):
        raise ValueError("not a JSON pointer such as /site/mpan: ~ is written ~0, and / in a key ~1")
    return text


Times = Annotated[StrictInt, Field(ge=0)]


class ExpectedCall(Section):
    """The conditions that exchanges must all match, and how often; by default at least once."""

    operation: OperationKey | None = None
    path: PathPattern | None = None
    account: str | None = None
    status: int | None = None
    body: dict[Annotated[str, AfterValidator(_pointer)], Any] = Field(default_factory=dict, max_length=MAX_PLACES)
    count: Times | None = None
    at_least: Times | None = None
    at_most: Times | None = None

    @model_validator(mode="after")
    def one_way_to_count(self) -> "ExpectedCall":
        if self.count is not None and (self.at_least, self.at_most) != (None, None):
            raise ValueError("takes either count, or at_least and at_most")
        return self

    @property
    def least(self) -> int:
        if self.count is not None:
            return self.count
        return self.at_least if self.at_least is not None else 1 if self.at_most is None else 0

    @property
    def most(self) -> int | None:
        return self.count if self.count is not None else self.at_most


def _some(calls: tuple[ExpectedCall, ...]) -> tuple[ExpectedCall, ...]:
    if not calls:
        raise ValueError("must not be empty")
    return calls


class VerifyBody(Section):
    """The calls that a log must contain, `in_order` if their order matters, after the entry numbered `after`."""

    calls: Annotated[tuple[ExpectedCall, ...], Field(max_length=MAX_CALLS), AfterValidator(_some)]
    in_order: bool = False
    after: Annotated[StrictInt, Field(ge=0)] = 0


VERIFY = TypeAdapter(VerifyBody)


@dataclass(frozen=True, slots=True)
class LoggedCall:
    """An exchange to compare. Shape: body is JSON, or None if it is not JSON."""

    number: int
    exchange: Exchange
    body: Any


def verify(body: VerifyBody, entries: Sequence[tuple[int, Entry]], *, dropped: int) -> dict[str, Any]:
    """Verify the calls: the verdict, and for each call the matching entries, the problem and the near misses."""
    logged = list(_logged_calls([pair for pair in entries if pair[0] > body.after]))
    missing = dropped if dropped > body.after else 0
    verdicts, last = [], 0
    for call in body.calls:
        found = [one.number for one in logged if not any(_unmet(call, one))]
        problem = _miscounted(call, len(found), missing=missing)
        if body.in_order and problem is None and found:
            last, problem = _in_order(found, last, missing=missing)
        verdicts.append(_verdict(call, found, problem, logged=logged))
    wrong = [f"call {n}: {one['problem']}" for n, one in enumerate(verdicts, start=1) if "problem" in one]
    return {"verified": not wrong, **({"detail": "; ".join(wrong)} if wrong else {}), "calls": verdicts}


def _logged_calls(entries: Sequence[tuple[int, Entry]]) -> Iterator[LoggedCall]:
    for number, entry in entries:
        if isinstance(entry, Exchange):
            yield LoggedCall(number, entry, _json(entry.request.body))


def _unmet(call: ExpectedCall, logged: LoggedCall) -> Iterator[str]:
    """Yield the conditions that an exchange does not meet, in words."""
    request, principal = logged.exchange.request, logged.exchange.principal
    if call.operation not in (None, logged.exchange.operation):
        yield f"operation is {logged.exchange.operation}"
    if call.path is not None and not path_fits(request.path, call.path):
        yield f"path is {request.path}"
    if call.account is not None and (principal is None or principal.username != call.account):
        yield f"account is {principal.username if principal else 'nobody'}"
    if call.status not in (None, logged.exchange.response.status):
        yield f"status is {logged.exchange.response.status}"
    for pointer, expected in call.body.items():
        found = at(logged.body, pointer)
        if found is ABSENT or not _equal(found, expected):
            yield f"{pointer or 'body'} is {'absent' if found is ABSENT else json.dumps(found)[:MAX_SHOWN]}"


def at(body: Any, pointer: str) -> Any:
    """Return the value of a body at a place, or ABSENT. Source: RFC 6901."""
    found = ABSENT if body is None else body
    for part in pointer.split("/")[1:]:
        found = _inside(found, part.replace("~1", "/").replace("~0", "~"))
    return found


def _inside(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        return value.get(part, ABSENT)
    if isinstance(value, list) and len(part) <= len(str(len(value))) and part.isascii() and part.isdigit():
        index = int(part)
        return value[index] if str(index) == part and index < len(value) else ABSENT
    return ABSENT


ABSENT = object()


def _equal(found: Any, expected: Any) -> bool:
    """Compare values as JSON does: 1.0 equals 1, true does not."""
    if isinstance(found, dict) and isinstance(expected, dict):
        return found.keys() == expected.keys() and all(_equal(found[key], expected[key]) for key in found)
    if isinstance(found, list) and isinstance(expected, list):
        return len(found) == len(expected) and all(map(_equal, found, expected))
    return isinstance(found, bool) == isinstance(expected, bool) and bool(found == expected)


def _miscounted(call: ExpectedCall, found: int, *, missing: int) -> str | None:
    wanted = f"expected {_wanted(call)}, found {found}"
    if call.most is not None and found > call.most:
        return wanted
    if missing and (found < call.least or call.most is not None):
        return f"CANNOT BE VERIFIED: {wanted}, but {_needed(missing)}"
    return wanted if found < call.least else None


def _needed(missing: int) -> str:
    return f"the entries up to {missing} are needed and no longer kept; set after: {missing} to leave them out"


def _wanted(call: ExpectedCall) -> str:
    if call.count is not None:
        return f"{call.count}"
    least = f"at least {call.least}" if call.least else ""
    most = f"at most {call.most}" if call.most is not None else ""
    return " and ".join(part for part in (least, most) if part) or "any number"


def _in_order(found: list[int], last: int, *, missing: int) -> tuple[int, str | None]:
    """Return the number of the next entry in order, and the problem, if any."""
    following = next((number for number in found if number > last), None)
    if following is not None:
        return following, None
    needed = f"; CANNOT BE VERIFIED: {_needed(missing)}" if missing else ""
    return last, f"expected after entry {last}, found at {', '.join(map(str, found))} only{needed}"


def _verdict(call: ExpectedCall, found: list[int], problem: str | None, *, logged: list[LoggedCall]) -> dict[str, Any]:
    verdict: dict[str, Any] = {"count": len(found), "entries": found}
    if problem is not None:
        verdict |= {"problem": problem, "near_misses": _near_misses(call, logged)}
    return verdict


def _near_misses(call: ExpectedCall, logged: list[LoggedCall]) -> list[dict[str, Any]]:
    """List the entries that fail the fewest conditions, latest first; entries that fail all are left out."""
    conditions = sum(one is not None for one in (call.operation, call.path, call.account, call.status)) + len(call.body)
    unmet = [(one, list(_unmet(call, one))) for one in reversed(logged)]
    near = sorted((pair for pair in unmet if 0 < len(pair[1]) < conditions), key=lambda pair: len(pair[1]))
    return [
        {
            "entry": one.number,
            "call": f"{one.exchange.request.method} {one.exchange.request.path}",
            "status": one.exchange.response.status,
            "differs": wrong,
        }
        for one, wrong in near[:NEAR_MISSES]
    ]


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except (ValueError, RecursionError):
        return None
