"""The rows of a journal: what happened in a stream, numbered from 1.

A world is a stream, under its address. A username is one, too, under its address with `@` before it, as are the secrets
of a world's receivers. The last row of a stream is never deleted: a row is appended only if the one before it has the
id that its writer knows, so a lost tail is seen.

A row's text is lines of JSON: a head, then the entries of the log.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from secrets import randbits
from typing import Any, Literal, NamedTuple

from mockaxle.world.stored_world import Advancing

RowKind = Literal["opened", "entries", "base", "claim", "clock", "closed", "account", "secrets"]
ID_BITS = 63
PART_CHARACTERS = 1_000_000
OF_A_USERNAME = "@"


class JournalRow(NamedTuple):
    """Shape: id is random, previous_id that of the row before it, None for the first; first_entry is the number of the
    first entry in it.
    """

    world: str
    number: int
    id: int
    previous_id: int | None
    first_entry: int
    kind: RowKind
    made_with: str
    text: str

    @property
    def head(self) -> dict[str, Any]:
        """Return the first line."""
        return head_of(self.text)

    @property
    def lines(self) -> list[str]:
        """Return the lines of the entries."""
        return self.text.split("\n")[1:]

    @property
    def last_at(self) -> datetime:
        """Return the machine's instant at which the row was made."""
        return datetime.fromisoformat(self.head["real_at"])

    @property
    def advancing(self) -> Advancing | None:
        """Return the stepwise advance of the world's clock during which the row was made."""
        told = self.head.get("advancing")
        if told is None:
            return None
        to, at, id = told
        return Advancing(datetime.fromisoformat(to), datetime.fromisoformat(at), id)


class BaseRecord(NamedTuple):
    """A whole world after a row. Shape: lines without those of its states, which are records of their own."""

    world: str
    number: int
    made_with: str
    lines: tuple[str, ...]


class RowHead(NamedTuple):
    """What tells a row from all others of its stream."""

    number: int
    id: int


class Batch(NamedTuple):
    """What is kept at once, or not at all. Shape: states by key. `pruned` has streams with the number of the first row
    that is kept. A batch that is not `durable` may be lost by a crash of the machine, with all after it.
    """

    rows: tuple[JournalRow, ...] = ()
    bases: tuple[BaseRecord, ...] = ()
    states: tuple[tuple[str, tuple[str, ...]], ...] = ()
    pruned: tuple[tuple[str, int], ...] = ()
    durable: bool = True


def new_id() -> int:
    return randbits(ID_BITS)


def head_of(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text.partition("\n")[0])
    return found


def row_text(head: dict[str, Any], lines: Iterable[str] = ()) -> str:
    return "\n".join((json.dumps(head), *lines))


def in_parts(lines: Iterable[str]) -> Iterator[str]:
    """Join lines, and cut the text into parts that an engine takes well, without the whole text in memory."""
    left, end = "", ""
    for line in lines:
        left, end = f"{left}{end}{line}", "\n"
        while len(left) > PART_CHARACTERS:
            yield left[:PART_CHARACTERS]
            left = left[PART_CHARACTERS:]
    yield left


def lines_in(parts: Iterable[str]) -> list[str]:
    """Return the lines of a text that in_parts cut."""
    lines, left = list[str](), ""
    for part in parts:
        *whole, left = f"{left}{part}".split("\n")
        lines += whole
    return [*lines, left]


def state_key(world: str, digest: str) -> str:
    """Return the key of a state: each world has its own, so that they are dropped with it."""
    return f"{world}:{digest}"
