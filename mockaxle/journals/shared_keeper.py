"""Keeps worlds in a journal that several servers write. What memory has of a world may be behind the journal.

A call is done on the copy in memory, and its row is taken only after the row on which it was computed. If it is not
taken, or a check finds other rows, the copy is set aside; it takes in what is missing, and the call is done again.
"""

from asyncio import get_running_loop
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, TypeVar

from mockaxle.journals.checks import HeadChecks
from mockaxle.journals.claims import WorldClaims
from mockaxle.journals.engine import EngineRefused
from mockaxle.journals.finding import ReplayedWorld, account_stream
from mockaxle.journals.keeper import NOTHING_BESIDE, Keeper
from mockaxle.journals.lane import OTHER_WRITER
from mockaxle.journals.made_with import is_newer
from mockaxle.journals.rows import OF_A_USERNAME, JournalRow, RowHead, RowKind
from mockaxle.journals.streams import Draft, Stream
from mockaxle.world.entries import Exchange
from mockaxle.world.stored_world import JournalConflict, JournalFailed, Position

LOST = "the journal had kept them, and lacks them now, as after a failover to a standby that was behind"
A = TypeVar("A")
T = TypeVar("T")
READS = ("GET", "HEAD")
MAX_ROUNDS = 8
"""Checks of a stream that goes on changing."""


def _lacks_changes(found: ReplayedWorld, known: ReplayedWorld) -> bool:
    """Tell whether a world lacks changes that were kept once. Reads are not flushed, so that a crash may take them."""
    left = dict(found.log.after(0))
    gone = (entry for number, entry in known.log.after(0) if number > found.log.dropped and left.get(number) != entry)
    return not all(isinstance(one, Exchange) and one.request.method in READS for one in gone) and (
        found.world != known.world
    )


class SharedKeeper(Keeper):
    is_shared = True

    def __init__(self, *arguments: Any, **others: Any) -> None:
        super().__init__(*arguments, **others)
        self._checks = HeadChecks(lambda worlds: self._ask(self._engine.heads, worlds))
        self._asker = ThreadPoolExecutor(1, thread_name_prefix="mockaxle-journal-asks")
        self._claims = WorldClaims(self._last_row, self.try_lock, self.unlock)
        self._known: dict[str, ReplayedWorld] = {}
        self._newer = set[str]()
        self._at_first: dict[str, tuple[int, int]] = {}

    def begin(self) -> list[str]:
        waiting = super().begin()
        self._at_first = dict(self._last)
        return waiting

    async def _ask(self, ask: Callable[[A], T], of: A) -> T:
        """Ask something short in a thread of its own: the reading of worlds holds up no check. Raises: as `ask`."""
        return await get_running_loop().run_in_executor(self._asker, ask, of)

    async def refresh(self, addresses: Collection[str]) -> None:
        """Set aside what a check that begins now finds behind the journal, of worlds and of usernames.

        Raises: JournalFailed, JournalConflict if they change all the time.
        """
        keys = {key for address in addresses for key in (address, account_stream(address))}
        for _ in range(MAX_ROUNDS):
            keys = {key for key in await self._behind(keys) if not await self._takes_note(key)}
            if not keys:
                return
        raise JournalConflict("The world changes all the time; send the call again")

    async def _behind(self, keys: Collection[str]) -> list[str]:
        """Return the streams of which the journal has another last row. Raises: JournalFailed."""
        for key in keys:
            await self._until_settled(key)
        before = {key: self._head(key) for key in keys}
        found = await self._checks.heads(keys)
        return [key for key in keys if found.get(key) != before[key]]

    def _head(self, key: str) -> RowHead | None:
        """Return the last row of a stream that is known, kept or on its way."""
        stream = self._streams.get(key)
        number, id = (stream.number, stream.id) if stream is not None else self._last.get(key, (0, None))
        return None if id is None else RowHead(number, id)

    async def _takes_note(self, key: str) -> bool:
        """Find out whether a stream was changed elsewhere, and take note of it; tell whether that is known now.

        Rows that are on their way tell it if they are taken. Raises: JournalFailed.
        """
        if self._lane.is_pending(key):
            return await self._was_taken(key)
        row = await self._claims.last_row(key)
        if self._lane.is_pending(key):
            return await self._was_taken(key)
        if key.startswith(OF_A_USERNAME):
            self._note_account(key, row)
        else:
            self._set_aside(key)
            self._leave_to_newer(row)
            self._note_world(key, row)
        return True

    async def _last_row(self, key: str) -> JournalRow | None:
        """Raises: JournalFailed."""
        try:
            return await self._ask(self._engine.last_row, key)
        except EngineRefused as refused:
            raise JournalFailed(f"The journal cannot be read: {refused}") from refused

    async def _was_taken(self, key: str) -> bool:
        """Tell whether the rows of a stream that are on their way now were taken. Raises: JournalFailed."""
        stream = self._streams.get(key)
        is_decided = await self._lane.until_decided(key)
        return is_decided and stream is not None and stream is self._streams.get(key)

    def _leave_to_newer(self, row: JournalRow | None) -> None:
        """Raises: JournalFailed if a newer server has written a world since this one began."""
        if row is None or not is_newer(row.made_with, self._made_with):
            return
        if self._at_first.get(row.world) == (row.number, row.id):
            return
        newer = f"a server of a newer version ({row.made_with}) writes the world; stop this one ({self._made_with})"
        if row.made_with not in self._newer:
            self._newer.add(row.made_with)
            self.callbacks.report(f"The world {row.head.get('name', '')!r:.60} gets 503 from now on: {newer}")
        raise JournalFailed(newer[0].upper() + newer[1:])

    def _note_account(self, key: str, row: JournalRow | None) -> None:
        before = self._beside.get(key, NOTHING_BESIDE)
        self._streams.pop(key, None)
        self._note_last(key, [row] if row is not None else [])
        self._restore(key, row.head if row is not None else NOTHING_BESIDE)
        if self._beside[key]["secrets"] != before["secrets"]:
            self._set_aside(key.removeprefix(OF_A_USERNAME))

    def _note_world(self, address: str, row: JournalRow | None) -> None:
        self._set_aside(address)
        self._note_open(address, row)
        if row is None or row.kind == "closed":
            self._known.pop(address, None)

    def _set_aside(self, address: str) -> None:
        stream = self._streams.pop(address, None)
        if stream is not None:
            self._remember(stream)
        self.callbacks.lost(address)

    def _remember(self, stream: Stream) -> None:
        if stream.known is not None:
            self._known[stream.address] = stream.known

    async def _found(self, address: str) -> ReplayedWorld | None:
        """Find a world at least as new as each check that ends meanwhile says. Raises: JournalFailed, EngineRefused."""
        self._leave_to_newer(await self._claims.last_row(address))
        found, known = None, self._known.pop(address, None)
        for _ in range(MAX_ROUNDS):
            found = await self._read(lambda before: self._finder.find(address, known=before), known)
            if found is not None and known is not None and found.has_lost and _lacks_changes(found, known):
                self._reloaded += 1
                self.callbacks.report(f"The world {found.world.name!r:.60} has lost calls that were answered: {LOST}")
            if self._last.get(address, (0, 0))[0] <= (found.number if found is not None else 0):
                break
            known = found
        return found

    def _stream_taken_in(self, stream: Stream, found: ReplayedWorld) -> None:
        stream.known = found._replace(log=found.log.copy())

    def _kept(self, stream: Stream, weight: int, position: Position | None) -> None:
        super()._kept(stream, weight, position)
        if position is not None and position.log is not None and stream.id is not None:
            state = (position.world, position.log, position.last_at, stream.opening, tuple(stream.bases))
            stream.known = ReplayedWorld(*state, stream.number, stream.id, stream.weight)

    def _world_failed(self, stream: Stream, why: JournalFailed) -> None:
        self._remember(stream)
        super()._world_failed(stream, why)

    def _let_go(self, stream: Stream) -> None:
        super()._let_go(stream)
        self._known.pop(stream.address, None)

    async def try_lock(self, address: str) -> bool:
        try:
            return await self._ask(self._engine.try_lock, address)
        except EngineRefused as refused:
            raise JournalFailed(f"The journal cannot be read: {refused}") from refused

    async def unlock(self, address: str) -> None:
        with suppress(EngineRefused):
            await self._ask(self._engine.unlock, address)

    async def claim(self, address: str) -> None:
        """Have a world for this server alone, so that no other one overtakes what follows.

        Raises: JournalFailed, JournalConflict if another server has changed it.
        """
        await self._claims.take(address)
        self._put(address, "claim")
        change = self.change(address)
        if change is not None:
            await change.kept()

    async def tell(self, address: str) -> None:
        """Let other servers know whether a world's clock advances step by step. Raises: JournalConflict."""
        self._put(address, "clock")

    def _put(self, address: str, kind: RowKind) -> None:
        """Keep a row without entries. Raises: JournalConflict if another server has changed the world."""
        stream = self._streams.get(address)
        if stream is None:
            raise JournalConflict(OTHER_WRITER)
        head = {"real_at": self._touched[address].isoformat(), "name": stream.name}
        stream.drafts.append(Draft(kind, head))
        self._lane.gather(stream, is_change=True)

    async def unclaim(self, address: str) -> None:
        await self._claims.leave(address)

    async def refresh_names(self) -> list[str]:
        """Read which worlds there are; return the addresses of those whose messages wait. Raises: JournalFailed."""
        try:
            changed, waiting = await self._read(self._look_at_all, dict(self._last))
        except EngineRefused as refused:
            raise JournalFailed(f"The journal cannot be read: {refused}") from refused
        for row in changed:
            if row.world.startswith(OF_A_USERNAME):
                if not self._lane.is_pending(row.world):
                    self._note_account(row.world, row)
                continue
            self._touched[row.world] = max(self._touched.get(row.world, row.last_at), row.last_at)
            if row.world not in self._streams:
                self._note_world(row.world, row)
        return waiting

    def _look_at_all(self, known: dict[str, tuple[int, int]]) -> tuple[list[JournalRow], list[str]]:
        """Return the last rows that are not known, and the worlds whose messages wait. Raises: EngineRefused."""
        rows = list(self._engine.last_rows())
        changed = [row for row in rows if known.get(row.world) != (row.number, row.id)]
        return changed, [row.world for row in rows if row.head.get("waits")]
