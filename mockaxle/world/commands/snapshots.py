"""Commands that save and restore states by name, and undo entries of the log."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictInt

from mockaxle.core.clock import WorldClock
from mockaxle.core.receiving import held, without_receivers
from mockaxle.core.state import State
from mockaxle.core.timestamps import spell_utc
from mockaxle.scenarios.fields import Section
from mockaxle.world.commands.clock import describe_clock
from mockaxle.world.commands.done import Cut, Done, Moment
from mockaxle.world.commands.refusals import SnapshotUnknown, TooManySnapshots
from mockaxle.world.mailed_links import without_links
from mockaxle.world.token_records import dump_tokens, load_tokens
from mockaxle.world.value import Snapshot, World, settled, with_mailed_links

MAX_SNAPSHOTS = 100


def _name(text: str) -> str:
    if "/" in text or text in (".", ".."):
        raise ValueError("a name is part of a path: it has no slash and is not . or ..")
    return text


Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_name)]


class TakeSnapshot(Section):
    """The name under which the state is saved."""

    name: Name


class Rewind(Section):
    """The number of the first entry to undo."""

    before: Annotated[StrictInt, Field(ge=1)]


class Rewound(Rewind):
    """A rewind as it is logged: with the tokens, which the remaining entries do not contain."""

    tokens: dict[str, Any]


def take_snapshot(world: World, body: TakeSnapshot, moment: Moment) -> Done:
    """Save the world's state under a name, replacing a snapshot of that name. Raises: TooManySnapshots.

    A snapshot shares its data with the world, so it costs nothing.
    """
    others = _others(world, body.name)
    if len(others) >= MAX_SNAPSHOTS:
        raise TooManySnapshots(f"The world has {MAX_SNAPSHOTS} snapshots already")
    kept = _snapshot(world, body.name, at=moment.at)
    return Done(world._replace(snapshots=(*others, kept)), _described(kept))


def restore_snapshot(world: World, body: None, moment: Moment) -> Done:
    """Restore state, market, settings, faults and origin. Raises: SnapshotUnknown.

    Tokens and snapshots are kept, and messages that waited are held. A clock that had been set returns to the
    snapshot's instant.
    """
    kept = find_snapshot(world, moment.path["name"])
    world = restored(world, kept, real_at=moment.real_at)
    return Done(world, {**_described(kept), **describe_clock(world.clock, moment.real_at)})


def drop_snapshot(world: World, body: None, moment: Moment) -> Done:
    """Raises: SnapshotUnknown."""
    kept = find_snapshot(world, moment.path["name"])
    return Done(world._replace(snapshots=_others(world, kept.name)), {})


def rewind(world: World, body: Rewind, moment: Moment) -> Done:
    """Undo an entry and all later ones. Tokens are kept. Raises: EntryNotKept."""
    assert moment.past is not None, "a log repeats another row"
    before, at = moment.past(body.before)
    rewound = Rewound(before=body.before, tokens=dump_tokens(world.tokens))
    done = go_on_from(settled(before, at), rewound, moment._replace(at=at))
    return done._replace(log=Cut(body.before), logged=rewound.model_dump())


def go_on_from(world: World, body: Rewound, moment: Moment) -> Done:
    """Continue from the world before an entry, with the present tokens. Messages that waited are held."""
    clock = _resumed(world.clock, moment.at, real_at=moment.real_at)
    world = world._replace(tokens=load_tokens(body.tokens), clock=clock, state=held(world.state))
    return Done(world, describe_clock(clock, moment.real_at))


def _snapshot(world: World, name: str, *, at: datetime) -> Snapshot:
    """Take a snapshot of a world at an instant."""
    kept = (world.origin, world.state, world.clock, world.origin_clock, world.faults, world.awkwardness)
    return Snapshot(name, at, *kept)


def find_snapshot(world: World, name: str) -> Snapshot:
    """Raises: SnapshotUnknown."""
    found = next((one for one in world.snapshots if one.name == name), None)
    if found is None:
        raise SnapshotUnknown(f"There is no snapshot {name!r:.60}")
    return found


def restored(world: World, kept: Snapshot, *, real_at: datetime) -> World:
    """Restore a snapshot's state to a world."""
    return world._replace(
        origin=kept.origin,
        state=held(kept.state),
        clock=_resumed(kept.clock, kept.at, real_at=real_at),
        origin_clock=kept.origin_clock,
        faults=kept.faults,
        awkwardness=kept.awkwardness,
    )


def forked(parent: World, name: str, *, snapshot: str | None, at: datetime, real_at: datetime) -> World:
    """Return a world of another name with a snapshot's state, or the present one, without receivers.

    The links in its e-mails are its own.

    Raises: SnapshotUnknown.
    """
    kept = _snapshot(parent, "", at=at) if snapshot is None else find_snapshot(parent, snapshot)
    world = restored(World(name, parent.origin, parent.state), kept, real_at=real_at)
    state, origin = _of_a_fork(world.state), _of_a_fork(world.origin)
    return with_mailed_links(world._replace(state=state, origin=origin))


def _of_a_fork(state: State) -> State:
    """Drop receivers, and the links in e-mails, whose tokens the fork does not have."""
    return without_receivers(state)._replace(emails=without_links(state.emails))


def describe_snapshots(world: World) -> dict[str, Any]:
    return {"snapshots": [_described(kept) for kept in world.snapshots]}


def _described(kept: Snapshot) -> dict[str, Any]:
    sites, assets = len(kept.state.sites), len(kept.state.assets)
    return {"snapshot": kept.name, "at": spell_utc(kept.at), "sites": sites, "assets": assets}


def _others(world: World, name: str) -> tuple[Snapshot, ...]:
    return tuple([one for one in world.snapshots if one.name != name])


def _resumed(clock: WorldClock, at: datetime, *, real_at: datetime) -> WorldClock:
    """Set the clock back to an instant; a clock that was never set stays the machine's."""
    return clock if clock.mode == "real" else WorldClock(real_at, at, clock.rate)
