"""Faults injected on purpose: a world's rules, and the rule that a call meets. Source: T1-T3."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from hashlib import blake2b
from math import ceil
from typing import NamedTuple

from mockaxle.core.reference import MeterAnswer

MAX_RULES = 100
MAX_MAGIC = 200
METERS = "/meter/"
LOG_IN = "POST /auth/token-form"


class FaultKind(StrEnum):
    STATUS = "status"
    RATE_LIMIT = "rate_limit"
    LATENCY = "latency"
    REVOKE_TOKEN = "revoke_token"
    METER_PROVIDER = "meter_provider"
    RESET = "reset"
    EMPTY = "empty"
    CUT = "cut"
    GARBAGE = "garbage"
    DRIBBLE = "dribble"


class Timing(StrEnum):
    """Whether a fault precedes the call's work, or loses the answer after the work is stored."""

    BEFORE = "before"
    AFTER = "after"


class Fault(NamedTuple):
    """An effect. Shape: status, detail and retry_after_seconds are the answer's; calls per per_seconds is the limit.

    Units: latency, and the random spread added to it, in milliseconds.
    """

    kind: FaultKind
    moment: Timing = Timing.BEFORE
    status: int = 503
    detail: str = ""
    retry_after_seconds: int | None = None
    calls: int = 0
    per_seconds: int = 0
    answer: MeterAnswer = MeterAnswer.PROVIDER_DOWN
    latency_ms: int = 0
    spread_ms: int = 0


class Span(NamedTuple):
    """A rate limit's current span for an account, with its number of calls."""

    account: str
    start: datetime
    calls: int


@dataclass(frozen=True, slots=True)
class FaultRule:
    """The calls that a fault affects: those matching every field, from the nth on, count times, with a probability.

    Shape: operation as `POST /entities/site/onboard`; path may contain `*`; site is an id or an MPAN. `met` counts the
    calls that matched, `taken` those affected; `spans` are a rate limit's current spans.
    """

    id: str
    fault: Fault
    operation: str | None = None
    path: str | None = None
    site: str | None = None
    account: str | None = None
    nth: int = 1
    count: int | None = None
    probability: Decimal = Decimal(1)
    met: int = 0
    taken: int = 0
    spans: tuple["Span", ...] = ()

    @property
    def _is_for_all(self) -> bool:
        return (self.operation, self.path, self.site, self.account) == (None, None, None, None)

    def matches(self, call: "CallFacts") -> bool:
        """Tell whether the rule matches a call. A rule for all calls skips the log-in, except rate limits (T3)."""
        if self.operation not in (None, call.operation) or self.account not in (None, call.account):
            return False
        if call.operation == LOG_IN and self._is_for_all and self.fault.kind is not FaultKind.RATE_LIMIT:
            return False
        if self.path is not None and not path_fits(call.path, self.path):
            return False
        if self.fault.kind is FaultKind.METER_PROVIDER and not call.path.startswith(METERS):
            return False
        if self.fault.kind is FaultKind.REVOKE_TOKEN and self.fault.moment is Timing.BEFORE and call.token is None:
            return False
        return self.site is None or self.site.lower() in call.sites


def path_fits(path: str, pattern: str) -> bool:
    """Tell whether a path matches a pattern, in which `*` matches anything. Linear: each piece is searched once."""
    first, *pieces = pattern.split("*")
    if not pieces:
        return path == first
    last = pieces.pop()
    place, end = len(first), len(path) - len(last)
    if place > end or not (path.startswith(first) and path.endswith(last)):
        return False
    for piece in pieces:
        found = path.find(piece, place, end)
        if found < 0:
            return False
        place = found + len(piece)
    return True


class CallFacts(NamedTuple):
    """The facts that rules match. Shape: path decoded; sites are the ids and MPANs of the call, in lower case.

    `token` is the token's number.
    """

    operation: str
    path: str
    account: str
    token: int | None
    sites: tuple[str, ...] = ()


class Injection(NamedTuple):
    """A fault for a call. Shape: by is the rule's id or the magic name."""

    fault: Fault
    by: str
    latency_ms: int = 0
    retry_after_seconds: int | None = None


class FaultPlan(NamedTuple):
    """A world's rules, of which the first that fires counts; `made` counts rules made, `draws` random draws.

    `magic` has the latest magic names that trigger a limited number of faults, each with the number of its calls.
    """

    rules: tuple[FaultRule, ...] = ()
    made: int = 0
    draws: int = 0
    magic: tuple[tuple[str, int], ...] = ()


NO_FAULTS = FaultPlan()


def add(plan: FaultPlan, rule: FaultRule) -> FaultPlan:
    """Append a rule, with the next id."""
    made = plan.made + 1
    return plan._replace(rules=(*plan.rules, replace(rule, id=f"f{made}")), made=made)


def remove(plan: FaultPlan, id: str | None) -> FaultPlan:
    """Remove a rule; or all rules, with the counts of magic names."""
    kept = tuple(rule for rule in plan.rules if id not in (None, rule.id))
    return plan._replace(rules=kept, magic=() if id is None else plan.magic)


def take(plan: FaultPlan, call: CallFacts, *, now: datetime, seed: bytes) -> tuple[FaultPlan, Injection | None]:
    """Match a call; return the plan after it and the fault that it meets. Source: T1."""
    for place, rule in enumerate(plan.rules):
        if rule.matches(call):
            plan, injected = _meet(plan, place, call=call, now=now, seed=seed)
            if injected is not None:
                return plan, injected
    return plan, None


def take_magic(plan: FaultPlan, name: str, *, fault: Fault, count: int | None) -> tuple[FaultPlan, Injection | None]:
    """Apply a magic name, whose fault affects the first `count` calls, or all. Source: T2."""
    if count is None:
        return plan, Injection(fault, name, fault.latency_ms)
    met = dict(plan.magic).get(name, 0)
    if met >= count:
        return plan, None
    magic = {one: calls for one, calls in plan.magic if one != name} | {name: met + 1}
    return plan._replace(magic=tuple(magic.items())[-MAX_MAGIC:]), Injection(fault, name, fault.latency_ms)


def _meet(
    plan: FaultPlan, place: int, *, call: CallFacts, now: datetime, seed: bytes
) -> tuple[FaultPlan, Injection | None]:
    rule = plan.rules[place]
    rule = replace(rule, met=rule.met + 1)
    plan = _put(plan, rule, place=place)
    if rule.met < rule.nth or (rule.count is not None and rule.taken >= rule.count):
        return plan, None
    if rule.probability < 1:
        plan, chance = _draw(plan, seed)
        if chance >= rule.probability:
            return plan, None
    if rule.fault.kind is FaultKind.RATE_LIMIT:
        rule, wait = _limited(rule, call, now=now)
        plan = _put(plan, rule, place=place)
        return plan, None if wait is None else Injection(rule.fault, rule.id, 0, wait)
    plan, latency = _latency(_put(plan, replace(rule, taken=rule.taken + 1), place=place), rule.fault, seed=seed)
    return plan, Injection(rule.fault, rule.id, latency, rule.fault.retry_after_seconds)


def _limited(rule: FaultRule, call: CallFacts, *, now: datetime) -> tuple[FaultRule, int | None]:
    """Count a call; return the rule, and the seconds to wait if the account has no call left. Source: T3."""
    lasts = timedelta(seconds=rule.fault.per_seconds)
    running = {span.account: span for span in rule.spans if timedelta() <= now - span.start < lasts}
    span = running.get(call.account) or Span(call.account, now, 0)
    if span.calls >= rule.fault.calls:
        return replace(rule, taken=rule.taken + 1), ceil((lasts - (now - span.start)).total_seconds())
    running[call.account] = span._replace(calls=span.calls + 1)
    return replace(rule, spans=tuple(running.values())), None


def _latency(plan: FaultPlan, fault: Fault, *, seed: bytes) -> tuple[FaultPlan, int]:
    if not fault.spread_ms:
        return plan, fault.latency_ms
    plan, chance = _draw(plan, seed)
    return plan, fault.latency_ms + int(chance * fault.spread_ms)


def _draw(plan: FaultPlan, seed: bytes) -> tuple[FaultPlan, Decimal]:
    """Draw a number from 0 to below 1 from the world's seed."""
    digest = blake2b(f"fault {plan.draws}".encode(), key=seed[:64], digest_size=6).digest()
    return plan._replace(draws=plan.draws + 1), Decimal(int.from_bytes(digest, "big")) / (1 << 48)


def _put(plan: FaultPlan, rule: FaultRule, *, place: int) -> FaultPlan:
    return plan._replace(rules=(*plan.rules[:place], rule, *plan.rules[place + 1 :]))
