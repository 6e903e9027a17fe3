"""What a step returns: the state after it, and its value."""

from typing import Generic, NamedTuple, TypeVar

from mockaxle.core.state import State

T = TypeVar("T")


class Outcome(NamedTuple, Generic[T]):
    state: State
    value: T
