"""Finds a world in a journal: its oldest base that is kept, and all entries since, replayed.

The log of a world has the bodies of its answers, which only a replay makes again; so the oldest base that the log can
reach comes first. Each answer is compared with its digest. A row that does not replay as it was made (another version
of the answering code may answer otherwise) leads to the newest base, whose log begins there.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from pydantic import ValidationError

from mockaxle.core.timestamps import spell_utc
from mockaxle.journals.engine import Engine
from mockaxle.journals.entry_lines import digest_of, read_line
from mockaxle.journals.rows import OF_A_USERNAME, JournalRow, head_of, state_key
from mockaxle.world.base_form import read_base
from mockaxle.world.commands.refusals import CommandRefused
from mockaxle.world.delivering import DoesNotFollow
from mockaxle.world.entries import Entry, Exchange, Response
from mockaxle.world.log import Log
from mockaxle.world.opening import Beginning, read_beginning
from mockaxle.world.repeating import repeated
from mockaxle.world.stored_world import Advancing, JournalFailed
from mockaxle.world.value import Apply, World

T = TypeVar("T")
SCENARIO = "scenario"


class Differs(Exception):
    """A row does not replay as it was made. The text names it."""


class BaseMark(NamedTuple):
    """A base from which a world can be replayed. Shape: number of its row, and of the next entry after it.

    Units: size in characters.
    """

    number: int
    next_entry: int
    size: int = 0


class ReplayedWorld(NamedTuple):
    """A world with what its next row needs. Shape: weight is the characters of its rows since the newest base.

    `broken` tells why the rows after the last base were left out, None if all were replayed; `advancing` of a stepwise
    advance of its clock.
    """

    world: World
    log: Log[World]
    last_at: datetime
    opening: int
    bases: tuple[BaseMark, ...]
    number: int
    id: int
    weight: int
    broken: str | None = None
    has_lost: bool = False
    advancing: Advancing | None = None


def _lacks(following: list[JournalRow], known: ReplayedWorld) -> bool:
    """Tell whether the journal has lost an earlier row. Shape: `following` are the rows from that one on.

    A last row is never deleted; rows before a base may be.
    """
    return not following or (following[0].number == known.number and following[0].id != known.id)


class Finder:
    """Shape: `beginning` is the scenario of this server; max_entries those that a log keeps."""

    def __init__(self, engine: Engine, apply: Apply, *, beginning: Beginning, max_entries: int) -> None:
        self._engine = engine
        self._apply = apply
        self._beginnings = {beginning.digest: beginning}
        self._max_entries = max_entries

    def find(self, address: str, *, known: ReplayedWorld | None = None) -> ReplayedWorld | None:
        """Find a world; None if it is not open. Shape: `known` is the world after an earlier row.

        Raises: EngineRefused, JournalFailed.
        """
        if known is None:
            return self._read_anew(address)
        following = self._engine.rows_from(address, known.number)
        if (continued := self._continued(following, known)) is not None:
            return continued
        found = self._read_anew(address)
        return found._replace(has_lost=_lacks(following, known)) if found is not None else None

    def _read_anew(self, address: str) -> ReplayedWorld | None:
        """Raises: EngineRefused, JournalFailed."""
        rows = self._engine.rows(address)
        if not rows or rows[-1].kind == "closed":
            return None
        marks = self.marks(rows)
        try:
            return self.replayed(rows, marks, start=marks[0])
        except Differs as why:
            return self._from_newest(rows, marks, why=why)

    def _continued(self, rows: list[JournalRow], known: ReplayedWorld) -> ReplayedWorld | None:
        """Replay what follows an earlier row; None if that leads nowhere. Raises: EngineRefused, JournalFailed."""
        if not rows or rows[0].id != known.id or any(row.kind in ("opened", "closed") for row in rows[1:]):
            return None
        replay = _Replay(self._engine, self._apply)
        replay.world, replay.log, replay.last_at = known.world, known.log.copy(), known.last_at
        marks, weight = list(known.bases), known.weight
        try:
            for row in rows[1:]:
                replay.take(row)
                weight += len(row.text)
                if row.kind == "base":
                    size = head_of_base(self._engine, row.world, number=row.number)["size"]
                    marks.append(BaseMark(row.number, replay.log.last + 1, size))
                    weight = 0
        except Differs:
            return None
        last = rows[-1]
        state = (replay.world, replay.log, replay.last_at, known.opening, tuple(marks))
        return ReplayedWorld(*state, last.number, last.id, weight, advancing=last.advancing)

    def marks(self, rows: list[JournalRow]) -> list[BaseMark]:
        """Return the bases of a world, oldest first; the opening counts as one. Raises: JournalFailed."""
        found = []
        for number in self._engine.base_numbers(rows[0].world):
            if rows[0].number <= number <= rows[-1].number:
                head = head_of_base(self._engine, rows[0].world, number=number)
                found.append(BaseMark(number, head["next_entry"], head["size"]))
        if rows[0].kind == "opened" and (not found or found[0].number > rows[0].number):
            found.insert(0, BaseMark(rows[0].number, 1))
        if not found:
            raise JournalFailed(f"the journal has no base of the world at {rows[0].world}")
        return found

    def _from_newest(self, rows: list[JournalRow], marks: list[BaseMark], *, why: Differs) -> ReplayedWorld:
        """Raises: JournalFailed."""
        newest = marks[-1]
        try:
            return self.replayed(rows, marks[-1:], start=newest)
        except Differs:
            kept = [row for row in rows if row.number <= newest.number]
            found = self.replayed(kept, marks[-1:], start=newest)
            last = rows[-1]
            return found._replace(number=last.number, id=last.id, broken=str(why), advancing=last.advancing)

    def replayed(self, rows: list[JournalRow], marks: list[BaseMark], *, start: BaseMark) -> ReplayedWorld:
        """Replay the rows after a base. Raises: Differs, JournalFailed."""
        replay = _Replay(self._engine, self._apply)
        self._begin(replay, rows, start)
        weight = 0
        for row in rows:
            weight = 0 if row.number <= marks[-1].number else weight + len(row.text)
            if row.number > start.number:
                replay.take(row)
        last = rows[-1]
        state = (replay.world, replay.log, replay.last_at, replay.opening, tuple(marks))
        return ReplayedWorld(*state, last.number, last.id, weight, advancing=last.advancing)

    def _begin(self, replay: "_Replay", rows: list[JournalRow], start: BaseMark) -> None:
        """Raises: JournalFailed."""
        address, first = rows[0].world, rows[0]
        if start.number in self._engine.base_numbers(address):
            head = head_of_base(self._engine, address, number=start.number)
            replay.last_at, replay.opening = datetime.fromisoformat(head["last_at"]), head["opening"]
            replay.world = self.base(address, start.number)
        else:
            head = first.head
            real, built_at = (datetime.fromisoformat(head[name]) for name in ("real_at", "built_at"))
            beginning = self._beginning(head["scenario"])
            seed = bytes.fromhex(head["seed"])
            replay.world = beginning.world(head["name"], seed=seed, built_at=built_at, real=real)
            replay.last_at, replay.opening = replay.world.clock.now(real), head["opening"]
        replay.log = Log(replay.world, max_entries=self._max_entries, dropped=start.next_entry - 1)

    def base(self, address: str, number: int) -> World:
        """Read a base. Raises: JournalFailed."""
        return read_world(self._engine, address, number=number)

    def _beginning(self, digest: str) -> Beginning:
        """Raises: JournalFailed."""
        if digest not in self._beginnings:
            self._beginnings[digest] = read_beginning("\n".join(self._engine.state(state_key(SCENARIO, digest))))
        return self._beginnings[digest]


class _Replay:
    """A world on its way through its rows."""

    world: World
    log: Log[World]
    last_at: datetime
    opening: int

    def __init__(self, engine: Engine, apply: Apply) -> None:
        self._engine = engine
        self._apply = apply

    def take(self, row: JournalRow) -> None:
        """Raises: Differs, JournalFailed."""
        if row.kind == "entries":
            for number, line in enumerate(row.lines, start=row.first_entry):
                self._repeat(line, f"entry {number} in row {row.number}")
        elif row.kind == "base":
            self._turn(row)
        elif row.kind not in ("claim", "clock"):
            raise Differs(f"row {row.number} is {row.kind!r:.20}")

    def _repeat(self, line: str, place: str) -> None:
        try:
            entry, digest = read_line(line)
            world, response = repeated(entry, self.world, apply=self._apply)
        except (CommandRefused, DoesNotFollow, ValidationError, LookupError, ValueError, TypeError) as error:
            raise Differs(f"{place} does not follow: {error!s:.200}") from error
        if isinstance(entry, Exchange):
            entry = entry._replace(response=_checked(entry, response, digest=digest, place=place))
        self.log.append(entry, before=self.world)
        self.world, self.last_at = world, entry.at

    def _turn(self, row: JournalRow) -> None:
        """Take in a row whose world is written whole."""
        head, world = row.head, read_world(self._engine, row.world, number=row.number)
        for line in row.lines:
            entry: Entry = read_line(line).entry
            if head["cut_from"] is not None:
                self._cut(head["cut_from"], world)
            self.log.append(entry, before=self.world if head["cut_from"] is None else world)
        if head["begins_anew"]:
            self.log = self.log.anew(world, dropped=head["log_from"] - 1)
        self.world, self.last_at = world, datetime.fromisoformat(head["last_at"])

    def _cut(self, number: int, world: World) -> None:
        """Cut the log at an entry, which a log that keeps fewer may have dropped already."""
        if number > self.log.dropped:
            self.log.cut(number)
        else:
            self.log = self.log.anew(world, dropped=number - 1)


def _checked(entry: Exchange, response: Any, *, digest: str | None, place: str) -> Response:
    """Return the answer of a replay, if it is the one that was given. Raises: Differs."""
    if not isinstance(response, Response) or response.status != entry.response.status or digest_of(response) != digest:
        told = f"{entry.operation} at {spell_utc(entry.at)}"
        raise Differs(f"{place}, {told}, is answered otherwise by this version of mockaxle")
    return response


def head_of_base(engine: Engine, address: str, *, number: int) -> dict[str, Any]:
    """Return the first line of a base. Raises: JournalFailed."""
    return _read(lambda: head_of(engine.base_head(address, number)))


def read_world(engine: Engine, address: str, *, number: int) -> World:
    """Read a base. Raises: JournalFailed."""
    return _read(
        lambda: read_base(engine.base(address, number)[1:], lambda digest: engine.state(state_key(address, digest)))
    )


def _read(read: Callable[[], T]) -> T:
    try:
        return read()
    except (LookupError, ValueError, TypeError) as error:
        raise JournalFailed(f"a base of the journal cannot be read: {error!s:.200}") from error


def account_stream(address: str) -> str:
    return f"{OF_A_USERNAME}{address}"
