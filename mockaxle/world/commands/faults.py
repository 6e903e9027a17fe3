"""Commands on a world's faults, awkward answers and tokens."""

from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, StrictInt, model_validator

from mockaxle.core.accounts import numbers_of, revoke
from mockaxle.core.reference import MeterAnswer
from mockaxle.scenarios.fields import OperationKey, PathPattern, Section
from mockaxle.world.awkwardness import WITHIN_CONTRACT, Awkward, Awkwardness
from mockaxle.world.commands.done import Done, Moment
from mockaxle.world.commands.refusals import FaultUnknown, TooManyFaults
from mockaxle.world.fault_kinds import KINDS
from mockaxle.world.faults import MAX_RULES, Fault, FaultKind, FaultPlan, FaultRule, Timing, add, remove
from mockaxle.world.value import World

Milliseconds = Annotated[StrictInt, Field(ge=0, le=600_000)]
Count = Annotated[StrictInt, Field(ge=1, le=1_000_000)]
ErrorStatus = Annotated[StrictInt, Field(ge=400, le=599)]
Probability = Annotated[Decimal, Field(gt=0, le=1)]
DRIBBLE_MS = 1000

WHEN = frozenset({"kind", "operation", "path", "site", "account", "nth", "count", "probability"})
FAULT_FIELDS = frozenset(Fault._fields)


class AddFault(Section):
    """A rule: the effect (`kind`) and the calls that it affects, by default all."""

    kind: FaultKind
    operation: OperationKey | None = None
    path: PathPattern | None = None
    site: str | None = None
    account: str | None = None
    nth: Count = 1
    count: Count | None = None
    probability: Probability = Decimal(1)
    moment: Timing = Timing.BEFORE
    status: ErrorStatus = 503
    detail: Annotated[str, Field(max_length=10_000)] = ""
    retry_after_seconds: Annotated[StrictInt, Field(ge=0, le=86_400)] | None = None
    calls: Annotated[StrictInt, Field(ge=0, le=1_000_000)] = 0
    per_seconds: Annotated[StrictInt, Field(ge=1, le=86_400)] = 60
    answer: MeterAnswer = MeterAnswer.PROVIDER_DOWN
    latency_ms: Milliseconds = 0
    spread_ms: Milliseconds = 0

    @model_validator(mode="after")
    def fields_of_the_kind(self) -> "AddFault":
        kind = KINDS[self.kind]
        others = sorted(self.model_fields_set - WHEN - kind.takes)
        missing = sorted(kind.needs - self.model_fields_set)
        if others:
            takes = ", ".join(sorted(kind.takes))
            raise ValueError(f"a fault of kind {self.kind} has no field {', '.join(others)}; its fields are {takes}")
        if missing:
            raise ValueError(f"a fault of kind {self.kind} needs {', '.join(missing)}")
        if self.answer not in (MeterAnswer.PROVIDER_DOWN, MeterAnswer.PROVIDER_TIMEOUT):
            raise ValueError("answer must be provider_down or provider_timeout")
        return self


class SetAwkwardness(Section):
    """The kinds of awkward answers, by default all that the document allows, and their probability."""

    kinds: Annotated[tuple[Awkward, ...], Field(max_length=len(Awkward))] | None = None
    probability: Probability = Decimal(1)
    beyond_contract: bool = False

    @model_validator(mode="after")
    def beyond_only_where_said(self) -> "SetAwkwardness":
        if Awkward.UNKNOWN_ENUM in (self.kinds or ()) and not self.beyond_contract:
            raise ValueError("unknown_enum goes beyond the document: set beyond_contract = true")
        return self


class RevokeTokens(Section):
    """The account whose tokens are revoked, by default all accounts."""

    username: str | None = None


def add_fault(world: World, body: AddFault, moment: Moment) -> Done:
    """Add a rule after the existing ones, and answer its id. Raises: TooManyFaults."""
    if len(world.faults.rules) >= MAX_RULES:
        raise TooManyFaults(f"The world has {MAX_RULES} faults already")
    plan = add(world.faults, _rule(body))
    return Done(world._replace(faults=plan), {"id": plan.rules[-1].id})


def remove_fault(world: World, body: None, moment: Moment) -> Done:
    """Raises: FaultUnknown."""
    id = moment.path["id"]
    if id not in {rule.id for rule in world.faults.rules}:
        raise FaultUnknown(f"There is no fault {id!r:.60}")
    return Done(world._replace(faults=remove(world.faults, id)), {})


def remove_faults(world: World, body: None, moment: Moment) -> Done:
    """Remove all rules."""
    return Done(world._replace(faults=remove(world.faults, None)), {"faults": 0})


def revoke_tokens(world: World, body: RevokeTokens, moment: Moment) -> Done:
    """Revoke the tokens of an account, or of all."""
    numbers, tokens = numbers_of(world.tokens, body.username), world.tokens
    for number in numbers:
        tokens = revoke(tokens, number)
    tokens = tokens._replace(revocations=tokens.revocations + 1)
    return Done(world._replace(tokens=tokens), {"revoked": len(numbers)})


def set_awkwardness(world: World, body: SetAwkwardness, moment: Moment) -> Done:
    """Make answers awkward from now on."""
    all_there_are = tuple(Awkward) if body.beyond_contract else WITHIN_CONTRACT
    asked = all_there_are if body.kinds is None else body.kinds
    kinds = tuple(kind for kind in Awkward if kind in asked)
    return _with_awkwardness(world, kinds, probability=body.probability, beyond_contract=body.beyond_contract)


def end_awkwardness(world: World, body: None, moment: Moment) -> Done:
    """Stop making answers awkward."""
    return _with_awkwardness(world, (), probability=Decimal(1), beyond_contract=False)


def describe_awkwardness(awkwardness: Awkwardness) -> dict[str, Any]:
    return {
        "kinds": list(awkwardness.kinds),
        "probability": float(awkwardness.probability),
        "beyond_contract": awkwardness.beyond_contract,
    }


def describe_faults(plan: FaultPlan) -> dict[str, Any]:
    """Shape: each rule with the fields that differ from the defaults, and the numbers of calls met and affected."""
    return {"faults": [_described(rule) for rule in plan.rules], "magic_names": dict(plan.magic)}


def _described(rule: FaultRule) -> dict[str, Any]:
    usual, values = _flat(FaultRule("", Fault(rule.fault.kind))), _flat(rule)
    changed = {name: value for name, value in values.items() if value != usual[name]}
    return {"id": rule.id, "kind": rule.fault.kind, **changed, "met": rule.met, "taken": rule.taken}


def _flat(rule: FaultRule) -> dict[str, Any]:
    values = {**asdict(rule), **rule.fault._asdict(), "probability": float(rule.probability)}
    del values["fault"], values["spans"]
    return values


def _rule(body: AddFault) -> FaultRule:
    """Make a rule from a body, without an id."""
    sent = body.model_dump(exclude_unset=True)
    if body.kind is FaultKind.DRIBBLE:
        sent.setdefault("latency_ms", DRIBBLE_MS)
    fault = Fault(**{name: value for name, value in sent.items() if name in FAULT_FIELDS})
    return FaultRule("", fault, **{name: value for name, value in sent.items() if name not in FAULT_FIELDS})


def _with_awkwardness(world: World, kinds: tuple[Awkward, ...], *, probability: Decimal, beyond_contract: bool) -> Done:
    changed = world.awkwardness._replace(kinds=kinds, probability=probability, beyond_contract=beyond_contract)
    return Done(world._replace(awkwardness=changed), describe_awkwardness(changed))
