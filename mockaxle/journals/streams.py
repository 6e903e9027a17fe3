"""The streams of a journal in memory: what is to be kept of each, and how far it is kept."""

from asyncio import Event
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mockaxle.journals.entry_lines import entry_line
from mockaxle.journals.finding import BaseMark, ReplayedWorld
from mockaxle.journals.rows import BaseRecord, Batch, JournalRow, RowKind, new_id, row_text, state_key
from mockaxle.world.base_form import WrittenBase
from mockaxle.world.entries import Command, Entry
from mockaxle.world.log import weigh
from mockaxle.world.stored_world import JournalFailed, Position, Source

MAX_ON_LOOP = 131_072
"""Bytes of entries that are written without a thread: about 80 calls, or a millisecond."""

OF_A_WORLD = ("opened", "entries", "base", "claim", "clock")
"""The kinds of rows after which a world is open."""


@dataclass(slots=True)
class Draft:
    """A row to be. Shape: `base` is the world after it, if it is written whole. `drops_before` if no earlier row of its
    stream is needed from then on.
    """

    kind: RowKind
    head: dict[str, Any]
    first_entry: int = 1
    entries: list[Entry] = field(default_factory=list)
    base: WrittenBase | None = None
    base_head: dict[str, Any] = field(default_factory=dict)
    drops_before: bool = False

    @property
    def size(self) -> int:
        """The approximate bytes of its entries."""
        return sum(map(weigh, self.entries))

    @property
    def has_rows_only(self) -> bool:
        """Whether it neither adds a base, nor drops rows, nor has a command, whose text may be of any length."""
        return self.base is None and not self.drops_before and not any(isinstance(one, Command) for one in self.entries)


@dataclass(slots=True, eq=False)
class Stream:
    """Shape: number and id are those of its last row, kept or on its way. `source` tells the world as it is, if it is
    in memory. `waiting` is set when its last change is kept or has failed, and `beside` has the accounts and secrets
    that go with it; `sent` is the account that was written last. `known` is the world after a kept row, if several
    servers change it. Units: weights in characters.
    """

    address: str
    number: int = 0
    id: int | None = None
    name: str = ""
    opening: int = 0
    drafts: list[Draft] = field(default_factory=list)
    source: Source | None = None
    bases: list[BaseMark] = field(default_factory=list)
    weight: int = 0
    base_weight: int = 0
    is_writing_base: bool = False
    is_leaving: bool = False
    is_kept: bool = False
    sent: dict[str, Any] | None = None
    known: ReplayedWorld | None = None
    waiting: Event | None = None
    beside: "list[Stream]" = field(default_factory=list)
    failed: JournalFailed | None = None

    @property
    def waiting_reads(self) -> int:
        """The number of entries that are not on their way."""
        return sum(len(draft.entries) for draft in self.drafts)


class SealedRow(NamedTuple):
    """A row whose text is still to be written."""

    address: str
    number: int
    id: int
    previous_id: int | None
    draft: Draft


class Sealed(NamedTuple):
    """Rows on their way, and bases. Shape: `extra` has bases that were written after their rows."""

    rows: tuple[SealedRow, ...]
    extra: tuple["ExtraBase", ...]
    durable: bool = True

    @property
    def is_small(self) -> bool:
        """Whether its texts are written in no time."""
        drafts = [row.draft for row in self.rows]
        return (
            not self.extra
            and all(draft.has_rows_only for draft in drafts)
            and sum(draft.size for draft in drafts) <= MAX_ON_LOOP
        )

    def rows_by_stream(self) -> dict[str, list[SealedRow]]:
        found = dict[str, list[SealedRow]]()
        for row in self.rows:
            found.setdefault(row.address, []).append(row)
        return found

    def without(self, addresses: Iterable[str]) -> "Sealed":
        gone = frozenset(addresses)
        return Sealed(
            tuple(row for row in self.rows if row.address not in gone),
            tuple(base for base in self.extra if base.record.world not in gone),
            self.durable,
        )


class ExtraBase(NamedTuple):
    """A base of a row that is kept already. Shape: rows and bases before the row `kept_from` may go."""

    record: BaseRecord
    states: tuple[tuple[str, tuple[str, ...]], ...]
    kept_from: int


def unseal(stream: Stream, rows: list[SealedRow]) -> None:
    """Take back rows of a stream that were not kept, to try again."""
    if rows:
        stream.number, stream.id = rows[0].number - 1, rows[0].previous_id
        stream.drafts = [*(row.draft for row in rows), *stream.drafts]


def seal(stream: Stream, position: Position | None) -> list[SealedRow]:
    """Number the drafts of a stream, which begins new ones. Shape: position of its world, if that is in memory."""
    rows = []
    present = _present(position) if position is not None else {}
    for draft in stream.drafts:
        if draft.kind == "entries":
            draft.head = {"real_at": draft.entries[-1].real_at.isoformat(), "name": stream.name}
        if draft.kind in OF_A_WORLD:
            draft.head = {**draft.head, **present}
        previous, stream.number, stream.id = stream.id, stream.number + 1, new_id()
        rows.append(SealedRow(stream.address, stream.number, stream.id, previous, draft))
        if draft.kind == "account":
            stream.sent = draft.head
        if draft.base is not None:
            stream.bases.append(BaseMark(stream.number, draft.base_head["next_entry"], draft.base.size))
            stream.weight, stream.base_weight = 0, draft.base.size
        elif draft.kind == "opened":
            stream.bases, stream.weight, stream.base_weight = [BaseMark(stream.number, 1)], 0, 0
    stream.drafts = []
    return rows


def _present(position: Position) -> dict[str, Any]:
    """Return what a row says of its world besides its entries: whether messages wait, and a stepwise advance."""
    said: dict[str, Any] = {"waits": position.world.state.outbox.waiting > 0}
    if position.advancing is not None:
        to, at, id = position.advancing
        said["advancing"] = [to.isoformat(), at.isoformat(), id]
    return said


def batch_of(sealed: Sealed, made_with: str) -> Batch:
    """Write the texts of rows and bases; in a thread, unless they are small."""
    rows = tuple(_row(row, made_with) for row in sealed.rows)
    bases, states = [], dict[str, tuple[str, ...]]()
    for row in sealed.rows:
        if row.draft.base is not None:
            record, own = base_parts(
                row.address, row.number, made_with=made_with, base=row.draft.base, head=row.draft.base_head
            )
            bases.append(record)
            states.update(own)
    bases += [extra.record for extra in sealed.extra]
    for extra in sealed.extra:
        states.update(extra.states)
    pruned = [(extra.record.world, extra.kept_from) for extra in sealed.extra]
    pruned += [(row.address, row.number) for row in sealed.rows if row.draft.drops_before and row.number > 1]
    is_durable = sealed.durable or bool(bases or pruned)
    return Batch(rows, tuple(bases), tuple(states.items()), tuple(pruned), is_durable)


def base_parts(
    address: str, number: int, *, made_with: str, base: WrittenBase, head: dict[str, Any]
) -> tuple[BaseRecord, tuple[tuple[str, tuple[str, ...]], ...]]:
    """Return the record of a base, and its states by key."""
    record = BaseRecord(address, number, made_with, (row_text({**head, "size": base.size}), *base.lines))
    return record, tuple((state_key(address, digest), lines) for digest, lines in base.states.items())


def extra_base(stream: Stream, position: Position, *, number: int, base: WrittenBase, made_with: str) -> ExtraBase:
    """Make the record of a base, with which the bases go that no kept entry needs."""
    stream.bases.append(BaseMark(number, position.next_entry, base.size))
    stream.base_weight = base.size
    reaching = [mark for mark in stream.bases if mark.next_entry <= position.log_from]
    kept_from = reaching[-1].number if reaching else stream.bases[0].number
    stream.bases = [mark for mark in stream.bases if mark.number >= kept_from]
    parts = base_parts(stream.address, number, made_with=made_with, base=base, head=base_head(stream, position))
    return ExtraBase(*parts, kept_from)


def base_head(stream: Stream, position: Position) -> dict[str, Any]:
    """Return the first line of a base of a world."""
    return {
        "name": stream.name,
        "opening": stream.opening,
        "last_at": position.last_at.isoformat(),
        "next_entry": position.next_entry,
        "log_from": position.log_from,
    }


def _row(row: SealedRow, made_with: str) -> JournalRow:
    draft = row.draft
    text = row_text(draft.head, map(entry_line, draft.entries))
    return JournalRow(row.address, row.number, row.id, row.previous_id, draft.first_entry, draft.kind, made_with, text)
