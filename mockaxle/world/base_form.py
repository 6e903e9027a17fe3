"""A whole world as lines of JSON, with its states apart: each state once, by its digest.

A world's origin, its present state and those of its snapshots are often the same. Equal ones are written once. Those
that are one object are one object again, since a recording is written by that: a key is a digest and a number.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple, TypeVar

from mockaxle.core.accounts import Tokens
from mockaxle.core.clock import REAL_TIME, WorldClock
from mockaxle.core.state import State
from mockaxle.world.awkwardness import Awkwardness
from mockaxle.world.faults import FaultPlan
from mockaxle.world.value import Snapshot, World
from mockaxle.world.value_lines import by_place, lines_of, value_of


class SnapshotForm(NamedTuple):
    """A snapshot whose states are keys."""

    name: str
    at: datetime
    origin: str
    state: str
    clock: WorldClock
    origin_clock: WorldClock
    faults: FaultPlan
    awkwardness: Awkwardness


class WorldForm(NamedTuple):
    """A world whose states are keys."""

    name: str
    origin: str
    state: str
    tokens: Tokens
    clock: WorldClock
    origin_clock: WorldClock
    faults: FaultPlan
    awkwardness: Awkwardness
    snapshots: tuple[SnapshotForm, ...]


Clocked = TypeVar("Clocked", SnapshotForm, World)


class WrittenBase(NamedTuple):
    """Shape: lines of the world without its states, and the lines of each state by its digest."""

    lines: tuple[str, ...]
    states: Mapping[str, tuple[str, ...]]

    @property
    def size(self) -> int:
        """The number of characters."""
        return sum(map(len, self.lines)) + sum(sum(map(len, lines)) for lines in self.states.values())


def write_base(world: World) -> WrittenBase:
    """Write a world whole. Raises: ValueError for one that could not be read."""
    states: dict[str, tuple[str, ...]] = {}
    keys: dict[int, str] = {}

    def key_of(state: State) -> str:
        if id(state) not in keys:
            lines = tuple(lines_of(state, State))
            digest = _digest(lines)
            keys[id(state)] = f"{digest}#{len(keys)}"
            states[digest] = lines
        return keys[id(state)]

    def formed(kept: Snapshot) -> SnapshotForm:
        return SnapshotForm(*kept._replace(origin=key_of(kept.origin), state=key_of(kept.state)))  # type: ignore[arg-type]

    origin, state, snapshots = key_of(world.origin), key_of(world.state), tuple(map(formed, world.snapshots))
    form = WorldForm(*world._replace(origin=origin, state=state, snapshots=snapshots))  # type: ignore[arg-type]
    lines = [line for name, hint in HINTS.items() for line in lines_of(getattr(form, name), hint, place=name)]
    return WrittenBase(tuple(lines), states)


HINTS = WorldForm.__annotations__


def read_base(lines: Iterable[str], state_lines: Callable[[str], Iterable[str]]) -> World:
    """Read a world that write_base wrote. Shape: `state_lines` returns the lines of a state by its digest.

    Raises: ValidationError, KeyError for other lines.
    """
    placed, states = by_place(lines), dict[str, State]()

    def state(key: str) -> State:
        if key not in states:
            states[key] = value_of(by_place(state_lines(_digest_in(key))), State)
        return states[key]

    form = WorldForm(**{name: value_of(placed, hint, place=name) for name, hint in HINTS.items()})
    snapshots = tuple(
        Snapshot(*_with_clocks(one)._replace(origin=state(one.origin), state=state(one.state)))  # type: ignore[arg-type]
        for one in form.snapshots
    )
    whole = form._replace(origin=state(form.origin), state=state(form.state), snapshots=snapshots)  # type: ignore[arg-type]
    return _with_clocks(World(*whole))  # type: ignore[arg-type]


def _with_clocks(value: Clocked) -> Clocked:
    """Return a value whose clocks are the machine's own if they equal it, since that one costs nothing to read."""
    return value._replace(clock=_own(value.clock), origin_clock=_own(value.origin_clock))


def _own(clock: WorldClock) -> WorldClock:
    return REAL_TIME if clock == REAL_TIME else clock


def digests_in(lines: Iterable[str]) -> frozenset[str]:
    """Return the digests of the states of a base, from its own lines."""
    placed = by_place(lines)
    snapshots: tuple[SnapshotForm, ...] = value_of(placed, HINTS["snapshots"], place="snapshots")
    own = (value_of(placed, str, place="origin"), value_of(placed, str, place="state"))
    return frozenset(map(_digest_in, (*own, *(key for one in snapshots for key in (one.origin, one.state)))))


def _digest_in(key: str) -> str:
    return key.partition("#")[0]


def _digest(lines: Iterable[str]) -> str:
    found = sha256()
    for line in lines:
        found.update(f"{line}\n".encode())
    return found.hexdigest()
