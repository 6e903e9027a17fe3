"""The past of a world, from its log."""

from collections.abc import Sequence

from mockaxle.server.surface import Surface
from mockaxle.world.commands.done import Past, WorldBefore
from mockaxle.world.commands.refusals import EntryNotKept
from mockaxle.world.commands.rows import repeat
from mockaxle.world.delivering import deliver
from mockaxle.world.entries import Command, Delivery, Entry
from mockaxle.world.log import Chunk, leading_to
from mockaxle.world.value import World


def past_of(surface: Surface, chunks: Sequence[Chunk[World]]) -> Past:
    """Return the function that finds the world before an entry of a log."""

    def before(number: int) -> WorldBefore:
        try:
            world, entries, undone = leading_to(number, chunks)
        except KeyError:
            raise EntryNotKept(f"There is no entry {number}, or it is no longer kept") from None
        for entry in entries:
            world = _repeated(surface, world, entry)
        return WorldBefore(world, undone.at)

    return before


def _repeated(surface: Surface, world: World, entry: Entry) -> World:
    if isinstance(entry, Command):
        return repeat(world, entry).world
    if isinstance(entry, Delivery):
        return deliver(world, entry)
    return surface.repeat(world, entry).world
