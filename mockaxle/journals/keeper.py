"""Keeps what the worlds of a server are in a journal.

A world changes in memory first, and its row is on its way; the answer waits until the row is durable. A row that cannot
be kept ends the world in memory, with all answers that wait for it: the journal has the world as it was before.
"""

import asyncio
from asyncio import Task, get_running_loop
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

from mockaxle.journals.alone import Alone
from mockaxle.journals.engine import Engine, EngineRefused
from mockaxle.journals.finding import SCENARIO, Finder, ReplayedWorld, account_stream
from mockaxle.journals.keeping import Callbacks, KeeperLimits, Keeping
from mockaxle.journals.lane import Lane, LaneCallbacks
from mockaxle.journals.rows import OF_A_USERNAME, Batch, JournalRow, state_key
from mockaxle.journals.streams import Draft, Stream, base_head, extra_base
from mockaxle.world.base_form import write_base
from mockaxle.world.entries import Entry
from mockaxle.world.opening import Beginning
from mockaxle.world.stored_world import (
    FoundWorld,
    JournalConflict,
    JournalFailed,
    OpenedWorld,
    Position,
    Source,
    StoredAccount,
    Turn,
)

A = TypeVar("A")
T = TypeVar("T")
NOTHING_BESIDE: dict[str, Any] = {"account": None, "secrets": {}}


class Keeper(Alone):
    """Shape: `made_with` are the versions that determine answers. `is_shared` if several servers write the journal."""

    callbacks: Callbacks

    def __init__(
        self, engine: Engine, finder: Finder, *, beginning: Beginning, made_with: str, limits: KeeperLimits
    ) -> None:
        self._engine = engine
        self._finder = finder
        self._made_with = made_with
        self._beginning = beginning
        callbacks = LaneCallbacks(self._kept, self._failed)
        self._lane = Lane(
            engine,
            made_with=made_with,
            timeout=limits.timeout_seconds,
            callbacks=callbacks,
            is_shared=self.is_shared,
        )
        self._base_characters = limits.base_characters
        self._readers = ThreadPoolExecutor(2, thread_name_prefix="mockaxle-journal-reads")
        self._streams: dict[str, Stream] = {}
        self._last: dict[str, tuple[int, int]] = {}
        self._names: dict[str, str] = {}
        self._touched: dict[str, datetime] = {}
        self._beside: dict[str, dict[str, Any]] = {}
        self._kept_beside: dict[str, dict[str, Any]] = {}
        self._tasks: set[Task[None]] = set()
        self._rereading: dict[str, Task[None]] = {}
        self._timeout = limits.timeout_seconds
        self._reloaded = 0

    def begin(self) -> list[str]:
        """Read the last row of every stream; return the addresses of worlds that have messages to be sent.

        Raises: EngineRefused.
        """
        key = state_key(SCENARIO, self._beginning.digest)
        self._engine.append(Batch(states=((key, tuple(self._beginning.text.split("\n"))),)))
        waiting = []
        for row in self._engine.last_rows():
            self._last[row.world] = (row.number, row.id)
            if row.world.startswith(OF_A_USERNAME):
                self._beside[row.world] = self._kept_beside[row.world] = row.head
            elif row.kind != "closed":
                self._names[row.world], self._touched[row.world] = row.head["name"], row.last_at
                waiting += [row.world] if row.head.get("waits") else []
        return waiting

    def accounts(self) -> list[StoredAccount]:
        """Return the accounts that are kept."""
        return [account for head in self._beside.values() if (account := _account_in(head)) is not None]

    def has(self, address: str) -> bool:
        """Tell whether the journal has an open world."""
        return address in self._names

    def count(self) -> int:
        """Return the number of the open worlds."""
        return len(self._names)

    def names(self) -> tuple[str, ...]:
        """Return the names of the open worlds, in order."""
        return tuple(sorted(self._names.values()))

    def untouched_since(self, real: datetime) -> list[str]:
        """Return the names of the worlds in which nothing has happened since an instant."""
        return [name for address, name in self._names.items() if self._touched.get(address, real) < real]

    def health(self) -> dict[str, Any]:
        """Describe the journal's state."""
        state = "unreachable" if self._lane.is_unreachable else "behind" if self._lane.is_behind else "ok"
        return {"kind": self._engine.kind, "state": state, "reloaded": self._reloaded}

    async def load(self, address: str) -> FoundWorld | None:
        """Read a world that is not in memory; None if there is none. Raises: JournalFailed."""
        await self._until_settled(account_stream(address))
        await self._lane.until_kept(address)
        was_open = self.has(address)
        try:
            found = await self._found(address)
            turn = await self._read(_passing_over, found) if found is not None and found.broken else None
            if found is None:
                self._note_open(address, await self._read(self._engine.last_row, address))
                return None
        except EngineRefused as refused:
            raise JournalFailed(f"The journal cannot be read: {refused}") from refused
        except (LookupError, ValueError, TypeError) as error:
            raise JournalFailed(f"The world cannot be read from the journal: {error!s:.200}") from error
        was_changed = address in self._streams or (was_open and not self.has(address))
        return None if was_changed else self._taken_in(address, found, turn=turn)

    async def _found(self, address: str) -> ReplayedWorld | None:
        return await self._read(self._finder.find, address)

    async def _until_settled(self, key: str) -> None:
        """Wait until an account and secrets are as the journal has them. Raises: JournalFailed."""
        if key in self._rereading:
            ended, _ = await asyncio.wait((self._rereading[key],), timeout=self._timeout)
            if not ended:
                raise JournalFailed("The journal does not answer")
        await self._lane.until_kept(key)

    async def _read(self, read: Callable[[A], T], of: A) -> T:
        """Read in a thread. Raises: as `read`."""
        return await get_running_loop().run_in_executor(self._readers, read, of)

    def _note_last(self, address: str, rows: list[JournalRow]) -> None:
        """Take note of the last row of a stream that is not in memory."""
        self._last.pop(address, None)
        if rows:
            self._last[address] = (rows[-1].number, rows[-1].id)

    def _note_open(self, address: str, row: JournalRow | None) -> None:
        """Take note of the last row of a world that is not in memory, and of its name if the world is open."""
        if address in self._streams:
            return
        self._note_last(address, [row] if row is not None else [])
        if row is None or row.kind == "closed":
            self._names.pop(address, None)
        else:
            self._names[address], self._touched[address] = row.head["name"], row.last_at

    def _taken_in(self, address: str, found: ReplayedWorld, *, turn: Turn | None) -> FoundWorld:
        """Take note of a world that was read. Shape: `turn` if some of its rows are to be passed over."""
        stream = Stream(address, found.number, found.id, found.world.name, found.opening, weight=found.weight)
        stream.bases, stream.base_weight = list(found.bases), found.bases[-1].size
        stream.is_kept, self._streams[address], self._names[address] = True, stream, stream.name
        self._stream_taken_in(stream, found)
        if turn is not None:
            self._reloaded += 1
            self.callbacks.report(f"The world {stream.name!r:.60} is served as its last base has it: {found.broken}")
            position = Position(found.world, found.last_at, turn.log_from, turn.log_from)
            self._turn(stream, position, turn=turn, entries=[], real_at=found.last_at)
            self._lane.gather(stream, is_change=True)
        secrets = self._beside.get(account_stream(address), NOTHING_BESIDE)["secrets"]
        return FoundWorld(found.world, found.log, found.last_at, found.opening, dict(secrets), found.advancing)

    def _stream_taken_in(self, stream: Stream, found: ReplayedWorld) -> None:
        """Take note of a world that was read."""

    def open(self, address: str, opened: OpenedWorld, *, source: Source) -> None:
        """Begin a stream of a new world."""
        stream = self._streams.get(address) or Stream(address, *self._last.get(address, (0, None)))
        stream.name, stream.opening, stream.source, stream.is_leaving = opened.name, opened.opening, source, False
        head = {
            "real_at": opened.real_at.isoformat(),
            "name": opened.name,
            "opening": opened.opening,
            "seed": opened.seed.hex(),
            "built_at": opened.built_at.isoformat(),
            "scenario": self._beginning.digest if opened.base is None else None,
            "account": opened.username,
        }
        base = base_head(stream, source()) if opened.base is not None else {}
        stream.drafts.append(Draft("opened", head, base=opened.base, base_head=base))
        self._streams[address], self._names[address], self._touched[address] = stream, opened.name, opened.real_at
        self._lane.gather(stream, is_change=True)

    def attach(self, address: str, source: Source) -> None:
        """Take note of where a world that was loaded can be seen."""
        self._streams[address].source = source

    def write(self, address: str, entry: Entry, *, number: int, is_change: bool, turn: Turn | None = None) -> None:
        """Keep an entry of a world. Shape: number is that of the last entry of its log."""
        stream = self._streams[address]
        self._touched[address] = entry.real_at
        if turn is not None:
            assert stream.source is not None, "the world is in memory"
            self._turn(stream, stream.source(), turn=turn, entries=[entry], real_at=entry.real_at)
        elif stream.drafts and stream.drafts[-1].kind == "entries":
            stream.drafts[-1].entries.append(entry)
            if not is_change:  # the lane has the stream already
                return
        else:
            stream.drafts.append(Draft("entries", {}, number, [entry]))
        self._lane.gather(stream, is_change=is_change)

    def _turn(self, stream: Stream, position: Position, *, turn: Turn, entries: list[Entry], real_at: datetime) -> None:
        head = {
            "real_at": real_at.isoformat(),
            "name": stream.name,
            "log_from": turn.log_from,
            "cut_from": turn.cut_from,
            "begins_anew": position.next_entry == turn.log_from,
            "last_at": position.last_at.isoformat(),
        }
        draft = Draft("base", head, position.next_entry - 1, base=turn.base, base_head=base_head(stream, position))
        draft.entries += entries
        stream.drafts.append(draft)

    def close_world(self, address: str, *, real: datetime) -> None:
        """End a stream: nothing but another opening follows."""
        name = self._names.pop(address, None)
        if name is None:
            return
        stream = self._streams.get(address) or Stream(address, *self._last[address], name)
        stream.source, self._streams[address] = None, stream
        stream.drafts.append(Draft("closed", {"real_at": real.isoformat(), "name": name}, drops_before=True))
        self._lane.gather(stream, is_change=True)

    def put_account(self, address: str, account: StoredAccount | None, *, owner: str, real: datetime) -> None:
        """Keep an account by the address of its username; None for no account. Its world's answers wait for it."""
        self._put_beside(address, real, owner=owner, values={"account": account and account._asdict()})

    def put_secrets(self, address: str, secrets: dict[str, str], *, real: datetime) -> None:
        """Keep the secrets of a world's receivers by the world's address."""
        self._put_beside(address, real, owner=address, values={"secrets": secrets})

    def _put_beside(self, address: str, real: datetime, *, owner: str, values: dict[str, Any]) -> None:
        key = account_stream(address)
        head = self._beside.get(key, NOTHING_BESIDE)
        if {**head, **values} == head:
            return
        self._beside[key] = head = {**head, **values, "real_at": real.isoformat()}
        stream = self._streams.get(key) or Stream(key, *self._last.get(key, (0, None)))
        self._streams[key], stream.drafts = stream, [Draft("account", head, drops_before=True)]
        self._lane.gather(stream, is_change=True)
        if (own := self._streams.get(owner)) is not None:
            own.waiting = stream.waiting
            own.beside = [*(one for one in own.beside if one.waiting is own.waiting), stream]

    def forget(self, address: str) -> None:
        """Forget a world that leaves memory, once its rows are kept."""
        stream = self._streams.get(address)
        if stream is None:
            return
        stream.is_leaving, stream.source = True, None
        if self._lane.is_pending(address):
            self._lane.hurry(address)
        else:
            self._let_go(stream)

    def _let_go(self, stream: Stream) -> None:
        self._last[stream.address] = (stream.number, stream.id or 0)
        self._streams.pop(stream.address, None)

    def change(self, address: str) -> Keeping | None:
        """Return what an answer from a world waits for; None if all its changes are kept."""
        stream = self._streams.get(address)
        if stream is None or stream.waiting is None or stream.waiting.is_set():
            return None
        beside = (one for one in stream.beside if one.waiting is stream.waiting)
        return Keeping((stream, *beside), stream.waiting)

    def _kept(self, stream: Stream, weight: int, position: Position | None) -> None:
        stream.weight, stream.is_kept = stream.weight + weight, True
        is_heavy = stream.weight >= max(self._base_characters, stream.base_weight)
        if is_heavy and position is not None and not stream.is_writing_base:
            stream.is_writing_base, stream.weight = True, 0
            self._start(self._write_base(stream, position, stream.number))
        if (stream.is_leaving or stream.address not in self._names) and not stream.drafts:
            self._let_go(stream)
        if stream.sent is not None:
            self._kept_beside[stream.address] = stream.sent
            self._last[stream.address] = (stream.number, stream.id or 0)

    async def _write_base(self, stream: Stream, position: Position, number: int) -> None:
        """Write a base aside, and keep it with what comes next."""
        try:
            base = await asyncio.to_thread(write_base, position.world)
        except ValueError as error:
            self.callbacks.report(f"The world {stream.name!r:.60} cannot be written whole: {error!s:.200}")
            return
        finally:
            stream.is_writing_base = False
        if self._streams.get(stream.address) is stream:
            self._lane.gather_base(extra_base(stream, position, number=number, base=base, made_with=self._made_with))

    def _failed(self, stream: Stream, why: JournalFailed) -> None:
        if self._streams.get(stream.address) is stream:
            del self._streams[stream.address]
        if stream.address.startswith(OF_A_USERNAME):
            if why.done == "no" and not isinstance(why, JournalConflict):
                self._restore(stream.address, self._kept_beside.get(stream.address, NOTHING_BESIDE))
            else:
                self._rereading[stream.address] = self._start(self._reread(stream.address))
        else:
            self._world_failed(stream, why)

    def _world_failed(self, stream: Stream, why: JournalFailed) -> None:
        self._reloaded += not isinstance(why, JournalConflict)
        if stream.is_kept:  # until it is read: a drop may not have been kept
            self._names[stream.address] = stream.name
        else:
            self._names.pop(stream.address, None)
        self.callbacks.lost(stream.address)

    async def _reread(self, key: str) -> None:
        """Take over an account as the journal has it, once it can be read."""
        while True:
            try:
                await self._lane.until_kept(key)
                rows = await self._read(self._engine.rows, key)
                break
            except (JournalFailed, EngineRefused):
                await asyncio.sleep(self._timeout)
        self._note_last(key, rows)
        self._restore(key, rows[-1].head if rows else NOTHING_BESIDE)
        self._rereading.pop(key, None)

    def _restore(self, key: str, head: dict[str, Any]) -> None:
        self._beside[key] = self._kept_beside[key] = head
        self.callbacks.account(key.removeprefix(OF_A_USERNAME), _account_in(head))

    def _start(self, work: Coroutine[Any, Any, None]) -> Task[None]:
        task = get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def leave_loop(self) -> None:
        """Prepare for the end of the loop."""
        await self._lane.leave_loop()

    def end(self) -> int:
        """Keep what is on its way, and a base of each world that changed; after the loop. Return the number of bases.

        Raises: EngineRefused.
        """
        try:
            weights, written = self._lane.finish(), 0
            for stream in self._streams.values():
                is_changed = stream.failed is None and (stream.weight or weights.get(stream.address))
                if stream.source is not None and is_changed:
                    written += self._append_base(stream, stream.source())
            return written
        finally:
            self._engine.close()

    def _append_base(self, stream: Stream, position: Position) -> bool:
        """Write a base at once; return whether it could be written. Raises: EngineRefused."""
        with suppress(ValueError):
            base = write_base(position.world)
            self._lane.append_base(
                extra_base(stream, position, number=stream.number, base=base, made_with=self._made_with)
            )
            return True
        return False


def _passing_over(found: ReplayedWorld) -> Turn:
    """Write a world whole, so that its rows that do not replay are passed over from now on."""
    return Turn(write_base(found.world), found.log.last + 1, None)


def _account_in(head: dict[str, Any]) -> StoredAccount | None:
    found = head["account"]
    return StoredAccount(**{**found, "roles": tuple(found["roles"])}) if found else None
