"""Repeats the entries of a log, as pure functions of the world before them."""

from mockaxle.world.commands.rows import repeat
from mockaxle.world.delivering import deliver
from mockaxle.world.entries import Command, Delivery, Entry, Response, Wait
from mockaxle.world.value import Apply, World


def repeated(entry: Entry, world: World, *, apply: Apply) -> tuple[World, Response | Wait | None]:
    """Return the world after an entry, and the answer to a call. Shape: `apply` repeats a call.

    Raises: CommandRefused, DoesNotFollow, ValidationError, KeyError for an entry that does not follow on the world.
    """
    if isinstance(entry, Command):
        return repeat(world, entry).world, None
    if isinstance(entry, Delivery):
        return deliver(world, entry), None
    return apply(world, entry)
