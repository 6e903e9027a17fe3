"""Commands on what goes wrong in a world."""

from dataclasses import asdict, fields, replace
from decimal import Decimal
from typing import Any

from mockaxle.awkwardness import Awkward, Awkwardness
from mockaxle.commands.done import Done
from mockaxle.commands.refusals import FaultUnknown, TooManyFaults
from mockaxle.core.accounts import numbers_of, revoke
from mockaxle.core.reference import MeterAnswer
from mockaxle.exchange import Command
from mockaxle.faults import MAX_RULES, Fault, FaultKind, Moment, Plan, Rule, add, remove
from mockaxle.world import World

TYPES = {"kind": FaultKind, "moment": Moment, "answer": MeterAnswer, "probability": Decimal}
FAULT_FIELDS = {field.name for field in fields(Fault)}


def add_fault(world: World, command: Command) -> Done:
    """A rule more, looked at after those there are. Answers its id. Raises: TooManyFaults."""
    if len(world.faults.rules) >= MAX_RULES:
        raise TooManyFaults(f"The world has {MAX_RULES} faults already")
    plan = add(world.faults, read_rule(command.arguments))
    return world._replace(faults=plan), {"id": plan.rules[-1].id}


def remove_fault(world: World, command: Command) -> Done:
    """A rule less; arguments: id. Raises: FaultUnknown."""
    id = command.arguments["id"]
    if id not in {rule.id for rule in world.faults.rules}:
        raise FaultUnknown(f"There is no fault {id!r:.60}")
    return world._replace(faults=remove(world.faults, id)), {}


def remove_faults(world: World, command: Command) -> Done:
    """No rule left."""
    return world._replace(faults=remove(world.faults, None)), {"faults": 0}


def revoke_tokens(world: World, command: Command) -> Done:
    """The tokens of an account, or of all, over now; arguments: username."""
    numbers, tokens = numbers_of(world.tokens, command.arguments["username"]), world.tokens
    for number in numbers:
        tokens = revoke(tokens, number)
    return world._replace(tokens=tokens), {"revoked": len(numbers)}


def set_awkwardness(world: World, command: Command) -> Done:
    """How awkward answers are from now on; arguments: kinds, probability, beyond_contract."""
    arguments = command.arguments
    kinds, probability = tuple(map(Awkward, arguments["kinds"])), Decimal(arguments["probability"])
    beyond = arguments.get("beyond_contract", Awkward.UNKNOWN_ENUM in kinds)
    awkwardness = replace(world.awkwardness, kinds=kinds, probability=probability, beyond_contract=beyond)
    return world._replace(awkwardness=awkwardness), describe_awkwardness(awkwardness)


def describe_awkwardness(awkwardness: Awkwardness) -> dict[str, Any]:
    return {
        "kinds": list(awkwardness.kinds),
        "probability": float(awkwardness.probability),
        "beyond_contract": awkwardness.beyond_contract,
    }


def read_rule(arguments: dict[str, Any]) -> Rule:
    """The rule that JSON's types tell."""
    typed = {name: TYPES.get(name, lambda value: value)(value) for name, value in arguments.items()}
    fault = Fault(**{name: value for name, value in typed.items() if name in FAULT_FIELDS})
    others = {name: value for name, value in typed.items() if name not in FAULT_FIELDS}
    return Rule(**{"id": "", **others}, fault=fault)


def describe_faults(plan: Plan) -> dict[str, Any]:
    """Shape: each rule with what differs from the usual, and how many calls it met and it happened to."""
    return {"faults": [_described(rule) for rule in plan.rules], "magic_names": dict(plan.magic)}


def _described(rule: Rule) -> dict[str, Any]:
    usual, told = _flat(Rule("", Fault(rule.fault.kind))), _flat(rule)
    kept = {name: value for name, value in told.items() if value != usual[name]}
    return {"id": rule.id, "kind": rule.fault.kind, **kept, "met": rule.met, "taken": rule.taken}


def _flat(rule: Rule) -> dict[str, Any]:
    told = {**asdict(rule), **asdict(rule.fault), "probability": float(rule.probability)}
    del told["fault"], told["spans"]
    return told
