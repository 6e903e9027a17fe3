"""Checks that a log contains the calls that a test expects, and finds near misses."""

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import chain, islice, starmap
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictInt, TypeAdapter, model_validator

from mockaxle.control.matching import Condition, LoggedCalls
from mockaxle.scenarios.fields import OperationKey, PathPattern, Section
from mockaxle.world.entries import Entry, Exchange

NEAR_MISSES = 3
MAX_CALLS, MAX_PLACES = 100, 50
MAX_PARTS = 32  # of a pointer


def _pointer(text: str) -> str:
    if text and not text.startswith("/"):
        raise ValueError("not a JSON pointer such as /site/mpan: it must start with /")
    if text.count("/") > MAX_PARTS:
        raise ValueError(f"has more than {MAX_PARTS} parts")
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

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        facts = (Condition(name, getattr(self, name)) for name in ("operation", "path", "account", "status"))
        return (*(fact for fact in facts if fact.expected is not None), *starmap(Condition, self.body.items()))

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


def verify(body: VerifyBody, entries: Sequence[tuple[int, Entry]], *, dropped: int) -> dict[str, Any]:
    """Verify the calls: the verdict, and for each call the matching entries, the problem and the near misses."""
    calls = {number: entry for number, entry in entries if number > body.after and isinstance(entry, Exchange)}
    logged = LoggedCalls(calls, expected=chain.from_iterable(call.conditions for call in body.calls))
    missing = dropped if dropped > body.after else 0
    verdicts, last = [], 0
    for call in body.calls:
        found = logged.meeting(call.conditions)
        problem = _miscounted(call, len(found), missing=missing)
        if body.in_order and problem is None and found:
            last, problem = _in_order(found, last, missing=missing)
        verdicts.append(_verdict(call, found, problem, logged=logged))
    wrong = [f"call {n}: {one['problem']}" for n, one in enumerate(verdicts, start=1) if "problem" in one]
    return {"verified": not wrong, **({"detail": "; ".join(wrong)} if wrong else {}), "calls": verdicts}


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
    following = bisect_right(found, last)
    if following < len(found):
        return found[following], None
    needed = f"; CANNOT BE VERIFIED: {_needed(missing)}" if missing else ""
    return last, f"expected after entry {last}, found at {', '.join(map(str, found))} only{needed}"


def _verdict(call: ExpectedCall, found: list[int], problem: str | None, *, logged: LoggedCalls) -> dict[str, Any]:
    verdict: dict[str, Any] = {"count": len(found), "entries": found}
    if problem is not None:
        verdict |= {"problem": problem, "near_misses": _near_misses(call, logged)}
    return verdict


def _near_misses(call: ExpectedCall, logged: LoggedCalls) -> list[dict[str, Any]]:
    """List the entries that fail the fewest conditions, latest first; entries that fail all are left out."""
    return [
        {
            "entry": number,
            "call": f"{exchange.request.method} {exchange.request.path}",
            "status": exchange.response.status,
            "differs": differs,
        }
        for number, exchange, differs in islice(logged.nearest(call.conditions), NEAR_MISSES)
    ]
