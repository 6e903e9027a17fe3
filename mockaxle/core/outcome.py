"""What a step returns: the state after it, its value, and what happened."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from mockaxle.core.events import Event
from mockaxle.core.state import State

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    state: State
    value: T
    events: tuple[Event, ...] = ()
