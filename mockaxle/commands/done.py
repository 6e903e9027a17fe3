"""What carrying out a command gives, and what several commands need."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from mockaxle.core.reference import Reference
from mockaxle.core.rewards import settle
from mockaxle.world import World

Done = tuple[World, dict[str, Any]]


def settled(world: World, now: datetime) -> World:
    """The world after what fell due until now."""
    return world._replace(state=settle(world.state, now=now))


def with_reference(world: World, **changes: Any) -> World:
    """The world with reference data changed."""
    reference: Reference = replace(world.state.reference, **changes)
    return world._replace(state=world.state._replace(reference=reference))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)
