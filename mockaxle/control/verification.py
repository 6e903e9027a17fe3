"""Checks that a log contains the calls and deliveries that a test expects, and finds near misses."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain, islice, starmap
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictInt, TypeAdapter, ValidationInfo, model_validator

from mockaxle.control.delivered import DELIVERIES, OF_THE_DELIVERY, Delivered, asset_condition, delivered
from mockaxle.control.matching import Condition, Logged, LoggedCalls
from mockaxle.core.messages import DeliveryOutcome, MessageType
from mockaxle.core.outbox import Outbox
from mockaxle.core.state import State
from mockaxle.scenarios.fields import OperationKey, PathPattern, Section
from mockaxle.world.entries import Delivery, Entry, Exchange

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
ExpectedBody = dict[Annotated[str, AfterValidator(_pointer)], Any]


class Counted(Section):
    """How often something is expected; by default at least once."""

    count: Times | None = None
    at_least: Times | None = None
    at_most: Times | None = None

    @model_validator(mode="after")
    def one_way_to_count(self) -> "Counted":
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


class ExpectedCall(Counted):
    """The conditions that exchanges must all match."""

    operation: OperationKey | None = None
    path: PathPattern | None = None
    account: str | None = None
    status: int | None = None
    body: ExpectedBody = Field(default_factory=dict, max_length=MAX_PLACES)

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        facts = (Condition(name, getattr(self, name)) for name in ("operation", "path", "account", "status"))
        return (*(fact for fact in facts if fact.expected is not None), *starmap(Condition, self.body.items()))


class ExpectedDelivery(Counted):
    """The conditions that attempts at messages must all match. Shape: asset is an id or an external id. Source: N21."""

    type: MessageType | None = None
    asset: str | None = None
    receiver: str | None = None
    outcome: DeliveryOutcome | None = None
    body: ExpectedBody = Field(default_factory=dict, max_length=MAX_PLACES)

    def conditions(self, state: State | None) -> tuple[Condition, ...]:
        """Shape: the state knows the assets by their external ids."""
        facts = (Condition(name, getattr(self, name)) for name in ("type", "receiver", "outcome"))
        asset = (asset_condition(self.asset, state),) if self.asset is not None else ()
        given = (fact for fact in facts if fact.expected is not None)
        return (*given, *asset, *starmap(Condition, self.body.items()))


def _some(calls: tuple[ExpectedCall, ...], info: ValidationInfo) -> tuple[ExpectedCall, ...]:
    if not calls and not info.data.get("deliveries", True):
        raise ValueError("must not be empty")
    return calls


class VerifyBody(Section):
    """The calls and deliveries that a log must contain, after the entry numbered `after`.

    `in_order` is whether the order of the calls matters.
    """

    deliveries: Annotated[tuple[ExpectedDelivery, ...], Field(max_length=MAX_CALLS)] = ()
    calls: Annotated[
        tuple[ExpectedCall, ...], Field(max_length=MAX_CALLS, validate_default=True), AfterValidator(_some)
    ] = ()
    in_order: bool = False
    after: Annotated[StrictInt, Field(ge=0)] = 0


VERIFY = TypeAdapter(VerifyBody)


def verify(
    body: VerifyBody, entries: Sequence[tuple[int, Entry]], *, dropped: int, state: State | None = None
) -> dict[str, Any]:
    """Verify the calls and the deliveries, whose messages are in the state.

    Return the verdict, and for each of them the matching entries, the problem and the near misses.
    """
    within, missing = [one for one in entries if one[0] > body.after], dropped if dropped > body.after else 0
    calls = _calls(body, within, missing=missing)
    deliveries = _deliveries(body.deliveries, within, missing=missing, state=state)
    named = (("call", calls), ("delivery", deliveries))
    wrong = [
        f"{name} {n}: {one['problem']}"
        for name, verdicts in named
        for n, one in enumerate(verdicts, start=1)
        if "problem" in one
    ]
    detail = {"detail": "; ".join(wrong)} if wrong else {}
    return {"verified": not wrong, **detail, "calls": calls, "deliveries": deliveries}


def _calls(body: VerifyBody, entries: Sequence[tuple[int, Entry]], *, missing: int) -> list[dict[str, Any]]:
    calls = {number: entry for number, entry in entries if isinstance(entry, Exchange)}
    logged = LoggedCalls(calls, expected=chain.from_iterable(call.conditions for call in body.calls))
    verdicts, last = [], 0
    for call in body.calls:
        found = logged.meeting(call.conditions)
        problem = _miscounted(call, len(found), needed=_needed(missing) if missing else "")
        if body.in_order and problem is None and found:
            last, problem = _in_order(found, last, missing=missing)
        verdicts.append(_verdict(found, problem, near=_near_calls(logged.nearest(call.conditions))))
    return verdicts


def _deliveries(
    expected: Sequence[ExpectedDelivery],
    entries: Sequence[tuple[int, Entry]],
    *,
    missing: int,
    state: State | None,
) -> list[dict[str, Any]]:
    made = {number: entry for number, entry in entries if isinstance(entry, Delivery)} if expected else {}
    joined = delivered(made, state.outbox if state is not None else Outbox())
    conditions = [one.conditions(state) for one in expected]
    logged = Logged(joined, DELIVERIES, expected=chain.from_iterable(conditions))
    forgotten = {number for number, one in joined.items() if one.message is None}
    verdicts = []
    for one, its in zip(expected, conditions, strict=True):
        found, unknown = logged.meeting(its), _unknown(its, forgotten, logged=logged)
        needed = _needed(missing) if missing else _forgotten(unknown) if unknown else ""
        problem = _miscounted(one, len(found), needed=needed, unknown=None if missing else len(unknown))
        verdicts.append(_verdict(found, problem, near=_near_deliveries(logged.nearest(its))))
    return verdicts


def _unknown(conditions: Sequence[Condition], forgotten: set[int], *, logged: Logged[Delivered]) -> list[int]:
    """Return the numbers of the deliveries of which it is unknown whether they meet the conditions."""
    known = [one for one in conditions if one.subject in OF_THE_DELIVERY]
    if len(known) == len(conditions) or not forgotten:
        return []
    return [number for number in logged.meeting(known) if number in forgotten]


def _miscounted(expected: Counted, found: int, *, needed: str, unknown: int | None = None) -> str | None:
    """Return what is wrong with a count, if anything. Shape: `needed` says what is not known, if anything.

    `unknown` entries may match besides those found; None for any number.
    """
    wanted = f"expected {_wanted(expected)}, found {found}"
    if expected.most is not None and found > expected.most:
        return wanted
    most = None if needed and unknown is None else found + (unknown or 0)
    if most is not None and most < expected.least:
        return wanted
    if found < expected.least or (expected.most is not None and (most is None or most > expected.most)):
        return f"CANNOT BE VERIFIED: {wanted}, but {needed}"
    return None


def _needed(missing: int) -> str:
    return f"the entries up to {missing} are needed and no longer kept; set after: {missing} to leave them out"


def _forgotten(unknown: Sequence[int]) -> str:
    last = unknown[-1]
    return f"the messages of {len(unknown)} more are no longer kept; set after: {last} to leave them out"


def _wanted(expected: Counted) -> str:
    if expected.count is not None:
        return f"{expected.count}"
    least = f"at least {expected.least}" if expected.least else ""
    most = f"at most {expected.most}" if expected.most is not None else ""
    return " and ".join(part for part in (least, most) if part) or "any number"


def _in_order(found: list[int], last: int, *, missing: int) -> tuple[int, str | None]:
    """Return the number of the next entry in order, and the problem, if any."""
    following = bisect_right(found, last)
    if following < len(found):
        return found[following], None
    needed = f"; CANNOT BE VERIFIED: {_needed(missing)}" if missing else ""
    return last, f"expected after entry {last}, found at {', '.join(map(str, found))} only{needed}"


def _verdict(found: list[int], problem: str | None, *, near: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """Shape: near misses, which are looked for only if there is a problem."""
    verdict: dict[str, Any] = {"count": len(found), "entries": found}
    if problem is not None:
        verdict |= {"problem": problem, "near_misses": [*islice(near, NEAR_MISSES)]}
    return verdict


def _near_calls(nearest: Iterator[tuple[int, Exchange, list[str]]]) -> Iterator[dict[str, Any]]:
    """Show the calls that fail the fewest conditions, latest first; those that fail all are left out."""
    for number, exchange, differs in nearest:
        made = f"{exchange.request.method} {exchange.request.path}"
        yield {"entry": number, "call": made, "status": exchange.response.status, "differs": differs}


def _near_deliveries(nearest: Iterator[tuple[int, Delivered, list[str]]]) -> Iterator[dict[str, Any]]:
    """Show the deliveries that fail the fewest conditions, as `_near_calls`."""
    for number, (delivery, _), differs in nearest:
        made = {"delivery": delivery.message, "receiver": delivery.receiver, "attempt": delivery.attempt}
        yield {"entry": number, **made, "outcome": delivery.outcome, "differs": differs}
