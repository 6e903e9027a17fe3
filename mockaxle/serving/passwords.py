"""Passwords: hashed in threads, with a delay that grows with each wrong guess.

A hash takes milliseconds of CPU by design. In the event loop it would delay all other calls. So a log-in that needs one
is interrupted by `PasswordUnhashed`, changes nothing, and is repeated with the hash.
"""

import asyncio
from asyncio import Lock, get_running_loop
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from hashlib import blake2b, scrypt
from typing import NamedTuple
from weakref import WeakValueDictionary

from mockaxle.core.clock import Clock
from mockaxle.core.limits import (
    FIRST_GUESS_DELAY_SECONDS,
    HASHES_AT_ONCE,
    LONGEST_GUESS_DELAY_SECONDS,
    MAX_GUESSED_USERNAMES,
)

Sleep = Callable[[float], Awaitable[None]]


class Passwords:
    """Hashes passwords, with a salt made from the server's key."""

    def __init__(self, key: bytes) -> None:
        self._salt = blake2b(b"passwords", key=key, digest_size=32).digest()
        self._threads = ThreadPoolExecutor(HASHES_AT_ONCE, thread_name_prefix="mockaxle-passwords")
        self._turns: WeakValueDictionary[str, Lock] = WeakValueDictionary()

    def hashed(self, password: str) -> bytes:
        """Hash in the caller's thread."""
        return scrypt(password.encode("utf-8", "surrogatepass"), salt=self._salt, n=1 << 12, r=8, p=1)

    async def hashed_aside(self, password: str, *, peer: str) -> bytes:
        """Hash in another thread, one password of each peer at a time, so that peers do not delay each other."""
        async with self._turns.setdefault(peer, Lock()):
            return await get_running_loop().run_in_executor(self._threads, self.hashed, password)


class Guess(NamedTuple):
    """A password to check for a username. Shape: is_right decides by the hash; peer is the client's address."""

    username: str
    password: str
    peer: str
    is_right: Callable[[bytes], bool]


class Guesses:
    """Delays each next password of a username after a wrong one, until the right one.

    A username's guesses are checked one after the other, since those sent together would avoid the delay. Each peer has
    one guess in the queue at a time, so a peer that sends many delays its own only.
    """

    def __init__(self, passwords: Passwords, clock: Clock, *, sleep: Sleep = asyncio.sleep) -> None:
        self._passwords = passwords
        self._clock = clock
        self._sleep = sleep
        self._wrong: OrderedDict[str, tuple[int, datetime]] = OrderedDict()
        self._turns: WeakValueDictionary[tuple[str, str | None], Lock] = WeakValueDictionary()

    def hashed(self, guess: Guess) -> bytes:
        """Hash at once and count the guess, for a caller without an event loop."""
        hashed = self._passwords.hashed(guess.password)
        self._count(guess, hashed)
        return hashed

    async def hashed_aside(self, guess: Guess) -> bytes:
        """Hash and count the guess in its turn and after the delay, while other calls are answered."""
        async with self._turn(guess.username, guess.peer), self._turn(guess.username, None):
            delay_seconds = self.delay_seconds(guess.username)
            if delay_seconds:
                await self._sleep(delay_seconds)
            hashed = await self._passwords.hashed_aside(guess.password, peer=guess.peer)
            self._count(guess, hashed)
            return hashed

    def _turn(self, username: str, peer: str | None) -> Lock:
        return self._turns.setdefault((username, peer), Lock())

    def _count(self, guess: Guess, hashed: bytes) -> None:
        if guess.is_right(hashed):
            self._wrong.pop(guess.username, None)
        else:
            self.was_wrong(guess.username)

    def delay_seconds(self, username: str) -> float:
        """Return the delay of the next password, the same for known and unknown usernames."""
        now = self._clock()
        count, last_at = self._wrong.get(username, (0, now))
        if count == 0:
            return 0.0
        delay = min(FIRST_GUESS_DELAY_SECONDS * 2.0 ** min(count - 1, 30), LONGEST_GUESS_DELAY_SECONDS)
        return min(max(delay - (now - last_at).total_seconds(), 0.0), delay)

    def was_wrong(self, username: str) -> None:
        count, _ = self._wrong.pop(username, (0, None))
        self._wrong[username] = (count + 1, self._clock())
        if len(self._wrong) > MAX_GUESSED_USERNAMES:
            self._wrong.popitem(last=False)


class PasswordUnhashed(Exception):
    """A log-in cannot be answered before its password is hashed; nothing has changed."""

    def __init__(self, guess: Guess, guesses: Guesses) -> None:
        super().__init__("the password must be hashed first")
        self._guess = guess
        self._guesses = guesses

    @property
    def delay_seconds(self) -> float:
        """Return the present delay of the password."""
        return self._guesses.delay_seconds(self._guess.username)

    def hashed(self) -> bytes:
        """Hash at once, for a caller without an event loop."""
        return self._guesses.hashed(self._guess)

    async def hashed_aside(self) -> bytes:
        """Hash after the delay, while other calls are answered."""
        return await self._guesses.hashed_aside(self._guess)
