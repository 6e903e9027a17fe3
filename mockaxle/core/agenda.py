"""A calendar of ids: each waits for the half-hour of UTC at which it falls due."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

from mockaxle.core.order import Order
from mockaxle.core.table import Table


@dataclass(frozen=True, slots=True)
class Agenda:
    """Shape: half-hours as numbered in half_hours.py, in order; the ids of each in the order in which they came."""

    half_hours: tuple[int, ...] = ()
    waiting: Table[int, Order] = field(default_factory=Table)

    def at(self, half_hour: int) -> tuple[str, ...]:
        order = self.waiting.get(half_hour) or Order()
        return order.page(0, limit=len(order))

    def add(self, half_hour: int, id: str) -> "tuple[Agenda, int]":
        """Add an id; return the agenda and the id's place, which `drop` needs."""
        order = self.waiting.get(half_hour)
        known = self.half_hours
        if order is None:
            order, at = Order(), bisect_left(known, half_hour)
            known = (*known[:at], half_hour, *known[at:])
        return Agenda(known, self.waiting.put(half_hour, order.append(id))), order.places

    def drop(self, half_hour: int, id: str, *, place: int) -> "Agenda":
        order = (self.waiting.get(half_hour) or Order()).drop(id, place=place)
        return Agenda(self.half_hours, self.waiting.put(half_hour, order)) if len(order) else self.without(half_hour)

    def until(self, half_hour: int) -> tuple[int, ...]:
        """Return the half-hours up to and including one."""
        return self.half_hours[: bisect_right(self.half_hours, half_hour)]

    def after(self, due: tuple[int, ...]) -> "Agenda":
        """Remove the first half-hours."""
        waiting = self.waiting
        for half_hour in due:
            waiting = waiting.drop(half_hour)
        return Agenda(self.half_hours[len(due) :], waiting)

    def without(self, half_hour: int) -> "Agenda":
        """Remove one half-hour."""
        at = bisect_left(self.half_hours, half_hour)
        return Agenda(self.half_hours[:at] + self.half_hours[at + 1 :], self.waiting.drop(half_hour))
