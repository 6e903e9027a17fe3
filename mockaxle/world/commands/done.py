"""The arguments and results of a command's step."""

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
"""Returns the world before an entry, by its number. Raises: EntryNotKept."""


class Moment(NamedTuple):
    """The circumstances of a command.

    Shape: at is the world's instant, real_at the machine's; path has the values in the call's path; past is None during
    a replay; is_advancing if the clock is on its way to a later instant, step by step.
    """

    at: datetime
    real_at: datetime
    path: Mapping[str, str]
    past: Past | None = None
    is_advancing: bool = False


class Cut(NamedTuple):
    """Drop the entry of a number and all later ones."""

    number: int


LogChange = Literal["go_on", "begin_anew"] | Cut


class Done(NamedTuple):
    """The result of a step. Shape: answer is JSON; logged is the log's body if a replay needs more than was sent."""

    world: World
    answer: Mapping[str, Any]
    log: LogChange = "go_on"
    logged: Mapping[str, Any] | None = None


def with_reference(world: World, **changes: Any) -> World:
    """Change reference data of a world."""
    reference: Reference = replace(world.state.reference, **changes)
    return world._replace(state=world.state._replace(reference=reference))
