"""The worlds of a server: carries out calls and commands in them."""

from asyncio import to_thread
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import partial
from itertools import count
from secrets import token_urlsafe
from typing import Any

from mockaxle.core.errors import StaleToken
from mockaxle.core.falling_due import much_is_due
from mockaxle.core.limits import MAX_USERNAME
from mockaxle.core.timestamps import spell_utc
from mockaxle.scenarios.sections import AccountSection
from mockaxle.serving.accounts import account_of
from mockaxle.serving.admission import ALL_ALLOWED, Admitted, Checks
from mockaxle.serving.catching_up import WorldBehind, catch_up
from mockaxle.serving.credentials import address_of
from mockaxle.serving.hosted_world import Account, HostedWorld, in_place_of, keep
from mockaxle.serving.journalling import UnkeptChange
from mockaxle.serving.masking import without_secrets
from mockaxle.serving.new_worlds import BuiltWorld
from mockaxle.serving.open_worlds import OpenWorlds
from mockaxle.serving.past import LoggedPast
from mockaxle.serving.waiting import to_the_end
from mockaxle.world.base_form import WrittenBase
from mockaxle.world.commands.done import Cut, Done, LogChange, Moment
from mockaxle.world.commands.refusals import (
    ClockAdvancing,
    EntryNotKept,
    TooManyForks,
    TooManyWorlds,
)
from mockaxle.world.commands.row import Row
from mockaxle.world.commands.snapshots import forked
from mockaxle.world.delivering import DoesNotFollow, deliver
from mockaxle.world.entries import Command, Delivery, Entry, Exchange, Held, Request, Wait
from mockaxle.world.value import Asked, Served, World, WorldBusy

MAX_FORKED = MAX_USERNAME - len("-fork-1000000")


class Worlds(OpenWorlds):
    """Serves calls and carries out commands in open worlds, and writes their logs."""

    def perform(self, admitted: Admitted) -> Exchange | Held:
        """Serve a call in the world of its principal, and log it; instants never go back.

        Raises: WorldBusy, WorldBehind.
        """
        who = admitted.principal
        hosted = self._hosted.use(address_of(who.world), by_log_in=who.token is None)
        if hosted.turn.locked():
            raise WorldBusy(hosted.turn)
        asked = self._asked(hosted, admitted, without_secrets(admitted.operation, admitted.request))
        if much_is_due(hosted.world.state, now=asked.at):
            raise WorldBehind(hosted, now=asked.at)
        return self._keep(hosted, asked, self._surface.serve(hosted.world, asked))

    async def perform_aside(self, admitted: Admitted) -> Exchange | Held:
        """As `perform`, in a thread and in this world's turn, while other worlds are served. Raises: StaleToken."""
        who = admitted.principal
        hosted = self._hosted.use(address_of(who.world), by_log_in=who.token is None)
        async with hosted.turn:
            request = await to_the_end(to_thread(without_secrets, admitted.operation, admitted.request))
            grant = None if who.token is None else hosted.world.tokens.grants.get(who.token)
            asked, world = self._asked(hosted, admitted._replace(grant=grant), request), hosted.world
            served = await to_the_end(to_thread(self._surface.serve, world, asked))
            if self.find(who.world) is not hosted:
                raise StaleToken()
            self._check_kept(hosted, since=world)
            return self._keep(hosted, asked, served)

    def _asked(self, hosted: HostedWorld, admitted: Admitted, request: Request) -> Asked:
        real = self._clock()
        return Asked(hosted.instant(real), real, admitted.principal, admitted.grant, admitted.operation, request)

    def _keep(self, hosted: HostedWorld, asked: Asked, served: Served) -> Exchange | Held:
        at, real_at, principal, _, operation, request = asked
        call = (at, real_at, principal, operation.key, request)
        answer = served.response
        entry = Held(*call, answer) if isinstance(answer, Wait) else Exchange(*call, answer)
        self._write(hosted, entry, world=served.world)
        return entry

    def _write(
        self,
        hosted: HostedWorld,
        entry: Entry,
        *,
        world: World,
        log: LogChange = "go_on",
        base: WrittenBase | None = None,
    ) -> Entry:
        """Write an entry, and return it as it is kept. `base` is the world after it, if that was written whole."""
        kept = keep(hosted, entry, world=world, log=log)
        self._logs.weigh(hosted)
        if self.outgoing is not None:
            self.outgoing.look(hosted)
        return kept

    def change(self, world: str) -> UnkeptChange | None:
        """Return the last change of a world that is not yet durable; None if all are, and without a journal."""
        return None

    async def until_kept(self, world: str) -> None:
        """Wait until all changes of a world are durable. Raises: JournalFailed."""
        change = self.change(world)
        if change is not None:
            await change.kept()

    async def until_done(self, hosted: HostedWorld, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Do a work in a world; again if another server has changed the world meanwhile. Raises: WorldGone."""
        await work()

    async def may_deliver(self, hosted: HostedWorld) -> bool:
        """Take the right to deliver a world's messages, if no other server has it. Raises: WorldGone."""
        return True

    async def delivered(self, hosted: HostedWorld) -> None:
        """Leave the right to deliver a world's messages."""

    async def begin_advance(self, hosted: HostedWorld, to: datetime) -> None:
        """Begin to advance a world's clock step by step. Raises: WorldGone, ClockAdvancing."""
        hosted.advancing_to = to

    async def end_advance(self, hosted: HostedWorld) -> None:
        """End a stepwise advance."""
        hosted.stands_at = hosted.advancing_to = None

    async def deliver(self, hosted: HostedWorld, delivery: Delivery, *, restarts: int) -> None:
        """Log a delivery, at the present instant, unless the world has restarted or its message has changed meanwhile.

        Shape: restarts is the world's number of them when the attempt began. Raises: WorldGone.
        """
        await catch_up(hosted, now=hosted.instant(self._clock()))
        async with hosted.turn:
            self._check_kept(hosted)
            if hosted.restarts != restarts:
                return
            real = self._clock()
            delivery = delivery._replace(at=hosted.instant(real), real_at=real)
            with suppress(DoesNotFollow):
                self._write(hosted, delivery, world=deliver(hosted.world, delivery))
        if self._on_delivery is not None:
            self._on_delivery(delivery)

    async def carry_out(
        self, hosted: HostedWorld, row: Row, *, body: Any, path: Mapping[str, str], checks: Checks = ALL_ALLOWED
    ) -> Mapping[str, Any]:
        """Carry out a command in a thread, log it, and return its answer, while other worlds are served.

        Its new accounts are added to the world, or nothing is done at all.
        Raises: CommandRefused, and errors of `checks`.
        """
        self._check_kept(hosted)
        self._hosted.use(address_of(hosted.world.name), by_log_in=False)
        made = await self._made(hosted, row.accounts(body), checks)
        async with hosted.turn, self._unovertaken(hosted, row):
            self._check_kept(hosted)
            checks.world(hosted)
            world = hosted.world
            done, entry = await to_the_end(to_thread(row.carry_out, world, body, self._moment(hosted, path)))
            base = await self._base_after(hosted, done, entry)
            self._check_kept(hosted, since=world)
            self._check_new(hosted, made)
            self._check_uncut(hosted, done)
            self._write(hosted, entry, world=done.world, log=done.log, base=base)
            hosted.restarts += row.restarts
            hosted.stands_at = None if row.sets_time else hosted.stands_at
            for account in made:
                self._accounts.put(in_place_of(hosted, account, keep=self._settings.is_shared))
            return done.answer

    @asynccontextmanager
    async def _unovertaken(self, hosted: HostedWorld, row: Row) -> AsyncIterator[None]:
        """Carry out a command in the block, so that no other server overtakes it again and again."""
        yield

    async def _base_after(self, hosted: HostedWorld, done: Done, entry: Command) -> WrittenBase | None:
        """Write a command's world whole, if a journal needs it; None without one."""
        return None

    def _moment(self, hosted: HostedWorld, path: Mapping[str, str]) -> Moment:
        real = self._clock()
        return Moment(hosted.instant(real), real, path, self.past(hosted), hosted.advances_to is not None)

    def past(self, hosted: HostedWorld) -> LoggedPast:
        """Return what finds a world before an entry of its log."""
        return LoggedPast(self._surface, tuple(hosted.log.chunks))

    def check_clock(self, hosted: HostedWorld) -> None:
        """Check that the clock is not advancing step by step. Raises: ClockAdvancing. Source: N13."""
        if hosted.advances_to is not None:
            raise advancing_to(hosted.advances_to)

    async def _made(self, hosted: HostedWorld, sections: Sequence[AccountSection], checks: Checks) -> list[Account]:
        """Make the accounts to add, with hashed passwords. Raises: CommandRefused, and errors of `checks`."""
        for one in sections:
            if one.username not in hosted.accounts:
                checks.account(one)
        self._check_new(hosted, sections)
        name = hosted.world.name
        return [account_of(one, name, hashed=await self._hashed_aside(one.password, name)) for one in sections]

    def _check_new(self, hosted: HostedWorld, accounts: Iterable[Account | AccountSection]) -> None:
        """Raises: WorldAccountsFull, UsernameTaken, TooManyAccounts."""
        self._check_further(hosted, *(one.username for one in accounts if one.username not in hosted.accounts))

    def _check_uncut(self, hosted: HostedWorld, done: Done) -> None:
        """Raises: EntryNotKept if the log has meanwhile dropped the entry at which to cut."""
        if isinstance(done.log, Cut) and hosted.log.dropped >= done.log.number:
            raise EntryNotKept(f"The entry {done.log.number} is no longer kept")

    async def fork(
        self, name: str, *, snapshot: str | None, username: str | None, keeper: str | None = None, peer: str = ""
    ) -> tuple[str, str]:
        """Open a world with a snapshot's state, or the present one; return its account's username and password.

        A made name begins with the keeper's name, whose forks keep their passwords, else with the world's. A keeper's
        forks count as worlds opened by its peer.
        Raises: SnapshotUnknown, UsernameTaken, TooManyAccounts, TooManyWorlds, TooManyForks, WorldGone, KeyError.
        """
        await self.until_kept(name)
        hosted = self.use(name)
        self.check_clock(hosted)
        opener = None if keeper is None else peer or f"keeper {keeper}"
        self._check_fork(username, opener=opener)
        password = token_urlsafe(16)
        keeps = self._settings.is_shared or keeper is not None
        hashed = await self._hashed_aside(password, name) if keeps else None
        self._check_kept(hosted)
        self._check_fork(username, opener=opener)
        username = username or self._fork_name(keeper or name)
        self._forking.add(username)
        try:
            await self._add_fork(hosted, username, snapshot=snapshot, opener=opener)
        finally:
            self._forking.discard(username)
        self._accounts.put(Account(username, username, password_hash=hashed))
        if opener is not None:
            self._openings.count(opener, now=self._clock().timestamp())
        await self.until_kept(username)
        return username, password

    async def _add_fork(self, hosted: HostedWorld, name: str, *, snapshot: str | None, opener: str | None) -> None:
        real = self._clock()
        copy = partial(forked, hosted.world, name, snapshot=snapshot, at=hosted.instant(real), real_at=real)
        world = await to_the_end(to_thread(copy))
        base = await self._base_of_fork(world)
        self._check_kept(hosted)
        self.check_clock(hosted)
        self._check_fork(name, opener=opener)
        self._add(BuiltWorld(world, real), real, username=name, base=base)

    async def _base_of_fork(self, world: World) -> WrittenBase | None:
        """Write a fork whole, if a journal needs it; None without one."""
        return None

    def _check_fork(self, username: str | None, *, opener: str | None) -> None:
        """Raises: TooManyWorlds, TooManyForks, UsernameTaken, TooManyAccounts."""
        if self._is_closed:
            raise TooManyWorlds(f"The mock already has {self._settings.max_worlds} worlds")
        seconds = self._openings.retry_after(opener, now=self._clock().timestamp()) if opener is not None else 0
        if seconds:
            raise TooManyForks(self._settings.new_worlds_per_minute, seconds)
        if username is not None:
            self._check_free(username)
        self._check_room()

    def _fork_name(self, parent: str) -> str:
        """Return a free name. Forks on their way have theirs already."""
        names = (f"{parent[:MAX_FORKED]}-fork-{n}" for n in count(1))
        return next(name for name in names if name not in self._forking and self._is_free(name))


def advancing_to(instant: datetime) -> ClockAdvancing:
    return ClockAdvancing(f"The clock is advancing to {spell_utc(instant)}, with its deliveries")
