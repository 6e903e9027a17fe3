"""Follows a world's log: the entries that are new, as soon as there are any."""

from asyncio import get_running_loop, to_thread

from mockaxle.control.history import Filter
from mockaxle.serving.hosted_world import HostedWorld
from mockaxle.world.entries import Entry


async def followed(
    hosted: HostedWorld, wanted: Filter, *, after: int, until: float
) -> tuple[list[tuple[int, Entry]], int]:
    """Return the entries after a number that match, with their numbers, and the number of the newest entry.

    Waits for the first one that matches, until an instant of the loop's clock. After a reset or a rewind, numbers are
    used again: if the newest entry has a lower number than `after`, every kept entry is new.
    """
    loop, log, seen = get_running_loop(), hosted.log, after
    while True:
        if hosted.log is not log or hosted.log.last < seen:
            log, seen = hosted.log, 0
        new, last = tuple(log.after(seen)), log.last
        found = await to_thread(_matching, new, wanted) if new else []
        if found or loop.time() >= until:
            return found, last
        seen = last
        if hosted.log is log and log.last == last:
            await hosted.changed.wait(until - loop.time())


def _matching(entries: tuple[tuple[int, Entry], ...], wanted: Filter) -> list[tuple[int, Entry]]:
    return [(number, entry) for number, entry in entries if wanted.takes(entry)]
