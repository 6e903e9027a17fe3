"""Worlds that a journal keeps: they leave memory, and come back when they are called."""

from asyncio import Task, get_running_loop, shield, to_thread
from collections.abc import AsyncIterator, Callable, Collection, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from mockaxle.serving.accounts import Prepared
from mockaxle.serving.credentials import address_of
from mockaxle.serving.hosted_world import Account, HostedWorld
from mockaxle.serving.journalling import Journal, UnkeptChange, WorldUnchecked, WorldUnloaded
from mockaxle.serving.loaded_worlds import LoadedWorlds
from mockaxle.serving.new_worlds import BuiltWorld
from mockaxle.serving.shared_advances import SharedAdvances, told_advance
from mockaxle.serving.stored_accounts import account_in, stored
from mockaxle.serving.waiting import to_the_end
from mockaxle.serving.worlds import Worlds, advancing_to
from mockaxle.world.base_form import WrittenBase, write_base
from mockaxle.world.commands.done import Cut, Done, LogChange
from mockaxle.world.commands.refusals import WorldGone
from mockaxle.world.commands.row import Row
from mockaxle.world.commands.rows import ROW_OF
from mockaxle.world.entries import Command, Delivery, Entry, Exchange
from mockaxle.world.log import Log
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
from mockaxle.world.value import World

LOADING = "PUT /scenario"
"""The command after which a world is written whole, since it may be slow to repeat."""

CLAIM_ATTEMPTS = 50
"""How often a world is claimed for a command that was overtaken; each other call of that moment overtakes one."""


class JournalledWorlds(Worlds):
    """Each call that finds a world raises WorldUnloaded if the journal has it and memory has not.

    `on_waiting` is called with each world that has messages to be sent, and comes back with them or has them before
    anything delivers messages. `log_entries` is the number of entries that a log keeps.
    """

    def __init__(
        self, *, journal: Journal, on_waiting: Callable[[HostedWorld], None], log_entries: int, **others: Any
    ) -> None:
        self._journal = journal
        self._on_waiting = on_waiting
        self._log_entries = log_entries
        self._loading: dict[str, Task[None]] = {}
        self._aside: dict[str, HostedWorld] = {}
        self._loaded = LoadedWorlds(others["settings"].max_worlds, self._unloaded)
        self._usernames: dict[str, str] = {}
        self._overtaken = set[str]()
        self._advances = SharedAdvances(journal, self.until_done)
        super().__init__(**others, hosted=self._loaded, on_account=self._account_changed)
        for kept in journal.accounts():
            self._usernames[address_of(kept.username)] = kept.username
            self._accounts.restore(kept.username, account_in(kept))

    def names(self) -> tuple[str, ...]:
        return self._journal.names()

    def in_memory(self, name: str) -> HostedWorld | None:
        return self._loaded.in_memory(address_of(name))

    def _has(self, name: str) -> bool:
        return self._journal.has(address_of(name))

    def change(self, world: str) -> UnkeptChange | None:
        return self._journal.change(address_of(world))

    @property
    def _is_closed(self) -> bool:
        """With a journal, the limit counts its worlds, not only those in memory."""
        return self._settings.when_full == "refuse" and self._journal.count() >= self._settings.max_worlds

    def check_fresh(self, address: str, prepared: Prepared) -> None:
        if self._journal.is_shared and address not in prepared.fresh:
            raise WorldUnchecked(address, lambda: self.refresh((address,)))

    async def refresh(self, addresses: Collection[str]) -> None:
        """Set aside what is behind the journal, also an advance of a server that has ended. Raises: JournalFailed."""
        await self._journal.refresh(addresses)
        for address in addresses:
            hosted = self._loaded.in_memory(address)
            if hosted is not None:
                await self._advances.look(hosted)

    def _check_kept(self, hosted: HostedWorld, since: World | None = None) -> None:
        address = address_of(hosted.world.name)
        if address in self._aside or (since or hosted.world) is not hosted.world:
            raise JournalConflict("Another server changed the world meanwhile; send the call again")
        super()._check_kept(hosted)

    def _unloaded(self, address: str) -> WorldUnloaded | None:
        return WorldUnloaded(lambda: self.load(address)) if self._journal.has(address) else None

    def look(self, address: str) -> None:
        """Raises: WorldUnloaded if the journal has a world of an address and memory has not."""
        self._loaded.get(address)

    async def load(self, address: str) -> None:
        """Bring a world of the journal back to memory. Raises: JournalFailed.

        Callers at the same time share it: a world that was read once more may have left memory, changed, meanwhile.
        """
        if address not in self._loading:
            self._loading[address] = get_running_loop().create_task(self._load_once(address))
        await shield(self._loading[address])

    async def _load_once(self, address: str) -> None:
        """Raises: JournalFailed."""
        try:
            await self._load(address)
        finally:
            del self._loading[address]

    async def _load(self, address: str) -> None:
        """Raises: JournalFailed."""
        if self._loaded.in_memory(address) is not None:
            return
        found = await self._journal.load(address)
        aside = self._aside.pop(address, None)
        if found is None or not self._journal.has(address):
            if aside is not None:
                self._forget(aside)
            return
        if aside is not None and aside.opening_id == found.opening:
            hosted = _brought_back(aside, found)
        else:
            if aside is not None:
                self._forget(aside)
            accounts = self._accounts.of(found.world.name)
            hosted = HostedWorld(found.world, found.log, found.last_at, found.opening, accounts, secrets=found.secrets)
        self._journal.attach(address, self._source(hosted))
        self._host(hosted)
        self._logs.weigh(hosted)
        if hosted.world.state.outbox.waiting:
            self._on_waiting(hosted)
        await self._advances.take_in(hosted, found.advancing)

    def look_at_waiting(self) -> None:
        """Go on with messages that wait, also where the journal's trouble has ended their deliveries."""
        for hosted in tuple(self._loaded.values()):
            if hosted.world.state.outbox.waiting:
                self._on_waiting(hosted)

    def _source(self, hosted: HostedWorld) -> Source:
        return (lambda: _shared_position(hosted, self.now())) if self._journal.is_shared else partial(_position, hosted)

    def lose(self, address: str) -> None:
        """Set a world aside that is not as the journal has it; it comes back as it is there."""
        if self._loaded.in_memory(address) is None:
            return
        hosted = self._loaded.pop(address)
        if self._journal.has(address):
            self._logs.forget(hosted)
            self._aside[address] = hosted
        else:
            self._forget(hosted)

    def restore_account(self, address: str, kept: StoredAccount | None) -> None:
        """Take over an account as the journal has it. Shape: address of its username."""
        username = kept.username if kept is not None else self._usernames.get(address)
        if username is not None:
            self._usernames[address] = username
            self._accounts.restore(username, None if kept is None else account_in(kept))

    def drop_untouched(self, age: timedelta) -> list[str]:
        """Drop the worlds in which nothing has happened for so long; return their names."""
        names = self._journal.untouched_since(self.now() - age)
        for name in names:
            hosted = self.in_memory(name)
            if hosted is not None:
                self._forget(self._loaded.pop(address_of(name)))
            self._accounts.forget(name)
            self._close(name)
        return names

    def drop(self, name: str) -> None:
        super().drop(name)
        self._close(name)

    def _close(self, name: str) -> None:
        address, real = address_of(name), self.now()
        self._journal.put_secrets(address, {}, real=real)
        self._journal.close_world(address, real=real)

    async def deliver(self, hosted: HostedWorld, delivery: Delivery, *, restarts: int) -> None:
        await self.until_done(
            hosted, lambda: super(JournalledWorlds, self).deliver(hosted, delivery, restarts=restarts)
        )

    async def until_done(self, hosted: HostedWorld, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        while True:
            try:
                await work()
                if self._journal.is_shared:
                    await self.until_kept(hosted.world.name)
                return
            except JournalConflict:
                await self._brought_back(hosted)
            except (WorldUnloaded, JournalFailed) as failed:
                raise WorldGone(f"The world {hosted.world.name!r:.60} has left memory") from failed

    async def _brought_back(self, hosted: HostedWorld) -> None:
        """Bring back a world that was set aside. Raises: WorldGone."""
        try:
            await self.load(address_of(hosted.world.name))
        except JournalFailed as failed:
            raise WorldGone(failed.text) from failed
        if self.in_memory(hosted.world.name) is not hosted:
            raise WorldGone(f"The world {hosted.world.name!r:.60} has left memory")

    async def may_deliver(self, hosted: HostedWorld) -> bool:
        """Take the right to deliver a world's messages, and take in what other servers did in it. Raises: WorldGone."""
        if not self._journal.is_shared:
            return True
        address = address_of(hosted.world.name)
        try:
            if not await self._journal.try_lock(address):
                return False
        except JournalFailed as failed:
            raise WorldGone(failed.text) from failed
        is_ready = False
        try:
            await self._journal.refresh((address,))
            await self._brought_back(hosted)
            is_ready = True
        except JournalConflict:
            return False
        except JournalFailed as failed:
            raise WorldGone(failed.text) from failed
        finally:
            if not is_ready:
                await self._journal.unlock(address)
        return True

    async def begin_advance(self, hosted: HostedWorld, to: datetime) -> None:
        await super().begin_advance(hosted, to)
        if self._journal.is_shared and not await self._advances.begin(hosted):
            raise advancing_to(hosted.advances_to or to)

    async def end_advance(self, hosted: HostedWorld) -> None:
        await super().end_advance(hosted)
        if hosted.advance_id:
            await self._advances.end(hosted)

    async def delivered(self, hosted: HostedWorld) -> None:
        """Leave the right to deliver a world's messages."""
        if self._journal.is_shared:
            await self._journal.unlock(address_of(hosted.world.name))

    def set_secrets(self, hosted: HostedWorld, secrets: dict[str, str]) -> None:
        super().set_secrets(hosted, secrets)
        self._journal.put_secrets(address_of(hosted.world.name), secrets, real=self.now())

    def _evicted(self, gone: HostedWorld) -> None:
        self._journal.forget(address_of(gone.world.name))

    def _account_changed(self, username: str, world: str, account: Account | None) -> None:
        kept, real = None if account is None else stored(account), self.now()
        self._usernames[address_of(username)] = username
        self._journal.put_account(address_of(username), kept, owner=address_of(world), real=real)

    def _add(self, new: BuiltWorld, real: datetime, *, username: str, base: WrittenBase | None = None) -> HostedWorld:
        hosted = super()._add(new, real, username=username, base=base)
        hosted.log = Log(new.world, max_entries=self._log_entries)
        opened = OpenedWorld(
            hosted.world.name, hosted.opening_id, hosted.world.state.seed, real, new.built_at, username, base
        )
        self._journal.open(address_of(hosted.world.name), opened, source=self._source(hosted))
        return hosted

    @asynccontextmanager
    async def _unovertaken(self, hosted: HostedWorld, row: Row) -> AsyncIterator[None]:
        """Claim the world for a command that may take long, once one was overtaken there.

        Raises: JournalFailed, WorldGone.
        """
        address = address_of(hosted.world.name)
        try:
            if address in self._overtaken and (row.sets_time or row.restarts):
                async with self._claimed(hosted):
                    yield
            else:
                yield
        except JournalConflict:
            self._overtaken.add(address)
            raise

    @asynccontextmanager
    async def _claimed(self, hosted: HostedWorld) -> AsyncIterator[None]:
        """Have a world for this server alone until what was done in the block is kept."""
        address = address_of(hosted.world.name)
        try:
            await self._claim(hosted)
            yield
            await self.until_kept(hosted.world.name)
            self._overtaken.discard(address)
        finally:
            await self._journal.unclaim(address)

    async def _claim(self, hosted: HostedWorld) -> None:
        for _ in range(CLAIM_ATTEMPTS):
            try:
                await self._journal.claim(address_of(hosted.world.name))
                break
            except JournalConflict:
                await self._brought_back(hosted)

    async def until_kept(self, world: str) -> None:
        try:
            await super().until_kept(world)
        except JournalConflict:
            self._overtaken.add(address_of(world))
            raise

    async def _base_of_fork(self, world: World) -> WrittenBase | None:
        return await _base_of(world)

    async def _base_after(self, hosted: HostedWorld, done: Done, entry: Command) -> WrittenBase | None:
        sets_back = done.world.clock != hosted.world.clock and done.world.clock.now(entry.real_at) < entry.at
        if done.log == "go_on" and entry.key != LOADING and not sets_back:
            return None
        return await _base_of(done.world)

    def _write(
        self,
        hosted: HostedWorld,
        entry: Entry,
        *,
        world: World,
        log: LogChange = "go_on",
        base: WrittenBase | None = None,
    ) -> Entry:
        is_change = world is not hosted.world or not isinstance(entry, Exchange)
        kept = super()._write(hosted, entry, world=world, log=log, base=base)
        cut_from = log.number if isinstance(log, Cut) else None
        turn = None if base is None else Turn(base, hosted.log.dropped + 1, cut_from)
        address = address_of(world.name)
        self._journal.write(address, kept, number=hosted.log.last, is_change=is_change, turn=turn)
        if self.outgoing is None and world.state.outbox.waiting:
            self._on_waiting(hosted)
        return kept


async def _base_of(world: World) -> WrittenBase:
    """Write a world whole in a thread. Raises: JournalFailed."""
    try:
        return await to_the_end(to_thread(write_base, world))
    except ValueError as error:
        raise JournalFailed(f"The world cannot be kept: {error!s:.200}") from error


def _position(hosted: HostedWorld) -> Position:
    log = hosted.log
    return Position(hosted.world, hosted.last_at, log.last + 1, log.dropped + 1)


def _shared_position(hosted: HostedWorld, real: datetime) -> Position:
    """As `_position`, with what other servers take in."""
    return _position(hosted)._replace(log=hosted.log.copy(), advancing=told_advance(hosted, real))


def _brought_back(hosted: HostedWorld, found: FoundWorld) -> HostedWorld:
    """Bring a world that was set aside in line with the journal."""
    last = hosted.log.last
    hosted.world, hosted.log, hosted.last_at, hosted.secrets = found.world, found.log, found.last_at, found.secrets
    hosted.weighed = 0
    hosted.restarts += found.log.last < last or any(_restarts(entry) for _, entry in found.log.after(last))
    hosted.changed.wake_all()
    return hosted


def _restarts(entry: Entry) -> bool:
    return isinstance(entry, Command) and ROW_OF[entry.key].restarts
