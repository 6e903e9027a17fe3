"""What a keeper of worlds is given, and what it gives to those that wait."""

from asyncio import Event
from collections.abc import Callable
from typing import NamedTuple

from mockaxle.journals.streams import Stream
from mockaxle.world.stored_world import StoredAccount


class Callbacks(NamedTuple):
    """What is called on the loop.

    `lost` gets the address of a world whose rows could not be kept, `account` the address of a username and its account
    as it is kept after that, `report` a line for the terminal.
    """

    lost: Callable[[str], None]
    account: Callable[[str, StoredAccount | None], None]
    report: Callable[[str], None]


class KeeperLimits(NamedTuple):
    """The time of an answer to be kept, and the size of rows after which a world is written whole, at the least."""

    timeout_seconds: float
    base_characters: int


class Keeping(NamedTuple):
    """A change on its way, of a world and of the accounts and secrets that go with it."""

    streams: tuple[Stream, ...]
    done: Event

    async def kept(self) -> None:
        """Wait until it is durable. Raises: JournalFailed."""
        await self.done.wait()
        for stream in self.streams:
            if stream.failed is not None:
                raise stream.failed
