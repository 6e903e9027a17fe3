"""A calendar of ids: each waits for the instant at which it falls due."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from mockaxle.core.table import Table


class Waiting(NamedTuple):
    """The ids of one instant by place. Shape: an id's place is its number among all ids added to the instant."""

    ids: Table[int, str] = Table()
    places: int = 0


class Agenda(NamedTuple):
    """Shape: instants in order; the ids of each in the order in which they came."""

    instants: tuple[datetime, ...] = ()
    waiting: Table[datetime, Waiting] = Table()

    @property
    def first(self) -> datetime | None:
        return self.instants[0] if self.instants else None

    def at(self, instant: datetime) -> tuple[str, ...]:
        ids, places = self.waiting.get(instant) or Waiting()
        found = (ids.get(place) for place in range(places))
        return tuple(id for id in found if id is not None)

    def add(self, instant: datetime, id: str) -> "tuple[Agenda, int]":
        """Add an id; return the agenda and the id's place, which `drop` needs."""
        there = self.waiting.get(instant)
        known = self.instants
        if there is None:
            there, at = Waiting(), bisect_left(known, instant)
            known = (*known[:at], instant, *known[at:])
        place = there.places
        return Agenda(known, self.waiting.put(instant, Waiting(there.ids.put(place, id), place + 1))), place

    def drop(self, instant: datetime, *, place: int) -> "Agenda":
        ids, places = self.waiting.get(instant) or Waiting()
        ids = ids.drop(place)
        if not len(ids):
            return self.without(instant)
        return Agenda(self.instants, self.waiting.put(instant, Waiting(ids, places)))

    def without(self, instant: datetime) -> "Agenda":
        """Remove one instant, if it is there."""
        if instant not in self.waiting:
            return self
        at = bisect_left(self.instants, instant)
        return Agenda(self.instants[:at] + self.instants[at + 1 :], self.waiting.drop(instant))


def agenda_of(entries: Iterable[tuple[datetime, str]]) -> tuple[Agenda, list[int]]:
    """Add the ids, each at its instant, to an empty agenda; return it and the place of each."""
    waiting, places = defaultdict[datetime, list[str]](list), []
    for instant, id in entries:
        places.append(len(waiting[instant]))
        waiting[instant].append(id)
    by_instant = {at: Waiting(Table.of(dict(enumerate(ids))), len(ids)) for at, ids in waiting.items()}
    return Agenda(tuple(sorted(waiting)), Table.of(by_instant)), places
