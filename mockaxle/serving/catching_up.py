"""Settles what fell due in a world without an entry of its log: the next entry settles the same in a replay."""

from asyncio import to_thread
from datetime import datetime

from mockaxle.core.falling_due import is_anything_due
from mockaxle.serving.hosted_world import HostedWorld
from mockaxle.serving.waiting import to_the_end
from mockaxle.world.value import settled


class WorldBehind(Exception):
    """So much fell due in a world that it is settled in a thread before a call, while other worlds are served."""

    def __init__(self, hosted: HostedWorld, *, now: datetime) -> None:
        super().__init__("much fell due in the world")
        self._hosted = hosted
        self._now = now

    async def caught_up(self) -> None:
        async with self._hosted.turn:
            world = await to_the_end(to_thread(settled, self._hosted.world, self._now))
            self._hosted.world, self._hosted.last_at = world, max(self._now, self._hosted.last_at)
        self._hosted.changed.wake_all()


async def catch_up(hosted: HostedWorld, *, now: datetime) -> None:
    """Settle what fell due until an instant, unless a command is running."""
    if is_anything_due(hosted.world.state, now=now) and not hosted.turn.locked():
        await WorldBehind(hosted, now=now).caught_up()
