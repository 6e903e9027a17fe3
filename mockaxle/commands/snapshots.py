"""Commands that keep a world's state by name, and bring one back."""

from datetime import datetime
from typing import Any

from mockaxle.clock import WorldClock
from mockaxle.commands.clock import describe_clock
from mockaxle.commands.done import Done
from mockaxle.commands.refusals import SnapshotUnknown, TooManySnapshots
from mockaxle.core.timestamps import spell_utc
from mockaxle.exchange import Command
from mockaxle.token_records import load_tokens
from mockaxle.world import Snapshot, World

MAX_SNAPSHOTS = 100


def take_snapshot(world: World, command: Command) -> Done:
    """The world's state kept under a name, in the place of one that had it; arguments: name. Raises: TooManySnapshots.

    What is kept is shared with the world, so it costs nothing, whatever the size.
    """
    name = command.arguments["name"]
    others = _others(world, name)
    if len(others) >= MAX_SNAPSHOTS:
        raise TooManySnapshots(f"The world has {MAX_SNAPSHOTS} snapshots already")
    kept = snapshot(world, name, at=command.at)
    return world._replace(snapshots=(*others, kept)), _described(kept)


def restore_snapshot(world: World, command: Command) -> Done:
    """The state, market, settings, faults and origin as they were; arguments: name. Raises: SnapshotUnknown.

    Tokens and snapshots stay. A clock that had been set shows the instant that it showed then.
    """
    kept = find_snapshot(world, command.arguments["name"])
    world = restored(world, kept, real_at=command.real_at)
    return world, {**_described(kept), **describe_clock(world.clock, command.real_at)}


def drop_snapshot(world: World, command: Command) -> Done:
    """A snapshot less; arguments: name. Raises: SnapshotUnknown."""
    kept = find_snapshot(world, command.arguments["name"])
    return world._replace(snapshots=_others(world, kept.name)), {}


def rewind(world: World, command: Command) -> Done:
    """The world as it was before an entry, which is applied already; arguments: before, and the tokens, which stay."""
    clock = _resumed(world.clock, command.at, real_at=command.real_at)
    tokens = load_tokens(command.arguments["tokens"])
    return world._replace(tokens=tokens, clock=clock), describe_clock(clock, command.real_at)


def snapshot(world: World, name: str, *, at: datetime) -> Snapshot:
    """The world's state at an instant."""
    kept = (world.origin, world.state, world.clock, world.origin_clock, world.faults, world.awkwardness)
    return Snapshot(name, at, *kept)


def find_snapshot(world: World, name: str) -> Snapshot:
    """Raises: SnapshotUnknown."""
    found = next((one for one in world.snapshots if one.name == name), None)
    if found is None:
        raise SnapshotUnknown(f"There is no snapshot {name!r:.60}")
    return found


def restored(world: World, kept: Snapshot, *, real_at: datetime) -> World:
    """The world with a snapshot's state."""
    return world._replace(
        origin=kept.origin,
        state=kept.state,
        clock=_resumed(kept.clock, kept.at, real_at=real_at),
        origin_clock=kept.origin_clock,
        faults=kept.faults,
        awkwardness=kept.awkwardness,
    )


def describe_snapshots(world: World) -> dict[str, Any]:
    return {"snapshots": [_described(kept) for kept in world.snapshots]}


def _described(kept: Snapshot) -> dict[str, Any]:
    sites, assets = len(kept.state.sites), len(kept.state.assets)
    return {"snapshot": kept.name, "at": spell_utc(kept.at), "sites": sites, "assets": assets}


def _others(world: World, name: str) -> tuple[Snapshot, ...]:
    return tuple(one for one in world.snapshots if one.name != name)


def _resumed(clock: WorldClock, at: datetime, *, real_at: datetime) -> WorldClock:
    """The clock showing an instant again, unless nobody had set it: then it is the machine's."""
    return clock if clock.mode == "real" else WorldClock(real_at, at, clock.rate)
