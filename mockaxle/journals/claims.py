"""Worlds that one server has for itself for the time of a command, since others would overtake it again and again.

The server appends a row that says so, and holds a lock of the engine. Another server meets the row, since its own next
one is not taken, and waits until the lock is free: the command is kept then, or its server has ended. Only fairness
depends on it: each row is taken only after the one on which it was computed, all the same.
"""

import asyncio
from collections.abc import Awaitable, Callable

from mockaxle.journals.rows import JournalRow

LOOK_SECONDS = 0.05


class WorldClaims:
    """Shape: `last_row` reads the last row of a world; `try_lock` and `unlock` are those of the engine."""

    def __init__(
        self,
        last_row: Callable[[str], Awaitable[JournalRow | None]],
        try_lock: Callable[[str], Awaitable[bool]],
        unlock: Callable[[str], Awaitable[None]],
    ) -> None:
        self._last_row = last_row
        self._try_lock = try_lock
        self._unlock = unlock
        self._own = set[str]()

    async def take(self, address: str) -> None:
        """Take the lock of a world, once no other server has it; nothing if this one has it."""
        while address not in self._own and not await self._try_lock(_lock_of(address)):
            await asyncio.sleep(LOOK_SECONDS)
        self._own.add(address)

    async def leave(self, address: str) -> None:
        """Leave the lock of a world, if this server has it."""
        if address in self._own:
            self._own.discard(address)
            await self._unlock(_lock_of(address))

    async def last_row(self, address: str) -> JournalRow | None:
        """Return the last row of a world, once no other server has the world for itself. Raises: JournalFailed."""
        while (row := await self._last_row(address)) is not None and row.kind == "claim":
            if await self._is_free(address):
                break
            await asyncio.sleep(LOOK_SECONDS)
        return row

    async def _is_free(self, address: str) -> bool:
        if address in self._own:
            return True
        is_free = await self._try_lock(_lock_of(address))
        if is_free:
            await self._unlock(_lock_of(address))
        return is_free


def _lock_of(address: str) -> str:
    return f"claim {address}"
