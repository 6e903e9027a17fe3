"""A calendar of ids: each waits for the half-hour of UTC at which it falls due."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from mockaxle.core.table import Table


class Waiting(NamedTuple):
    """The ids of one half-hour by place. Shape: an id's place is its number among all ids added to the half-hour."""

    ids: Table[int, str] = Table()
    places: int = 0


class Agenda(NamedTuple):
    """Shape: half-hours as numbered in half_hours.py, in order; the ids of each in the order in which they came."""

    half_hours: tuple[int, ...] = ()
    waiting: Table[int, Waiting] = Table()

    def at(self, half_hour: int) -> tuple[str, ...]:
        ids, places = self.waiting.get(half_hour) or Waiting()
        found = (ids.get(place) for place in range(places))
        return tuple(id for id in found if id is not None)

    def add(self, half_hour: int, id: str) -> "tuple[Agenda, int]":
        """Add an id; return the agenda and the id's place, which `drop` needs."""
        there = self.waiting.get(half_hour)
        known = self.half_hours
        if there is None:
            there, at = Waiting(), bisect_left(known, half_hour)
            known = (*known[:at], half_hour, *known[at:])
        place = there.places
        return Agenda(known, self.waiting.put(half_hour, Waiting(there.ids.put(place, id), place + 1))), place

    def drop(self, half_hour: int, *, place: int) -> "Agenda":
        ids, places = self.waiting.get(half_hour) or Waiting()
        ids = ids.drop(place)
        if not len(ids):
            return self.without(half_hour)
        return Agenda(self.half_hours, self.waiting.put(half_hour, Waiting(ids, places)))

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


def agenda_of(entries: Iterable[tuple[int, str]]) -> tuple[Agenda, list[int]]:
    """Add the ids, each at its half-hour, to an empty agenda; return it and the place of each."""
    waiting, places = defaultdict[int, list[str]](list), []
    for half_hour, id in entries:
        places.append(len(waiting[half_hour]))
        waiting[half_hour].append(id)
    by_half_hour = {at: Waiting(Table.of(dict(enumerate(ids))), len(ids)) for at, ids in waiting.items()}
    return Agenda(tuple(sorted(waiting)), Table.of(by_half_hour)), places
