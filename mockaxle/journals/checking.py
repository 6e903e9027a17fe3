"""Checks a journal: every world is replayed from its first row and from each base, to the same answers and world."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from mockaxle.journals.engine import Engine
from mockaxle.journals.finding import Differs, Finder, ReplayedWorld
from mockaxle.journals.rows import OF_A_USERNAME, JournalRow
from mockaxle.world.stored_world import JournalFailed
from mockaxle.world.value import settled


class CheckedWorld(NamedTuple):
    """Shape: bases that were replayed from, the opening included; problem is empty if the world is sound."""

    name: str
    rows: int
    entries: int
    bases: int
    problem: str = ""


def check_worlds(engine: Engine, finder: Finder) -> Iterator[CheckedWorld]:
    """Yield the open worlds of a journal, each once it is checked. Raises: EngineRefused."""
    for last in engine.last_rows():
        if not last.world.startswith(OF_A_USERNAME) and last.kind != "closed":
            yield _checked(engine, finder, last)


def _checked(engine: Engine, finder: Finder, last: JournalRow) -> CheckedWorld:
    rows = engine.rows(last.world)
    name, entries = last.head["name"], sum(len(row.lines) for row in rows)
    gap = _gap(rows)
    if gap:
        return CheckedWorld(name, len(rows), entries, 0, gap)
    try:
        marks = finder.marks(rows)
        found = [finder.replayed(rows, marks, start=mark) for mark in marks]
    except (Differs, JournalFailed, LookupError, ValueError, TypeError) as why:
        return CheckedWorld(name, len(rows), entries, 0, str(why))
    return CheckedWorld(name, len(rows), entries, len(marks), _difference(found))


def _difference(found: list[ReplayedWorld]) -> str:
    """Compare a world as each of its bases leads to it; a later base may have settled what fell due since its row."""
    last_at = max(one.last_at for one in found)
    first, *others = (settled(one.world, last_at) for one in found)
    if any(one != first for one in others):
        return "its bases lead to different worlds"
    number = found[0].log.last
    return "" if all(one.log.last == number for one in found) else "its bases lead to different numbers of entries"


def _gap(rows: list[JournalRow]) -> str:
    """Name the first row that is missing; empty if none is."""
    for before, after in pairwise(rows):
        if after.number != before.number + 1:
            return f"row {before.number + 1} is missing"
    return ""
