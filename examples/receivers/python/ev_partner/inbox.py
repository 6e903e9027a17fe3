"""What was received before. A message may arrive more than once, and in any order.

What tells a message from another is its envelope's id, which is signed. The header x-axle-ref is not signed, and names
the attempt. Memory is bounded: Axle sends a message for a day, so that the newest ids are enough.
"""

from collections import OrderedDict
from datetime import datetime
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Recent(Generic[Value]):
    """A map that keeps its newest entries."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._entries: OrderedDict[str, Value] = OrderedDict()

    def get(self, key: str) -> Value | None:
        return self._entries.get(key)

    def put(self, key: str, value: Value) -> None:
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > self._size:
            self._entries.popitem(last=False)


class Inbox:
    """Says what is to be acted on, and remembers it. Each method answers True once."""

    def __init__(self, size: int = 100_000) -> None:
        self._envelopes: Recent[bool] = Recent(size)
        self._events: Recent[bool] = Recent(size)
        self._plans: Recent[datetime] = Recent(size)

    def is_new(self, envelope_id: str) -> bool:
        """Whether this envelope comes for the first time."""
        return _is_first(envelope_id, self._envelopes)

    def is_new_event(self, event_id: str) -> bool:
        """Whether this dispatch comes for the first time, in whatever envelope."""
        return _is_first(event_id, self._events)

    def is_newest_plan(self, asset_id: str, created_at: datetime) -> bool:
        """Whether no newer plan of the asset was received. Of two of one instant, the later to arrive holds."""
        newest = self._plans.get(asset_id)
        if newest is not None and created_at < newest:
            return False
        self._plans.put(asset_id, created_at)
        return True


def _is_first(key: str, seen: Recent[bool]) -> bool:
    if seen.get(key):
        return False
    seen.put(key, True)
    return True
