"""The past of a world, from its log."""

from collections.abc import Sequence

from mockaxle.server.surface import Surface
from mockaxle.world.commands.done import WorldBefore
from mockaxle.world.commands.refusals import EntryNotKept
from mockaxle.world.entries import Entry
from mockaxle.world.log import Chunk, leading_to
from mockaxle.world.repeating import repeated
from mockaxle.world.value import World


class LoggedPast:
    """Finds the worlds before the entries of a log, by repeating those before them."""

    def __init__(self, surface: Surface, chunks: Sequence[Chunk[World]]) -> None:
        self._surface = surface
        self._chunks = chunks

    def __call__(self, number: int) -> WorldBefore:
        """Return the world before an entry. Raises: EntryNotKept."""
        world, undone = self._before(number)
        return WorldBefore(world, undone.at)

    def around(self, number: int) -> tuple[World, World]:
        """Return the worlds before an entry and after it, when no more time has passed. Raises: EntryNotKept."""
        before, entry = self._before(number)
        return before, self._after(before, entry)

    def _before(self, number: int) -> tuple[World, Entry]:
        try:
            world, entries, entry = leading_to(number, self._chunks)
        except KeyError:
            raise EntryNotKept(f"There is no entry {number}, or it is no longer kept") from None
        for one in entries:
            world = self._after(world, one)
        return world, entry

    def _after(self, world: World, entry: Entry) -> World:
        return repeated(entry, world, apply=self._surface.repeat)[0]
