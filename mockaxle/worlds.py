"""The worlds of a server and who may enter them."""

from asyncio import to_thread
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import count
from secrets import token_urlsafe
from typing import Any

from mockaxle.clock import Clock, system_clock
from mockaxle.commands.carrying import carry_out
from mockaxle.commands.done import Done
from mockaxle.commands.refusals import EntryNotKept, TooManyAccounts, UsernameTaken, WorldGone
from mockaxle.commands.snapshots import find_snapshot, restored
from mockaxle.commands.snapshots import snapshot as take
from mockaxle.core.accounts import ORGANISATION, ROLES_OF
from mockaxle.core.errors import NotAuthenticated, StaleToken, WrongPassword
from mockaxle.credentials import FULL, LIMITED, Credentials, Named, address_of
from mockaxle.exchange import (
    BASE_MARK,
    TOKEN_MARK,
    Command,
    Entry,
    Exchange,
    Principal,
    Request,
    Response,
    without_secrets,
)
from mockaxle.limits import MAX_ACCOUNTS, MAX_USERNAME
from mockaxle.log import Log
from mockaxle.scenarios.building import Blueprint
from mockaxle.scenarios.sections import AccountSection
from mockaxle.settings import MAX_WORLDS
from mockaxle.slot import Account, LogBudget, Slot, finish
from mockaxle.token_records import dump_tokens
from mockaxle.waiting import to_the_end
from mockaxle.world import Apply, World, WorldBusy

REFUSED_PASSWORD = "wrong"
PROVEN_TOKENS = 1000
MAX_FORKED = MAX_USERNAME - len("-fork-1000000")


class Worlds:
    """Finds a world by credential and keeps what happens in it.

    Beyond `max_worlds` the longest unused goes, and `on_drop` is told its name.
    Where the scenario lists accounts, no others are let in but those that control adds. With `keep_passwords` the
    password that first opened an account is needed ever after. `_guests` are the accounts of a world of another name.
    """

    def __init__(
        self,
        *,
        apply: Apply,
        blueprint: Blueprint,
        seed: str,
        clock: Clock = system_clock,
        max_worlds: int = MAX_WORLDS,
        keep_passwords: bool = False,
        on_drop: Callable[[str], None] = lambda name: None,
    ) -> None:
        self._apply = apply
        self._blueprint = blueprint
        self._seed = seed
        self._clock = clock
        self._max_worlds = max_worlds
        self._keep_passwords = keep_passwords
        self._on_drop = on_drop
        self._credentials = Credentials()
        self._slots: OrderedDict[str, Slot] = OrderedDict()
        accounts = (self._made(section, section.world or section.username) for section in blueprint.scenario.accounts)
        self._table = {account.username: account for account in accounts}
        self._guests = {account.username: account.world for account in self._table.values()}
        self._opened = 0
        self._logs = LogBudget()

    def now(self) -> datetime:
        """The machine's instant."""
        return self._clock()

    def log_in(self, username: str, password: str) -> Principal:
        """The account's principal, its world opened where it is new. Raises: WrongPassword. Source: A2."""
        if password in ("", REFUSED_PASSWORD):
            raise WrongPassword()
        account = self._account(username) or self._newcomer(username, password)
        if not self._credentials.fits(password, account.password_hash):
            raise WrongPassword()
        self._open(account.world).accounts[username] = account
        return Principal(account.world, username, None, account.roles)

    def _account(self, username: str) -> Account | None:
        slot = self._slots.get(address_of(self._guests.get(username, username)))
        return slot.accounts.get(username) if slot else self._table.get(username)

    def _newcomer(self, username: str, password: str) -> Account:
        """Raises: WrongPassword."""
        if self._table:
            raise WrongPassword()
        return Account(username, username, password_hash=self._kept_hash(password))

    def authenticate(self, authorization: bytes | None) -> Principal:
        """The principal of a bearer token. Raises: NotAuthenticated, StaleToken. Source: A3, E2."""
        slot, number = self._token(authorization)
        grant = slot.world.tokens.grants.get(number)
        if grant is None:
            raise StaleToken()
        return Principal(slot.world.name, grant.username, number)

    def owner(self, authorization: bytes | None) -> str:
        """The world that gave a full account its bearer token, be it expired: in control the clock can be changed.

        Raises: NotAuthenticated, StaleToken, also for a component's, Home Assistant's and a read-only token.
        """
        slot, _ = self._token(authorization, prefixes=(FULL,))
        return slot.world.name

    def perform(self, principal: Principal, request: Request) -> Exchange:
        """Applies a request to the principal's world and logs it; instants never go back. Raises: WorldBusy."""
        slot = self._idle(principal.world)
        asked = self._asked(slot, principal, request)
        return self._keep(slot, asked, applied=self._apply(slot.world, asked))

    async def perform_aside(self, principal: Principal, request: Request) -> Exchange:
        """The same in a thread: other worlds are served, this one's calls wait. Raises: WorldBusy, StaleToken."""
        slot = self._idle(principal.world)
        async with slot.turn:
            asked = self._asked(slot, principal, request)
            applied = await to_the_end(to_thread(self._apply, slot.world, asked))
            if self.find(principal.world) is not slot:
                raise StaleToken()
            return self._keep(slot, asked, applied=applied)

    def _idle(self, name: str) -> Slot:
        """Raises: WorldBusy."""
        slot = self._used(name)
        if slot.turn.locked():
            raise WorldBusy(slot.turn)
        return slot

    def _asked(self, slot: Slot, principal: Principal, request: Request) -> Exchange:
        slot.last_at = max(slot.world.clock.now(self._clock()), slot.last_at)
        return Exchange(slot.last_at, principal, without_secrets(request), Response(0))

    def _keep(self, slot: Slot, asked: Exchange, *, applied: tuple[World, Response]) -> Exchange:
        before = slot.world
        slot.world, response = applied
        exchange = Exchange(asked.at, asked.principal, asked.request, response)
        slot.log.append(exchange, before=before)
        self._logs.weigh(slot)
        return exchange

    def command(self, name: str, command: str, *, arguments: dict[str, Any]) -> dict[str, Any]:
        """Carries out a command in a world and logs it; its answer. Raises: CommandRefused, KeyError."""
        slot = self._used(name)
        entry = self._entry(slot, command, arguments)
        return self._finish(slot, entry, done=carry_out(slot.world, entry))

    def _finish(self, slot: Slot, entry: Command, *, done: Done) -> dict[str, Any]:
        answer = finish(slot, entry, done=done)
        self._logs.weigh(slot)
        return answer

    async def command_aside(
        self,
        name: str,
        command: str,
        *,
        arguments: dict[str, Any],
        accounts: Sequence[AccountSection] = (),
        forgetting: bool = False,
    ) -> dict[str, Any]:
        """The same in a thread: however long it takes, other worlds are served, and this one's calls wait.

        The accounts become the world's, or nothing is done at all; `forgetting` begins the log anew.
        Raises: CommandRefused, KeyError.
        """
        slot = self._used(name)
        async with slot.turn:
            self._check_kept(slot)
            entry = self._entry(slot, command, arguments)
            done = await to_the_end(to_thread(carry_out, slot.world, entry))
            self._check_kept(slot)
            fresh = self._fresh(slot, accounts)
            answer = self._finish(slot, entry, done=done)
            for account in accounts:
                slot.accounts[account.username] = self._made(account, name)
            self._guests |= dict.fromkeys(fresh, name)
            if forgetting:
                slot.log = Log(slot.world)
                self._logs.weigh(slot)
            return answer

    async def rewind_aside(self, name: str, number: int) -> dict[str, Any]:
        """The world as it was before an entry, in whose place the log has a command; tokens stay.

        Raises: EntryNotKept, KeyError.
        """
        slot = self._used(name)
        async with slot.turn:
            self._check_kept(slot)
            try:
                base, entries, undone = slot.log.leading_to(number)
            except KeyError:
                raise EntryNotKept(f"There is no entry {number}, or it is no longer kept") from None
            world = await to_the_end(to_thread(self._led, base, entries))
            self._check_kept(slot)
            if slot.log.dropped >= number:
                raise EntryNotKept(f"The entry {number} is no longer kept")
            arguments = {"before": number, "tokens": dump_tokens(slot.world.tokens)}
            entry = Command(undone.at, self._clock(), "rewind", arguments)
            slot.log.cut(number)
            slot.world, slot.last_at = world, undone.at
            return self._finish(slot, entry, done=carry_out(world, entry))

    def _led(self, world: World, entries: Sequence[Entry]) -> World:
        """The world after entries that were applied before."""
        for entry in entries:
            world, _ = carry_out(world, entry) if isinstance(entry, Command) else self._apply(world, entry)
        return world

    def fork(self, name: str, *, snapshot: str | None, username: str | None) -> tuple[str, str]:
        """A new world that begins with a snapshot's state, or with today's; its account's username and password.

        Raises: SnapshotUnknown, UsernameTaken, KeyError.
        """
        slot, real = self._used(name), self._clock()
        parent = slot.world
        at = max(parent.clock.now(real), slot.last_at)
        kept = find_snapshot(parent, snapshot) if snapshot is not None else take(parent, "", at=at)
        username = username or next(made for n in count(1) if self._is_free(made := f"{name[:MAX_FORKED]}-fork-{n}"))
        self._check_free(username)
        world = restored(World(username, parent.origin, parent.state), kept, real_at=real)
        password = token_urlsafe(16)
        account = Account(username, username, password_hash=self._kept_hash(password))
        self._add(world, real).accounts[username] = account
        return username, password

    def _check_kept(self, slot: Slot) -> None:
        """Raises: WorldGone."""
        if self._slots.get(address_of(slot.world.name)) is not slot:
            raise WorldGone(f"The world {slot.world.name!r:.60} is no longer kept")

    def _used(self, name: str) -> Slot:
        address = address_of(name)
        self._slots.move_to_end(address)
        return self._slots[address]

    def _entry(self, slot: Slot, command: str, arguments: dict[str, Any]) -> Command:
        real = self._clock()
        slot.last_at = max(slot.world.clock.now(real), slot.last_at)
        return Command(slot.last_at, real, command, arguments)

    def add_account(self, name: str, section: AccountSection) -> None:
        """A further account of a world; without a password any will do. Raises: KeyError, UsernameTaken."""
        slot = self._slots[address_of(name)]
        self._check_room(slot, 1)
        self._check_free(section.username)
        slot.accounts[section.username] = self._made(section, slot.world.name)
        self._guests[section.username] = slot.world.name

    def _fresh(self, slot: Slot, accounts: Sequence[AccountSection]) -> list[str]:
        """The usernames that are new to a world. Raises: TooManyAccounts, UsernameTaken."""
        fresh = [account.username for account in accounts if account.username not in slot.accounts]
        self._check_room(slot, len(fresh))
        for username in fresh:
            self._check_free(username)
        return fresh

    def _check_room(self, slot: Slot, count: int) -> None:
        """Raises: TooManyAccounts."""
        if len(slot.accounts) + count > MAX_ACCOUNTS:
            raise TooManyAccounts(f"The world has {len(slot.accounts)} accounts; at most {MAX_ACCOUNTS} are kept")

    def _check_free(self, username: str) -> None:
        """Raises: UsernameTaken."""
        if not self._is_free(username):
            raise UsernameTaken(f"The username {username!r:.60} has a world already")

    def _is_free(self, username: str) -> bool:
        return username not in self._guests and self.find(username) is None

    def _kept_hash(self, password: str) -> bytes | None:
        return self._credentials.hashed(password) if self._keep_passwords else None

    def _made(self, section: AccountSection, world: str) -> Account:
        hashed = self._credentials.hashed(section.password) if section.password is not None else None
        return Account(section.username, world, ROLES_OF[section.kind], hashed)

    def names(self) -> tuple[str, ...]:
        """The worlds kept, the longest unused first."""
        return tuple(slot.world.name for slot in self._slots.values())

    def drop(self, name: str) -> None:
        """Lets go of a world with its accounts and tokens. Raises: KeyError."""
        self._forget(self._slots.pop(address_of(name)))

    def _forget(self, slot: Slot) -> None:
        self._logs.forget(slot)
        for username in slot.accounts.keys() - self._table.keys():
            self._guests.pop(username, None)

    def follow(self, link: str) -> Principal:
        """The principal of a link to one of our own pages. Raises: StaleToken. Source: W3."""
        named = self._credentials.read_link(link)
        slot = self._slots.get(named.world) if named else None
        if named is None or slot is None or slot.number != named.opening:
            raise StaleToken()
        grant = slot.world.tokens.grants.get(named.number)
        if grant is None:
            raise StaleToken()
        return Principal(slot.world.name, grant.username, named.number)

    def sealed(self, exchange: Exchange, *, base_url: str = "") -> Response:
        """The response with a token's text, and the URL of this server, in the places of their marks."""
        response, principal = exchange.response, exchange.principal
        if response.token is None or principal is None:
            return response
        slot = self._slots[address_of(principal.world)]
        grant = slot.world.tokens.grants.get(response.token)
        named = Named(address_of(principal.world), response.token, slot.number)
        if grant is not None and grant.link is not None:
            text = self._credentials.link(named, site_id=grant.link.site_id, expires_at=grant.expires_at)
        else:
            is_full = principal.token is None and principal.roles == ORGANISATION
            text = self._credentials.token(named, is_full=is_full)
        body = response.body.replace(BASE_MARK, base_url.encode("latin-1", "replace"))
        return response._replace(body=body.replace(TOKEN_MARK, text.encode()))

    def find(self, name: str) -> Slot | None:
        return self._slots.get(address_of(name)) if len(name) <= MAX_USERNAME else None

    def __len__(self) -> int:
        return len(self._slots)

    def _open(self, name: str) -> Slot:
        slot = self.find(name)
        if slot is None:
            real = self._clock()
            slot = self._add(self._blueprint.world(name, server_seed=self._seed, real=real), real)
            slot.accounts.update({one.username: one for one in self._table.values() if one.world == name})
        return slot

    def _add(self, world: World, real: datetime) -> Slot:
        """Keeps a world, and lets the longest unused go where there are too many."""
        self._opened += 1
        slot = self._slots[address_of(world.name)] = Slot(world, Log(world), world.clock.now(real), self._opened)
        while len(self._slots) > self._max_worlds:
            _, oldest = self._slots.popitem(last=False)
            self._forget(oldest)
            self._on_drop(oldest.world.name)
        return slot

    def _token(self, authorization: bytes | None, prefixes: tuple[str, ...] = (FULL, LIMITED)) -> tuple[Slot, int]:
        """The slot and number that a genuine bearer token names. Raises: NotAuthenticated, StaleToken."""
        scheme, _, text = (authorization or b"").partition(b" ")
        if scheme.lower() != b"bearer" or not text:
            raise NotAuthenticated()
        token = text.decode("latin-1")
        parts = token.split("-")
        slot = self._slots.get(parts[1]) if len(parts) == 4 and parts[0] in prefixes else None
        proven = slot.proven.get(token) if slot else None
        if slot is not None and proven is not None:
            return slot, proven
        if slot is None or not (parts[2].isascii() and parts[2].isdigit() and len(parts[2]) < 19):
            raise StaleToken()
        number = int(parts[2])
        if not self._credentials.is_genuine(token, Named(parts[1], number, slot.number)):
            raise StaleToken()
        if len(slot.proven) >= PROVEN_TOKENS:
            slot.proven.clear()
        slot.proven[token] = number
        return slot, number
