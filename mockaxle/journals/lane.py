"""The lane on which rows go to the engine: what all streams have at that time is written at once.

A thread writes it, or the loop itself if that is little and the engine does not block.

A change hurries the lane. A read waits for the next change, at most a tenth of a second, and no answer waits for it;
but if several servers share the journal, answers to reads wait as well, since only a row that is taken proves that no
other server has changed the world.
"""

import asyncio
from asyncio import Event, Task, get_running_loop, wrap_future
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from mockaxle.journals.engine import Engine, EngineLost, EngineRefused
from mockaxle.journals.rows import Batch
from mockaxle.journals.streams import ExtraBase, Sealed, SealedRow, Stream, batch_of, seal, unseal
from mockaxle.world.stored_world import JournalConflict, JournalFailed, Position, WhetherDone

READS_WAIT_SECONDS = 0.1
BEHIND_SECONDS = 1.0
TURNS_TO_GATHER = 4
"""Turns of the loop between two writes. Clients that were answered after one have sent their next calls by then, which
so go along with those that came during the write: under load, rows hold nearly twice as many calls.
"""

MAX_WAITING_READS = 10_000
LANE_ENDED = "The journal met an error of its own; the server's terminal has it"
OTHER_WRITER = "The journal has another last row than this server knew; send the call again"


class Gathering:
    """What is kept at once: the streams with drafts, and the addresses of those that changed.

    Shape: `done` is set when it is kept or has failed, `ended` when the engine has answered; `is_decided` if it took
    the rows or had others.
    """

    def __init__(self, timer: Callable[["Gathering"], asyncio.TimerHandle]) -> None:
        self.streams: dict[str, Stream] = {}
        self.changes: set[str] = set()
        self.extra: list[ExtraBase] = []
        self.is_durable = False
        self.done, self.ended = Event(), Event()
        self.begun_at = get_running_loop().time()
        self.is_urgent = self.is_decided = False
        self.timer = timer(self)

    @property
    def changed(self) -> list[Stream]:
        """The streams with a change for which an answer may wait."""
        return [one for address, one in self.streams.items() if address in self.changes]

    def end(self) -> None:
        self.timer.cancel()
        self.done.set()
        self.ended.set()


class LaneCallbacks(NamedTuple):
    """`kept` gets a stream with the characters of its entries and its position, `failed` a stream that was not kept."""

    kept: Callable[[Stream, int, Position | None], None]
    failed: Callable[[Stream, JournalFailed], None]


class Appended(NamedTuple):
    """Shape: the streams that another process wrote to, for which nothing was kept; else characters of entries."""

    lost: tuple[str, ...]
    weights: dict[str, int]


class Lane:
    """Units: timeout in seconds."""

    def __init__(
        self, engine: Engine, *, made_with: str, timeout: float, callbacks: LaneCallbacks, is_shared: bool
    ) -> None:
        self._engine, self._on_loop = engine, engine.on_loop
        self._is_shared = is_shared
        self._made_with = made_with
        self._timeout = timeout
        self._callbacks = callbacks
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mockaxle-journal")
        self._gathering: Gathering | None = None
        self._in_flight: Gathering | None = None
        self._sealed = Sealed((), ())
        self._running: Task[None] | None = None
        self.is_unreachable = False

    def gather(self, stream: Stream, *, is_change: bool) -> None:
        """Take a stream with drafts along with the next rows; hurry for a change."""
        gathering = self._next()
        gathering.streams[stream.address] = stream
        gathering.is_durable |= is_change
        if is_change or self._is_shared:
            gathering.changes.add(stream.address)
            stream.waiting = gathering.done
            self._hurry(gathering)

    def gather_base(self, base: ExtraBase) -> None:
        """Take a base along with the next rows."""
        gathering = self._next()
        gathering.extra.append(base)
        self._hurry(gathering)

    def hurry(self, address: str) -> None:
        """Write what a stream has, if it has anything."""
        if self._gathering is not None and address in self._gathering.streams:
            self._hurry(self._gathering)

    def is_pending(self, address: str) -> bool:
        """Tell whether a stream has rows to be written, or on their way."""
        return self._pending(address) is not None

    def _pending(self, address: str) -> Gathering | None:
        both = (self._in_flight, self._gathering)
        return next((one for one in both if one is not None and address in one.streams), None)

    async def until_kept(self, address: str) -> None:
        """Wait until nothing of a stream is on its way. Raises: JournalFailed."""
        while (pending := self._pending(address)) is not None:
            await self._until_ended(pending)

    async def until_decided(self, address: str) -> bool:
        """Wait for what is on its way now; tell whether the engine took it or had other rows. Raises: JournalFailed."""
        pending = self._pending(address)
        if pending is None:
            return False
        await self._until_ended(pending)
        return pending.is_decided

    async def _until_ended(self, gathering: Gathering) -> None:
        """Raises: JournalFailed."""
        self._hurry(gathering)
        try:
            async with asyncio.timeout(self._timeout):
                await gathering.ended.wait()
        except TimeoutError:
            raise JournalFailed("The journal does not answer") from None

    @property
    def is_behind(self) -> bool:
        """Whether a write has taken more than a moment."""
        flying = self._in_flight
        return flying is not None and get_running_loop().time() - flying.begun_at > BEHIND_SECONDS

    def finish(self) -> dict[str, int]:
        """Write what is left, after the loop has ended. Return the characters of entries by stream.

        The streams that another process wrote to have failed. Raises: EngineRefused.
        """
        self._thread.shutdown(wait=True)
        left = [one for one in (self._in_flight, self._gathering) if one is not None]
        streams = {address: one for each in left for address, one in each.streams.items() if one.failed is None}
        new = (row for one in streams.values() for row in seal(one, one.source and one.source()))
        rows = [*self._rows_not_kept(), *new]
        extra = tuple(base for each in left for base in each.extra)
        sealed = Sealed(tuple(row for row in rows if row.address in streams), extra)
        while (appended := self._append(sealed)).lost:
            for address in appended.lost:
                streams[address].failed = JournalFailed(OTHER_WRITER)
            sealed = sealed.without(appended.lost)
        return appended.weights

    def _rows_not_kept(self) -> tuple[SealedRow, ...]:
        """Return the rows that were on their way when the loop ended, unless they are kept. Raises: EngineRefused."""
        if self._in_flight is None:
            return ()
        return tuple(row for row in self._sealed.rows if not self._is_kept(row))

    def _is_kept(self, row: SealedRow) -> bool:
        """Raises: EngineRefused."""
        return any(found.id == row.id for found in self._engine.rows_from(row.address, row.number)[:1])

    def append_base(self, base: ExtraBase) -> None:
        """Write a base at once, after the loop has ended. Raises: EngineRefused."""
        self._append(Sealed((), (base,)))

    def _next(self) -> Gathering:
        if self._gathering is None:
            self._gathering = Gathering(self._timer)
            get_running_loop().call_later(READS_WAIT_SECONDS, self._hurry, self._gathering)
        return self._gathering

    def _timer(self, gathering: Gathering) -> asyncio.TimerHandle:
        return get_running_loop().call_later(self._timeout, self._late, gathering)

    def _hurry(self, gathering: Gathering) -> None:
        gathering.is_urgent = True
        if self._running is None and gathering is self._gathering:
            self._running = get_running_loop().create_task(self._run())
            self._running.add_done_callback(self._ended)

    async def _run(self) -> None:
        while (gathering := self._gathering) is not None and gathering.is_urgent:
            self._gathering, self._in_flight = None, gathering
            await self._write(gathering)
            gathering.end()
            self._in_flight = None
            for _ in range(TURNS_TO_GATHER):
                await asyncio.sleep(0)
        self._running = None

    async def leave_loop(self) -> None:
        """Write by the thread only from now on, since the loop is about to end."""
        on_loop, self._on_loop = self._on_loop, None
        if on_loop is not None:
            if self._running is not None:
                await asyncio.wait((self._running,), timeout=self._timeout)
            await on_loop.leave()

    def _ended(self, run: Task[None]) -> None:
        """Fail what was on its way if the engine raised what is none of its errors. At the loop's end, leave it."""
        if run.cancelled() or run.exception() is None or self._in_flight is None:
            return
        self._fail(list(self._in_flight.streams.values()), JournalFailed(LANE_ENDED, done="perhaps"))
        self._in_flight.end()
        self._running = self._in_flight = None

    async def _write(self, gathering: Gathering) -> None:
        streams = list(gathering.streams.values())
        positions = {one.address: one.source() for one in streams if one.source is not None}
        rows = tuple(row for one in streams for row in seal(one, positions.get(one.address)))
        self._sealed = Sealed(rows, tuple(gathering.extra), gathering.is_durable)
        while self._sealed.rows or self._sealed.extra:
            try:
                appended = await self._appended(self._sealed)
            except EngineRefused as refused:
                self._not_kept(gathering, self._sealed, refused)
                return
            gathering.is_decided = True
            if not appended.lost:
                self._kept(streams, appended.weights, positions)
                return
            lost = with_dependents(streams, appended.lost)
            self._fail(lost, JournalConflict(OTHER_WRITER))
            self._sealed = self._sealed.without(one.address for one in lost)

    async def _appended(self, sealed: Sealed) -> Appended:
        """Raises: EngineRefused."""
        if self._on_loop is None or not sealed.is_small:
            return await wrap_future(self._thread.submit(self._append, sealed))
        batch = batch_of(sealed, self._made_with)
        return Appended(await self._on_loop.append(batch), _weights(batch))

    def _append(self, sealed: Sealed) -> Appended:
        batch = batch_of(sealed, self._made_with)
        return Appended(self._engine.append(batch), _weights(batch))

    def _kept(self, streams: Iterable[Stream], weights: dict[str, int], positions: dict[str, Position]) -> None:
        self.is_unreachable = False
        for one in streams:
            if one.failed is None:
                self._callbacks.kept(one, weights.get(one.address, 0), positions.get(one.address))

    def _not_kept(self, gathering: Gathering, sealed: Sealed, why: EngineRefused) -> None:
        """Fail the changes that the engine refused, or may have kept; reads are tried again."""
        done: WhetherDone = "perhaps" if isinstance(why, EngineLost) else "no"
        self._fail(gathering.changed, JournalFailed(f"The journal did not keep the call: {why}", done=done))
        rows_of = sealed.rows_by_stream()
        for stream in gathering.streams.values():
            if stream.failed is None:
                unseal(stream, rows_of.get(stream.address, []))
                self.gather(stream, is_change=False)
                if stream.waiting_reads > MAX_WAITING_READS:
                    self._fail([stream], JournalFailed(f"The journal did not keep the reads of the world: {why}"))

    def _late(self, gathering: Gathering) -> None:
        """Fail the changes that are not kept in time. What was sent may yet be kept."""
        text = f"The journal did not keep the call within {self._timeout:g} s"
        if gathering is self._in_flight:
            self._fail(list(gathering.streams.values()), JournalFailed(text, done="perhaps"))
        elif gathering is self._gathering:
            self._fail(gathering.changed, JournalFailed(text))
            self._put_off(gathering)
        gathering.done.set()

    def _put_off(self, late: Gathering) -> None:
        """Take over the reads of a gathering that is too late: what comes next must not wait for its end."""
        self._gathering = None
        following = self._next()
        following.streams, following.extra = late.streams, late.extra
        self._hurry(following)
        late.end()

    def _fail(self, streams: Iterable[Stream], why: JournalFailed) -> None:
        self.is_unreachable |= not isinstance(why, JournalConflict)
        for stream in streams:
            if stream.failed is not None:
                continue
            stream.failed, stream.drafts = why, []
            if self._gathering is not None and self._gathering.streams.get(stream.address) is stream:
                del self._gathering.streams[stream.address]
            self._callbacks.failed(stream, why)


def _weights(batch: Batch) -> dict[str, int]:
    """Return the characters of entries by stream."""
    weights = dict.fromkeys((row.world for row in batch.rows), 0)
    for row in batch.rows:
        weights[row.world] += len(row.text) if row.kind == "entries" else 0
    return weights


def with_dependents(streams: list[Stream], lost: tuple[str, ...]) -> list[Stream]:
    """Return the lost streams, and those that changed with them: a world and its accounts are kept or lost together."""
    found = {one.address for one in streams if one.address in lost}
    found |= {one.address for one in streams if any(other.address in found for other in one.beside)}
    found |= {other.address for one in streams if one.address in found for other in one.beside}
    return [one for one in streams if one.address in found]
