"""The worlds of a server: opens them, carries out calls and commands in them, and drops them."""

from asyncio import to_thread
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from itertools import count
from secrets import randbits, token_urlsafe
from typing import Any, NamedTuple

from mockaxle.contract.document import Operation
from mockaxle.core.accounts import Grant
from mockaxle.core.clock import Clock, system_clock
from mockaxle.core.errors import StaleToken, TooManyNewWorlds, WorldsFull
from mockaxle.core.falling_due import much_is_due
from mockaxle.core.limits import MAX_USERNAME, MAX_WORLD_ACCOUNTS
from mockaxle.core.timestamps import spell_utc
from mockaxle.scenarios.building import Blueprint
from mockaxle.scenarios.sections import AccountSection
from mockaxle.server.surface import Surface
from mockaxle.serving.accounts import Accounts, LogIn, account_of
from mockaxle.serving.bearers import Bearers
from mockaxle.serving.catching_up import WorldBehind, catch_up
from mockaxle.serving.credentials import address_of
from mockaxle.serving.hosted_world import Account, HostedWorld, LogBudget, in_place_of, keep
from mockaxle.serving.hosted_worlds import HostedWorlds
from mockaxle.serving.masking import without_secrets
from mockaxle.serving.new_worlds import NewWorlds
from mockaxle.serving.openings import Openings
from mockaxle.serving.outgoing import Outgoing
from mockaxle.serving.passwords import Passwords
from mockaxle.serving.past import LoggedPast
from mockaxle.serving.settings import DEFAULT_SETTINGS, ServerSettings
from mockaxle.serving.waiting import to_the_end
from mockaxle.world.commands.done import Cut, Done, LogChange, Moment
from mockaxle.world.commands.refusals import (
    ClockAdvancing,
    EntryNotKept,
    TooManyAccounts,
    TooManyForks,
    TooManyWorlds,
    UsernameTaken,
    WorldAccountsFull,
    WorldGone,
)
from mockaxle.world.commands.row import Row
from mockaxle.world.commands.snapshots import forked
from mockaxle.world.delivering import DoesNotFollow, deliver
from mockaxle.world.entries import Delivery, Entry, Exchange, Held, Principal, Request, Wait
from mockaxle.world.log import Log
from mockaxle.world.value import Asked, Served, World, WorldBusy

MAX_FORKED = MAX_USERNAME - len("-fork-1000000")
OPENING_ID_BITS = 40


class Checks(NamedTuple):
    """What a command's caller may do. Shape: each raises if an account may not be added, or the world be changed."""

    account: Callable[[AccountSection], None] = lambda section: None
    world: Callable[[HostedWorld], None] = lambda hosted: None


ALL_ALLOWED = Checks()


class Admitted(NamedTuple):
    """A call with its caller. Shape: grant is that of the token, None during a log-in."""

    principal: Principal
    grant: Grant | None
    operation: Operation
    request: Request


class Worlds:
    """Opens worlds by password and writes their logs; `bearers` finds them by token.

    `on_drop` is called with the name of each world that is dropped for another; `dropped` is their number. `outgoing`
    delivers messages, once there is a receiver; `on_delivery` is called with each attempt.
    """

    def __init__(
        self,
        *,
        surface: Surface,
        blueprint: Blueprint,
        settings: ServerSettings = DEFAULT_SETTINGS,
        clock: Clock = system_clock,
        on_drop: Callable[[str], None] = lambda name: None,
        on_delivery: Callable[[Delivery], None] | None = None,
    ) -> None:
        self._surface = surface
        self._new_worlds = NewWorlds(blueprint, clock, server_seed=settings.seed)
        self._settings = settings
        self._clock = clock
        self._on_drop = on_drop
        self._on_delivery = on_delivery
        self._passwords = Passwords()
        self._hosted = HostedWorlds(settings.max_worlds)
        self.bearers = Bearers(self._hosted, key=settings.signing_key)
        listed, shared = blueprint.scenario.accounts, settings.is_shared
        self._accounts = Accounts(self._passwords, clock, listed=listed, limit=settings.max_accounts, is_shared=shared)
        self._openings = Openings(settings.new_worlds_per_minute if settings.is_shared else None)
        self.dropped = 0
        self.outgoing: Outgoing | None = None
        self._logs = LogBudget()

    def now(self) -> datetime:
        """Return the machine's instant."""
        return self._clock()

    def log_in(self, attempt: LogIn) -> Principal:
        """Log in: return the account's principal, and open its world if it is new.

        Raises: WrongPassword, PasswordNotKept, NotOpened, PasswordUnhashed, WorldUnbuilt. Source: A2, T5.
        """
        world = self._accounts.world_of(attempt)
        is_new = world is not None and self.find(world) is None
        if world is not None and is_new:
            self._check_opening(attempt, world)
        account = self._accounts.checked(attempt)
        if is_new:
            self._open(attempt, account.world)
        if self._accounts.get(account.username) is None:
            self._accounts.put(account)
        return Principal(account.world, account.username, None, account.roles)

    def _check_opening(self, attempt: LogIn, name: str) -> None:
        """Raises: WorldsFull, TooManyNewWorlds."""
        if self._is_closed:
            raise WorldsFull(self._settings.max_worlds)
        seconds = self._openings.retry_after(attempt.peer, now=self._clock().timestamp())
        if seconds and not self._is_counted(attempt, name):
            raise TooManyNewWorlds(self._settings.new_worlds_per_minute, seconds)

    def _is_counted(self, attempt: LogIn, name: str) -> bool:
        """Tell whether a world was counted as opened, before it was built aside."""
        return attempt.prepared.world is not None or self._new_worlds.is_awaited(name)

    @property
    def _is_closed(self) -> bool:
        """Tell whether no further world may be opened."""
        return self._settings.when_full == "refuse" and self._hosted.is_full

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
            asked = self._asked(hosted, admitted._replace(grant=grant), request)
            served = await to_the_end(to_thread(self._surface.serve, hosted.world, asked))
            if self.find(who.world) is not hosted:
                raise StaleToken()
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

    def _write(self, hosted: HostedWorld, entry: Entry, *, world: World, log: LogChange = "go_on") -> None:
        keep(hosted, entry, world=world, log=log)
        self._logs.weigh(hosted)
        if self.outgoing is not None:
            self.outgoing.look(hosted)

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
        async with hosted.turn:
            self._check_kept(hosted)
            checks.world(hosted)
            done, entry = await to_the_end(to_thread(row.carry_out, hosted.world, body, self._moment(hosted, path)))
            self._check_kept(hosted)
            self._check_new(hosted, made)
            self._check_uncut(hosted, done)
            self._write(hosted, entry, world=done.world, log=done.log)
            hosted.restarts += row.restarts
            hosted.stands_at = None if row.sets_time else hosted.stands_at
            for account in made:
                self._accounts.put(in_place_of(hosted, account, keep=self._settings.is_shared))
            return done.answer

    def _moment(self, hosted: HostedWorld, path: Mapping[str, str]) -> Moment:
        real = self._clock()
        return Moment(hosted.instant(real), real, path, self.past(hosted), hosted.advancing_to is not None)

    def past(self, hosted: HostedWorld) -> LoggedPast:
        """Return what finds a world before an entry of its log."""
        return LoggedPast(self._surface, tuple(hosted.log.chunks))

    def check_clock(self, hosted: HostedWorld) -> None:
        """Check that the clock is not advancing step by step. Raises: ClockAdvancing. Source: N13."""
        if hosted.advancing_to is not None:
            raise ClockAdvancing(f"The clock is advancing to {spell_utc(hosted.advancing_to)}, with its deliveries")

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
        real = self._clock()
        copy = partial(forked, hosted.world, username, snapshot=snapshot, at=hosted.instant(real), real_at=real)
        world = await to_the_end(to_thread(copy))
        self._check_kept(hosted)
        self.check_clock(hosted)
        self._check_fork(username, opener=opener)
        self._add(world, real)
        self._accounts.put(Account(username, username, password_hash=hashed))
        if opener is not None:
            self._openings.count(opener, now=self._clock().timestamp())
        return username, password

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
        return next(name for n in count(1) if self._is_free(name := f"{parent[:MAX_FORKED]}-fork-{n}"))

    def _check_kept(self, hosted: HostedWorld) -> None:
        """Raises: WorldGone."""
        if self._hosted.get(address_of(hosted.world.name)) is not hosted:
            raise WorldGone(f"The world {hosted.world.name!r:.60} is no longer kept")

    def use(self, name: str) -> HostedWorld:
        """Return a world and mark it as used. Raises: KeyError."""
        return self._hosted.use(address_of(name), by_log_in=False)

    async def add_account(self, name: str, section: AccountSection) -> None:
        """Add an account to a world. Without a password it accepts any.

        Raises: KeyError, UsernameTaken, TooManyAccounts, WorldAccountsFull, WorldGone.
        """
        hosted = self.use(name)
        self._check_further(hosted, section.username)
        hashed = await self._hashed_aside(section.password, name)
        self._check_kept(hosted)
        self._check_further(hosted, section.username)
        self._accounts.put(account_of(section, hosted.world.name, hashed=hashed))

    def _check_further(self, hosted: HostedWorld, *usernames: str) -> None:
        """Check usernames that are new to a world. Raises: WorldAccountsFull, UsernameTaken, TooManyAccounts."""
        has = len(hosted.accounts)
        if has + len(usernames) > MAX_WORLD_ACCOUNTS:
            raise WorldAccountsFull(f"The world has {has} accounts; at most {MAX_WORLD_ACCOUNTS} are allowed")
        self._check_free(*usernames)

    def _check_free(self, *usernames: str) -> None:
        """Raises: UsernameTaken, TooManyAccounts."""
        for username in usernames:
            if not self._is_free(username):
                raise UsernameTaken(f"The username {username!r:.60} already has a world")
        self._check_room(len(usernames))

    def _check_room(self, count: int = 1) -> None:
        """Raises: TooManyAccounts."""
        if not self._accounts.has_room(count):
            raise TooManyAccounts(f"The mock already has {self._settings.max_accounts} accounts")

    def _is_free(self, username: str) -> bool:
        return self._accounts.get(username) is None and self.find(username) is None

    async def _hashed_aside(self, password: str | None, world: str) -> bytes | None:
        """Hash a password, for each world one at a time."""
        return await self._passwords.hashed_aside(password, peer=f"world {world}") if password is not None else None

    def names(self) -> tuple[str, ...]:
        """Return the names of the worlds, longest unused first."""
        return tuple(hosted.world.name for hosted in self._hosted.values())

    def drop(self, name: str) -> None:
        """Drop a world with its accounts and tokens, even if only the accounts are left. Raises: KeyError."""
        hosted = self.find(name)
        if hosted is not None:
            self._forget(self._hosted.pop(address_of(name)))
            self._accounts.forget(name)
        elif not self._accounts.forget(name):
            raise KeyError(name)

    def _forget(self, gone: HostedWorld) -> None:
        self._logs.forget(gone)
        if self.outgoing is not None:
            self.outgoing.forget(gone)

    def find(self, name: str) -> HostedWorld | None:
        return self._hosted.get(address_of(name)) if len(name) <= MAX_USERNAME else None

    def __len__(self) -> int:
        return len(self._hosted)

    def _open(self, attempt: LogIn, name: str) -> None:
        """Raises: WorldUnbuilt."""
        real = self._clock()
        if not self._is_counted(attempt, name):
            self._openings.count(attempt.peer, now=real.timestamp())
        world = self._new_worlds.world(name, real=real, built=attempt.prepared.world, peer=attempt.peer)
        self._add(world, real)

    def _add(self, world: World, real: datetime) -> None:
        """Add a new world, and drop another if there are too many."""
        accounts = self._accounts.of(world.name)
        hosted = HostedWorld(world, Log(world), world.clock.now(real), randbits(OPENING_ID_BITS), accounts)
        gone = self._hosted.add(address_of(world.name), hosted)
        if gone is not None:
            self.dropped += 1
            self._forget(gone)
            self._accounts.world_dropped(gone.world.name)
            self._on_drop(gone.world.name)
