"""Passwords: hashed in threads, and slower to guess with each wrong guess.

A hash takes milliseconds of CPU by design. In the event loop it would delay every other call, so a log-in that needs
one is interrupted by `PasswordUnhashed`, changes nothing, and is answered anew with the hash.
"""

import asyncio
import secrets
from asyncio import Lock, get_running_loop
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from hashlib import scrypt
from weakref import WeakValueDictionary

from mockaxle.limits import (
    FIRST_GUESS_DELAY_SECONDS,
    HASHES_AT_ONCE,
    LONGEST_GUESS_DELAY_SECONDS,
    MAX_GUESSED_USERNAMES,
)

Sleep = Callable[[float], Awaitable[None]]


class Passwords:
    """Hashes passwords, with a salt that only this server has."""

    def __init__(self, *, sleep: Sleep = asyncio.sleep) -> None:
        self._salt = secrets.token_bytes(32)
        self._threads = ThreadPoolExecutor(HASHES_AT_ONCE, thread_name_prefix="mockaxle-passwords")
        self._sleep = sleep
        self._turns: WeakValueDictionary[str, Lock] = WeakValueDictionary()

    def hashed(self, password: str) -> bytes:
        """The hash, computed in the caller's thread."""
        return scrypt(password.encode("utf-8", "surrogatepass"), salt=self._salt, n=1 << 12, r=8, p=1)

    async def hashed_aside(self, password: str, *, peer: str = "", delay_seconds: float = 0) -> bytes:
        """The hash, computed in a thread after a delay; for each peer one at a time, so that none waits for another."""
        if delay_seconds:
            await self._sleep(delay_seconds)
        async with self._turns.setdefault(peer, Lock()):
            return await get_running_loop().run_in_executor(self._threads, self.hashed, password)


class PasswordUnhashed(Exception):
    """A log-in cannot be answered before its password is hashed; nothing has changed."""

    def __init__(self, password: str, passwords: Passwords, *, peer: str, delay_seconds: float) -> None:
        super().__init__("the password is to be hashed first")
        self.delay_seconds = delay_seconds
        self._password = password
        self._peer = peer
        self._passwords = passwords

    def hashed(self) -> bytes:
        """The hash at once, for a caller without an event loop."""
        return self._passwords.hashed(self._password)

    async def hashed_aside(self) -> bytes:
        """The hash after the delay, while other calls are answered."""
        return await self._passwords.hashed_aside(self._password, peer=self._peer, delay_seconds=self.delay_seconds)


class Guesses:
    """Counts the wrong passwords of each username since its last right one."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, tuple[int, datetime]] = OrderedDict()

    def delay_seconds(self, username: str, *, now: datetime) -> float:
        """How long the next password waits, whether the username is known or not."""
        count, last_at = self._wrong.get(username, (0, now))
        if count == 0:
            return 0.0
        delay = min(FIRST_GUESS_DELAY_SECONDS * 2.0 ** min(count - 1, 30), LONGEST_GUESS_DELAY_SECONDS)
        return min(max(delay - (now - last_at).total_seconds(), 0.0), delay)

    def was_wrong(self, username: str, *, now: datetime) -> None:
        count, _ = self._wrong.pop(username, (0, now))
        self._wrong[username] = (count + 1, now)
        if len(self._wrong) > MAX_GUESSED_USERNAMES:
            self._wrong.popitem(last=False)

    def was_right(self, username: str) -> None:
        self._wrong.pop(username, None)
