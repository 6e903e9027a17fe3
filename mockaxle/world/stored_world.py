"""What a journal keeps of worlds, and what it finds again."""

from collections.abc import Callable
from datetime import datetime
from typing import Literal, NamedTuple

from mockaxle.world.base_form import WrittenBase
from mockaxle.world.log import Log
from mockaxle.world.value import World

WhetherDone = Literal["no", "perhaps"]
"""Whether a call was done whose answer says that the journal failed."""


class JournalFailed(Exception):
    """The journal cannot keep or find a world. Shape: `done` says whether the call may have been done all the same."""

    def __init__(self, text: str, *, done: WhetherDone = "no") -> None:
        super().__init__(text)
        self.text = text
        self.done: WhetherDone = done


class JournalConflict(JournalFailed):
    """Another server changed the world meanwhile: nothing was done, and the call is to be done again."""


class OpenedWorld(NamedTuple):
    """A new world. Shape: opening is its random number; base is written unless it starts from the server's scenario.

    Its state was built, and its clock started, at two instants of the machine. username is that of its first account.
    """

    name: str
    opening: int
    seed: bytes
    real_at: datetime
    built_at: datetime
    username: str
    base: WrittenBase | None = None


class Advancing(NamedTuple):
    """An advance of a clock to an instant, step by step. Shape: `at` is where the clock stands meanwhile.

    The server that does it has the journal's lock of the `id` as long as it lives.
    """

    to: datetime
    at: datetime
    id: str


class Position(NamedTuple):
    """A world after an entry. Shape: last_at is its instant, next_entry the number of the next entry of its log.

    log_from is the number of the first entry that is kept. If several servers change the world, log is a copy, and
    advancing tells of a stepwise advance by any of them.
    """

    world: World
    last_at: datetime
    next_entry: int
    log_from: int
    log: Log[World] | None = None
    advancing: Advancing | None = None


Source = Callable[[], Position]
"""Tells where a world in memory is."""


class Turn(NamedTuple):
    """What an entry did to the log of its world, if it did not only go on. Shape: base is the world after it.

    cut_from is the number of the first entry that it undid.
    """

    base: WrittenBase
    log_from: int
    cut_from: int | None = None


class FoundWorld(NamedTuple):
    """A world as it was when its last row was kept."""

    world: World
    log: Log[World]
    last_at: datetime
    opening: int
    secrets: dict[str, str]
    advancing: Advancing | None = None


class StoredAccount(NamedTuple):
    """An account as a journal keeps it. Shape: password_hash in hex, None if it accepts any password."""

    username: str
    world: str
    roles: tuple[str, ...]
    password_hash: str | None
    kept_after: int
