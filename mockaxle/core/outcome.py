"""What a step returns: the state after it, its value, and what happened."""

from typing import Generic, NamedTuple, TypeVar

from mockaxle.core.events import Event
from mockaxle.core.state import State

T = TypeVar("T")


class Outcome(NamedTuple, Generic[T]):
    state: State
    value: T
    events: tuple[Event, ...] = ()
