"""Stepwise advances of clocks, as the servers on one journal know of each other's.

Rows say of an advance, and its server holds a lock of the journal as long as it lives. So another server's clock stands
with it, and goes on if that server ends. Source: N13.
"""

from collections.abc import Callable, Coroutine
from contextlib import suppress
from datetime import datetime
from secrets import token_hex
from typing import Any

from mockaxle.serving.credentials import address_of
from mockaxle.serving.hosted_world import HostedWorld
from mockaxle.serving.journalling import Journal
from mockaxle.world.commands.refusals import WorldGone
from mockaxle.world.stored_world import Advancing

ID_BYTES = 8


class SharedAdvances:
    """Shape: `until_done` does a work in a world, again if another server has changed the world meanwhile."""

    def __init__(
        self,
        journal: Journal,
        until_done: Callable[[HostedWorld, Callable[[], Coroutine[Any, Any, None]]], Coroutine[Any, Any, None]],
    ) -> None:
        self._journal = journal
        self._until_done = until_done

    async def begin(self, hosted: HostedWorld) -> bool:
        """Let the other servers know of an advance; return whether none of them was faster.

        Raises: WorldGone, JournalFailed.
        """
        id, is_ours = token_hex(ID_BYTES), False
        try:
            await self._journal.try_lock(id)
            hosted.advance_id = id
            await self._tell(hosted)
            is_ours = hosted.advancing_elsewhere is None
        finally:
            if not is_ours:
                await self.end(hosted)
        return is_ours

    async def end(self, hosted: HostedWorld) -> None:
        """Let the other servers know that an advance has ended."""
        id, hosted.advance_id, hosted.advancing_to = hosted.advance_id, "", None
        try:
            with suppress(WorldGone):  # they find the lock free
                await self._tell(hosted)
        finally:
            await self._journal.unlock(id)

    async def _tell(self, hosted: HostedWorld) -> None:
        """Raises: WorldGone."""
        await self._until_done(hosted, lambda: self._journal.tell(address_of(hosted.world.name)))

    async def take_in(self, hosted: HostedWorld, found: Advancing | None) -> None:
        """Take note of what the last row of a world says. Raises: JournalFailed."""
        is_own = found is not None and found.id == hosted.advance_id
        hosted.advancing_elsewhere = None if is_own else found
        await self.look(hosted)

    async def look(self, hosted: HostedWorld) -> None:
        """Forget another server's advance if that server has ended. Raises: JournalFailed."""
        advancing = hosted.advancing_elsewhere
        if advancing is not None and await self._journal.try_lock(advancing.id):
            await self._journal.unlock(advancing.id)
            if hosted.advancing_elsewhere is advancing:
                hosted.advancing_elsewhere = None


def told_advance(hosted: HostedWorld, real: datetime) -> Advancing | None:
    """Return the advance of which a row of a world is to say, made at an instant of the machine."""
    if hosted.advancing_elsewhere is None and hosted.advance_id and hosted.advancing_to is not None:
        return Advancing(hosted.advancing_to, hosted.instant(real), hosted.advance_id)
    return hosted.advancing_elsewhere
