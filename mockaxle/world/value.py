"""The value of a world: everything that an exchange can read or change."""

from asyncio import Lock
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from mockaxle.contract.document import Operation
from mockaxle.core.accounts import Grant, Tokens
from mockaxle.core.clock import REAL_TIME, WorldClock
from mockaxle.core.falling_due import settle
from mockaxle.core.state import State
from mockaxle.world.awkwardness import NOT_AWKWARD, Awkwardness
from mockaxle.world.entries import Exchange, Held, Principal, Request, Response, Wait
from mockaxle.world.faults import NO_FAULTS, FaultPlan
from mockaxle.world.mailed_links import issued_links


class Snapshot(NamedTuple):
    """A world's state at an instant of its clock, saved under a name."""

    name: str
    at: datetime
    origin: State
    state: State
    clock: WorldClock
    origin_clock: WorldClock
    faults: FaultPlan
    awkwardness: Awkwardness


class World(NamedTuple):
    """One organisation's world. Tokens are not part of the state, so a reset keeps them.

    A reset restores `origin` and `origin_clock`.
    """

    name: str
    origin: State
    state: State
    tokens: Tokens = Tokens()
    clock: WorldClock = REAL_TIME
    origin_clock: WorldClock = REAL_TIME
    faults: FaultPlan = NO_FAULTS
    awkwardness: Awkwardness = NOT_AWKWARD
    snapshots: tuple[Snapshot, ...] = ()


def settled(world: World, now: datetime) -> World:
    """Settle everything that fell due until now."""
    state = settle(world.state, now=now)
    return world if state is world.state else with_mailed_links(world._replace(state=state), before=world.state)


def with_mailed_links(world: World, *, before: State | None = None) -> World:
    """Issue the links of the e-mails that need one, if there are others than before. Source: B11, B13."""
    if before is not None and world.state.emails is before.emails:
        return world
    tokens, emails = issued_links(world.tokens, world.state.emails, owner=world.name)
    return world if tokens is world.tokens else world._replace(tokens=tokens, state=world.state._replace(emails=emails))


class WorldBusy(Exception):
    """A command is running in the world; calls wait until it ends."""

    def __init__(self, turn: Lock) -> None:
        super().__init__("a command is running in the world")
        self._turn = turn

    async def until_free(self) -> None:
        async with self._turn:
            pass


class Asked(NamedTuple):
    """A call admitted to a world, without secrets.

    Shape: at is the world's instant, real_at the machine's; grant is that of the principal's token, None if the token
    is no longer kept and during a log-in.
    """

    at: datetime
    real_at: datetime
    principal: Principal
    grant: Grant | None
    operation: Operation
    request: Request


class Served(NamedTuple):
    """The world after a call, and the answer, or the wait before the call's work is done."""

    world: World
    response: Response | Wait


Apply = Callable[[World, Exchange | Held], Served]
"""Repeats a logged call, as a pure function; the logged answer is ignored."""
