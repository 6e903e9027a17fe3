"""What a command's step gets and gives, and what several steps need."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal, NamedTuple

from mockaxle.core.reference import Reference
from mockaxle.world.value import World


class WorldBefore(NamedTuple):
    """The world before an entry of its log, and the entry's instant."""

    world: World
    at: datetime


Past = Callable[[int], WorldBefore]
"""Gives what was before the entry of a number. Raises: EntryNotKept."""


class Moment(NamedTuple):
    """When a command is carried out, and on what.

    Shape: at is the world's instant, real_at the machine's; path has the values in the call's path; past is None where
    a log is replayed.
    """

    at: datetime
    real_at: datetime
    path: Mapping[str, str]
    past: Past | None = None


class Cut(NamedTuple):
    """Drop the entry of a number and all later ones."""

    number: int


LogChange = Literal["go_on", "begin_anew"] | Cut


class Done(NamedTuple):
    """What a step did. Shape: answer is JSON; logged is the log's body, where a replay needs more than was sent."""

    world: World
    answer: Mapping[str, Any]
    log: LogChange = "go_on"
    logged: Mapping[str, Any] | None = None


def with_reference(world: World, **changes: Any) -> World:
    """The world with reference data changed."""
    reference: Reference = replace(world.state.reference, **changes)
    return world._replace(state=world.state._replace(reference=reference))
