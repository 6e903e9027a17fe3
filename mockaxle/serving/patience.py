"""How often a call is done again whose world another server has changed meanwhile."""

import asyncio
from random import uniform
from time import monotonic

from mockaxle.serving.journalling import AnswerUnkept
from mockaxle.world.entries import Response
from mockaxle.world.stored_world import JournalConflict

AT_ONCE = 8
"""Conflicts in a row after which a call waits a random moment before each attempt."""

MOMENT_SECONDS = (0.001, 0.02)


class Patience:
    """How often one call is done again. Units: seconds from the first attempt to the last."""

    def __init__(self, seconds: float) -> None:
        self._ends_at = monotonic() + seconds
        self._conflicts = 0

    async def kept(self, unkept: AnswerUnkept | JournalConflict) -> Response | None:
        """Return the answer once it is kept; None if the call is to be done again. Raises: JournalFailed."""
        try:
            if isinstance(unkept, AnswerUnkept):
                return await unkept.kept()
            raise unkept
        except JournalConflict:
            if self.is_over:
                raise
            await self.moment()
        return None

    @property
    def is_over(self) -> bool:
        """Whether the next attempt is the last one."""
        return monotonic() >= self._ends_at

    async def moment(self) -> None:
        """Wait before the next attempt."""
        self._conflicts += 1
        if self._conflicts > AT_ONCE:
            await asyncio.sleep(uniform(*MOMENT_SECONDS))
