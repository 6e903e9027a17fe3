"""The start of a recording: dumps a world as JSON data and loads it."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from mockaxle.core.clock import EPOCH, WorldClock
from mockaxle.core.reference import MeterAnswer
from mockaxle.core.state import State
from mockaxle.recordings.messages import KEY as MESSAGES
from mockaxle.recordings.messages import dump_said, with_said
from mockaxle.scenarios.building import blueprint
from mockaxle.scenarios.dumping import dump
from mockaxle.scenarios.sections import Scenario
from mockaxle.world.awkwardness import Awkward, Awkwardness
from mockaxle.world.faults import Fault, FaultKind, FaultPlan, FaultRule, Span, Timing
from mockaxle.world.token_records import dump_tokens, load_tokens
from mockaxle.world.value import Snapshot, World

TYPES = {"kind": FaultKind, "moment": Timing, "answer": MeterAnswer, "probability": Decimal}
FAULT_FIELDS = frozenset(Fault._fields)
NamedStates = tuple[tuple[str, State], ...]
"""States that are already written, by their keys."""


def dump_base(world: World, *, whole: bool = True) -> dict[str, Any]:
    """Dump the world, or only its tokens. Raises: TooManySites."""
    if not whole:
        return {"tokens": dump_tokens(world.tokens), "state": None}
    written: NamedStates = (("origin", world.origin), ("state", world.state))
    return {
        "origin": _written(world.origin),
        "state": _dump(world.state, written[:1]),
        "clock": _clock(world.clock),
        "origin_clock": _clock(world.origin_clock),
        "tokens": dump_tokens(world.tokens),
        "faults": _plan(world.faults),
        "awkwardness": _awkwardness(world.awkwardness),
        "snapshots": [_snapshot(kept, written) for kept in world.snapshots],
    }


def _snapshot(kept: Snapshot, written: NamedStates) -> dict[str, Any]:
    return {
        "name": kept.name,
        "at": kept.at.isoformat(),
        "origin": _dump(kept.origin, written),
        "state": _dump(kept.state, written),
        "clock": _clock(kept.clock),
        "origin_clock": _clock(kept.origin_clock),
        "faults": _plan(kept.faults),
        "awkwardness": _awkwardness(kept.awkwardness),
    }


def load_base(name: str, data: dict[str, Any]) -> World:
    """Load a world that dump_base wrote. Raises: ValueError, KeyError, TypeError for other data."""
    origin = _made(data["origin"])
    state = _state(data["state"], {"origin": origin})
    states = {"origin": origin, "state": state}
    return World(
        name,
        origin,
        state,
        load_tokens(data["tokens"]),
        _read_clock(data["clock"]),
        _read_clock(data["origin_clock"]),
        _read_plan(data["faults"]),
        _read_awkwardness(data["awkwardness"]),
        tuple(_read_snapshot(kept, states) for kept in data["snapshots"]),
    )


def _read_snapshot(data: dict[str, Any], states: dict[str, State]) -> Snapshot:
    return Snapshot(
        data["name"],
        datetime.fromisoformat(data["at"]),
        _state(data["origin"], states),
        _state(data["state"], states),
        _read_clock(data["clock"]),
        _read_clock(data["origin_clock"]),
        _read_plan(data["faults"]),
        _read_awkwardness(data["awkwardness"]),
    )


def _dump(state: State, written: NamedStates) -> dict[str, Any] | str:
    """Dump a state as a scenario, or as the key under which it is already written."""
    return next((name for name, other in written if other is state), None) or _written(state)


def _written(state: State) -> dict[str, Any]:
    return {**dump(state, clock=None), **dump_said(state)}


def _state(data: dict[str, Any] | str, states: dict[str, State]) -> State:
    return states[data] if isinstance(data, str) else _made(data)


def _made(data: dict[str, Any]) -> State:
    scenario = {name: value for name, value in data.items() if name != MESSAGES}
    return with_said(blueprint(Scenario.model_validate(scenario)).state(b"", now=EPOCH), data)


def _clock(clock: WorldClock) -> list[str]:
    return [clock.real_at.isoformat(), clock.world_at.isoformat(), str(clock.rate)]


def _read_clock(data: list[str]) -> WorldClock:
    real_at, world_at, rate = data
    return WorldClock(datetime.fromisoformat(real_at), datetime.fromisoformat(world_at), Decimal(rate))


def _awkwardness(awkwardness: Awkwardness) -> list[Any]:
    kinds = list(awkwardness.kinds)
    return [kinds, str(awkwardness.probability), awkwardness.answered, awkwardness.beyond_contract]


def _read_awkwardness(data: list[Any]) -> Awkwardness:
    """Version 0.1.0 wrote no `beyond_contract`; one kind implied it."""
    names, probability, answered, *beyond = data
    kinds = tuple(map(Awkward, names))
    return Awkwardness(kinds, Decimal(probability), answered, *(beyond or [Awkward.UNKNOWN_ENUM in kinds]))


def _plan(plan: FaultPlan) -> dict[str, Any]:
    rules = [_rule(rule) for rule in plan.rules]
    return {"rules": rules, "made": plan.made, "draws": plan.draws, "magic": [list(pair) for pair in plan.magic]}


def _rule(rule: FaultRule) -> dict[str, Any]:
    spans = [[account, start.isoformat(), calls] for account, start, calls in rule.spans]
    fields = {**asdict(rule), **rule.fault._asdict(), "probability": str(rule.probability), "spans": spans}
    del fields["fault"]
    return fields


def _read_plan(data: dict[str, Any]) -> FaultPlan:
    magic = tuple((name, calls) for name, calls in data["magic"])
    return FaultPlan(tuple(_read_rule(fields) for fields in data["rules"]), data["made"], data["draws"], magic)


def _read_rule(data: dict[str, Any]) -> FaultRule:
    """Version 0.1.0 counted by token, with its number after the account; the last span of an account counts."""
    spans = {account: Span(account, datetime.fromisoformat(at), calls) for account, *_, at, calls in data["spans"]}
    typed = {name: TYPES.get(name, lambda value: value)(value) for name, value in data.items()}
    fault = Fault(**{name: value for name, value in typed.items() if name in FAULT_FIELDS})
    others = {name: value for name, value in typed.items() if name not in FAULT_FIELDS}
    return FaultRule(**{"id": "", **others, "spans": tuple(spans.values())}, fault=fault)
