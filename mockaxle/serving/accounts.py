"""The accounts of a server: usernames, passwords, and the worlds that they open."""

import hmac
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from mockaxle.core.accounts import ROLES_OF
from mockaxle.core.clock import Clock
from mockaxle.core.errors import AccountsFull, PasswordNotKept, WrongPassword
from mockaxle.scenarios.sections import AccountSection
from mockaxle.serving.hosted_world import Account
from mockaxle.serving.new_worlds import BuiltWorld
from mockaxle.serving.passwords import Guess, Guesses, Passwords, PasswordUnhashed

REFUSED_PASSWORD = "wrong"
OnAccount = Callable[[str, str, Account | None], None]
"""Gets the username and the world of an account that was stored, and the account, or None if it was dropped."""


class Prepared(NamedTuple):
    """What was done aside for a call. Shape: a password's hash and a new world, None until needed; `fresh` has the
    addresses of worlds and usernames of which the journal was asked.
    """

    hashed: bytes | None = None
    world: BuiltWorld | None = None
    fresh: frozenset[str] = frozenset()


NOTHING = Prepared()


class LogIn(NamedTuple):
    """An attempt to log in.

    Shape: peer is the client's address; is_local is true for a call from this machine without a proxy.
    """

    username: str
    password: str
    peer: str = ""
    prepared: Prepared = NOTHING
    is_local: bool = True


class Accounts:
    """Finds accounts by username and by world.

    The scenario's accounts are permanent. If there are any, only those and accounts added by control may log in. Other
    accounts with a password outlive their world, up to `limit`, so that nobody else takes the username. The first
    password of an account opened on a shared server, or not locally, becomes its password.
    """

    def __init__(
        self,
        passwords: Passwords,
        clock: Clock,
        *,
        listed: Iterable[AccountSection],
        limit: int,
        is_shared: bool,
        on_change: OnAccount = lambda username, world, account: None,
    ) -> None:
        self._passwords = passwords
        self._limit = limit
        self._is_shared = is_shared
        self._guesses = Guesses(passwords, clock)
        self._by_username: dict[str, Account] = {}
        self._by_world: dict[str, dict[str, Account]] = {}
        self._protected = 0
        self._of_scenario = {one.username: self._made(one) for one in listed}
        for account in self._of_scenario.values():
            self._store(account)
        self._on_change = on_change

    def _made(self, section: AccountSection) -> Account:
        hashed = self._passwords.hashed(section.password) if section.password is not None else None
        return account_of(section, section.world or section.username, hashed=hashed)

    def has_room(self, count: int = 1) -> bool:
        """Tell whether that many further accounts are within the limit."""
        return self._protected + count <= self._limit

    def get(self, username: str) -> Account | None:
        return self._by_username.get(username)

    def of(self, world: str) -> dict[str, Account]:
        """Return the live table of a world's accounts by username."""
        if world not in self._by_world:
            own = self.get(world)
            self._by_world[world] = {world: own} if own is not None and own.world == world else {}
        return self._by_world[world]

    def world_of(self, attempt: LogIn) -> str | None:
        """Return the world of a log-in, if its password is right; None if the username may not log in.

        Raises: WrongPassword for a password that is always refused, AccountsFull.
        """
        if attempt.password in ("", REFUSED_PASSWORD):
            raise WrongPassword()
        account = self.get(attempt.username)
        if account is not None:
            return account.world
        if self._of_scenario:
            return None
        if self._keeps(attempt) and not self.has_room():
            raise AccountsFull(self._limit)
        return attempt.username

    def checked(self, attempt: LogIn) -> Account:
        """Check a log-in and return its account, created if the username is free.

        Raises: WrongPassword, PasswordNotKept, PasswordUnhashed.
        """
        username, hashed = attempt.username, attempt.prepared.hashed
        account, keep = self.get(username), self._keeps(attempt)
        if hashed is None and self._needs_hash(account, keep=keep):
            guess = Guess(username, attempt.password, attempt.peer, partial(self._is_right, username))
            raise PasswordUnhashed(guess, self._guesses)
        if account is None and not self._of_scenario:
            return Account(username, username, password_hash=hashed if keep else None)
        if account is None or not _fits(account, hashed):
            raise WrongPassword()
        if not self._is_open_to(account, attempt):
            raise PasswordNotKept()
        return account

    def _is_right(self, username: str, hashed: bytes) -> bool:
        account = self.get(username)
        return _fits(account, hashed) if account is not None else not self._of_scenario

    def _keeps(self, attempt: LogIn) -> bool:
        return self._is_shared or not attempt.is_local

    def _is_open_to(self, account: Account, attempt: LogIn) -> bool:
        """An account without a password is open to this machine only, unless the server or the scenario allows more."""
        is_for_all = self._is_shared or account.username in self._of_scenario
        return is_for_all or attempt.is_local or account.password_hash is not None

    def _needs_hash(self, account: Account | None, *, keep: bool) -> bool:
        """Unknown usernames need a hash, too, so that their answers take as long as those of known ones."""
        if account is not None:
            return account.password_hash is not None
        of_scenario = self._of_scenario.values()
        return keep or any(one.password_hash for one in of_scenario) or (bool(of_scenario) and self._protected > 0)

    def put(self, account: Account) -> None:
        """Store an account, replacing one of the same username."""
        self._store(account)
        self._on_change(account.username, account.world, account)

    def restore(self, username: str, account: Account | None) -> None:
        """Store an account as it was kept: None for that of the scenario, if it has one. Nobody takes note of it."""
        self._remove(username)
        kept = account or self._of_scenario.get(username)
        if kept is not None:
            self._store(kept)

    def _store(self, account: Account) -> None:
        self._remove(account.username)
        self._by_username[account.username] = account
        self.of(account.world)[account.username] = account
        self._protected += self._counts(account)

    def world_dropped(self, world: str) -> None:
        """Drop the world's accounts without a password; those of the scenario are restored.

        The next world of that name numbers its tokens from 1.
        """
        accounts = list(self.of(world).values())
        self._forget(world, [one for one in accounts if one.password_hash is None])
        for account in (one for one in accounts if one.password_hash and one.kept_after):
            self.put(replace(account, kept_after=0))

    def forget(self, world: str) -> bool:
        """Drop all accounts of a world except the scenario's; return whether there were any."""
        accounts = list(self.of(world).values())
        self._forget(world, accounts)
        return any(account.username not in self._of_scenario for account in accounts)

    def _forget(self, world: str, accounts: list[Account]) -> None:
        """Keep the accounts of a world that is not open. Most have one account only, which needs no table."""
        for account in accounts:
            self._remove(account.username)
            if account.username in self._of_scenario:
                self._store(self._of_scenario[account.username])
            self._on_change(account.username, world, None)
        if self.of(world).keys() <= {world}:
            del self._by_world[world]

    def _remove(self, username: str) -> None:
        account = self._by_username.pop(username, None)
        if account is not None:
            self.of(account.world).pop(username, None)
            self._protected -= self._counts(account)

    def _counts(self, account: Account) -> bool:
        return account.password_hash is not None and account.username not in self._of_scenario


def account_of(section: AccountSection, world: str, *, hashed: bytes | None) -> Account:
    return Account(section.username, world, ROLES_OF[section.kind], hashed)


def _fits(account: Account, hashed: bytes | None) -> bool:
    """Tell whether a password is the account's. An account without one accepts any."""
    return account.password_hash is None or hmac.compare_digest(account.password_hash, hashed or b"")
