"""The open worlds of a server, with their accounts: opens and drops them."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from secrets import randbits

from mockaxle.core.clock import Clock, system_clock
from mockaxle.core.errors import TooManyNewWorlds, WorldsFull
from mockaxle.core.limits import MAX_USERNAME, MAX_WORLD_ACCOUNTS
from mockaxle.scenarios.building import Blueprint
from mockaxle.scenarios.sections import AccountSection
from mockaxle.server.surface import Surface
from mockaxle.serving.accounts import Accounts, LogIn, OnAccount, Prepared, account_of
from mockaxle.serving.bearers import Bearers
from mockaxle.serving.credentials import address_of
from mockaxle.serving.hosted_world import HostedWorld, LogBudget
from mockaxle.serving.hosted_worlds import HostedWorlds
from mockaxle.serving.new_worlds import BuiltWorld, NewWorlds
from mockaxle.serving.openings import Openings
from mockaxle.serving.outgoing import Outgoing
from mockaxle.serving.passwords import Passwords
from mockaxle.serving.settings import DEFAULT_SETTINGS, ServerSettings
from mockaxle.world.base_form import WrittenBase
from mockaxle.world.commands.refusals import (
    TooManyAccounts,
    UsernameTaken,
    WorldAccountsFull,
    WorldGone,
)
from mockaxle.world.entries import Delivery, Principal
from mockaxle.world.log import Log
from mockaxle.world.value import World

OPENING_ID_BITS = 40


class OpenWorlds:
    """Opens worlds by password, and drops them; `bearers` finds them by token.

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
        hosted: HostedWorlds | None = None,
        on_account: OnAccount = lambda username, world, account: None,
    ) -> None:
        self._surface = surface
        self._new_worlds = NewWorlds(blueprint, clock, server_seed=settings.seed)
        self._settings = settings
        self._clock = clock
        self._on_drop = on_drop
        self._on_delivery = on_delivery
        self._passwords = Passwords(settings.signing_key)
        self._hosted = HostedWorlds(settings.max_worlds) if hosted is None else hosted
        self.bearers = Bearers(self._hosted, key=settings.signing_key)
        listed, shared = blueprint.scenario.accounts, settings.is_shared
        make = partial(Accounts, self._passwords, clock, limit=settings.max_accounts)
        self._accounts = make(listed=listed, is_shared=shared, on_change=on_account)
        self._openings = Openings(settings.new_worlds_per_minute if settings.is_shared else None)
        self.dropped = 0
        self.outgoing: Outgoing | None = None
        self._logs = LogBudget()
        self._forking: set[str] = set()

    def now(self) -> datetime:
        """Return the machine's instant."""
        return self._clock()

    def log_in(self, attempt: LogIn) -> Principal:
        """Log in: return the account's principal, and open its world if it is new.

        Raises: WrongPassword, PasswordNotKept, NotOpened, PasswordUnhashed, WorldUnbuilt. Source: A2, T5.
        """
        self.check_fresh(address_of(attempt.username), attempt.prepared)
        world = self._accounts.world_of(attempt)
        if world is not None:
            self.check_fresh(address_of(world), attempt.prepared)
        is_new = world is not None and self.find(world) is None
        if world is not None and is_new:
            self._check_opening(attempt, world)
        account = self._accounts.checked(attempt)
        if is_new:
            self._open(attempt, account.world)
        if self._accounts.get(account.username) is None:
            self._accounts.put(account)
        return Principal(account.world, account.username, None, account.roles)

    def check_fresh(self, address: str, prepared: Prepared) -> None:
        """Raises: WorldUnchecked, with a journal that other servers write, unless it was asked during this call."""

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

    def _check_kept(self, hosted: HostedWorld, since: World | None = None) -> None:
        """Check that a world is the one that it was, and has not changed `since`. Raises: WorldGone."""
        if self._hosted.get(address_of(hosted.world.name)) is not hosted or (since or hosted.world) is not hosted.world:
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
        return self._accounts.get(username) is None and not self._has(username)

    def _has(self, name: str) -> bool:
        """Tell whether there is a world of a name."""
        return self.find(name) is not None

    async def _hashed_aside(self, password: str | None, world: str) -> bytes | None:
        """Hash a password, for each world one at a time."""
        return await self._passwords.hashed_aside(password, peer=f"world {world}") if password is not None else None

    def in_memory(self, name: str) -> HostedWorld | None:
        """Return a world if it is in memory."""
        return self.find(name)

    def names(self) -> tuple[str, ...]:
        """Return the names of the worlds, longest unused first, or in order with a journal."""
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

    def find_at(self, address: str) -> HostedWorld | None:
        return self._hosted.get(address)

    def __len__(self) -> int:
        return len(self._hosted)

    def _open(self, attempt: LogIn, name: str) -> None:
        """Raises: WorldUnbuilt."""
        real = self._clock()
        if not self._is_counted(attempt, name):
            self._openings.count(attempt.peer, now=real.timestamp())
        new = self._new_worlds.world(name, real=real, built=attempt.prepared.world, peer=attempt.peer)
        self._add(new, real, username=attempt.username)

    def _add(self, new: BuiltWorld, real: datetime, *, username: str, base: WrittenBase | None = None) -> HostedWorld:
        """Add a new world, and drop another if there are too many. `base` is a world that no scenario makes again."""
        world, accounts = new.world, self._accounts.of(new.world.name)
        hosted = HostedWorld(world, Log(world), world.clock.now(real), randbits(OPENING_ID_BITS), accounts)
        self._host(hosted)
        return hosted

    def _host(self, hosted: HostedWorld) -> None:
        gone = self._hosted.add(address_of(hosted.world.name), hosted)
        if gone is not None:
            self._forget(gone)
            self._evicted(gone)

    def _evicted(self, gone: HostedWorld) -> None:
        """Take note of a world that was dropped for another."""
        self.dropped += 1
        self._accounts.world_dropped(gone.world.name)
        self._on_drop(gone.world.name)

    def set_secrets(self, hosted: HostedWorld, secrets: dict[str, str]) -> None:
        """Set the secrets of a world's receivers by name."""
        hosted.secrets = secrets
