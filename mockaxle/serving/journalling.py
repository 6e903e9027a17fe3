"""What the worlds of a server need of a journal, and what is waited for because of it."""

from collections.abc import Callable, Collection, Coroutine
from datetime import datetime
from typing import Any, Protocol

from mockaxle.world.entries import Entry, Response
from mockaxle.world.stored_world import FoundWorld, OpenedWorld, Source, StoredAccount, Turn


class UnkeptChange(Protocol):
    """A change on its way to the journal."""

    async def kept(self) -> None:
        """Wait until it is durable. Raises: JournalFailed."""


class Journal(Protocol):
    """Keeps worlds and accounts. Worlds and usernames are named by their addresses.

    Shape: `is_shared` if other servers write it.
    """

    @property
    def is_shared(self) -> bool:
        """Whether what memory has may be behind the journal."""

    async def refresh(self, addresses: Collection[str]) -> None:
        """Set aside what is behind the journal. Raises: JournalFailed."""

    async def refresh_names(self) -> list[str]:
        """Read which worlds there are; return the addresses of those whose messages wait. Raises: JournalFailed."""

    async def try_lock(self, address: str) -> bool:
        """Take the right to deliver a world's messages, if no other server has it. Raises: JournalFailed."""

    async def unlock(self, address: str) -> None:
        """Leave the right to deliver a world's messages."""

    async def tell(self, address: str) -> None:
        """Let other servers know whether a world's clock advances step by step.

        Raises: JournalConflict if another server has changed the world.
        """

    async def claim(self, address: str) -> None:
        """Have a world for this server alone, so that no other one overtakes what follows.

        Raises: JournalFailed, JournalConflict if another server has changed it.
        """

    async def unclaim(self, address: str) -> None:
        """Let other servers have the world, if it was claimed."""

    def has(self, address: str) -> bool:
        """Tell whether there is an open world."""

    def count(self) -> int:
        """Return the number of the open worlds."""

    def names(self) -> tuple[str, ...]:
        """Return the names of the open worlds, in order."""

    def accounts(self) -> list[StoredAccount]:
        """Return the accounts that were kept before this server started."""

    async def load(self, address: str) -> FoundWorld | None:
        """Find a world. Raises: JournalFailed."""

    def open(self, address: str, opened: OpenedWorld, *, source: Source) -> None:
        """Keep a new world."""

    def attach(self, address: str, source: Source) -> None:
        """Take note of where a world that was found can be seen."""

    def write(self, address: str, entry: Entry, *, number: int, is_change: bool, turn: Turn | None = None) -> None:
        """Keep an entry. Shape: number is that of the last entry of the world's log."""

    def close_world(self, address: str, *, real: datetime) -> None:
        """Keep that a world was dropped."""

    def put_account(self, address: str, account: StoredAccount | None, *, owner: str, real: datetime) -> None:
        """Keep an account by its username; None if it was removed. Shape: owner is the address of its world."""

    def put_secrets(self, address: str, secrets: dict[str, str], *, real: datetime) -> None:
        """Keep the secrets of a world's receivers."""

    def forget(self, address: str) -> None:
        """Take note that a world has left memory."""

    def change(self, address: str) -> UnkeptChange | None:
        """Return the last change of a world that is not yet durable; None if all are."""

    def untouched_since(self, real: datetime) -> list[str]:
        """Return the names of the worlds in which nothing has happened since an instant."""

    def health(self) -> dict[str, Any]:
        """Describe the journal's state."""


class WorldUnloaded(Exception):
    """A world has to be read from the journal before a call; nothing has changed."""

    def __init__(self, load: Callable[[], Coroutine[Any, Any, None]]) -> None:
        super().__init__("the world must be read first")
        self._load = load

    async def loaded(self) -> None:
        """Read it, while other calls are answered. Raises: JournalFailed."""
        await self._load()


class WorldUnchecked(Exception):
    """Another server may have changed a world or an account on which an answer depends; nothing has changed."""

    def __init__(self, address: str, refresh: Callable[[], Coroutine[Any, Any, None]]) -> None:
        super().__init__("the journal must be asked first")
        self.address = address
        self._refresh = refresh

    async def checked(self) -> None:
        """Ask the journal, while other calls are answered. Raises: JournalFailed."""
        await self._refresh()


class AnswerUnkept(Exception):
    """A call was done, and its answer waits until the journal has kept it."""

    def __init__(self, response: Response, change: UnkeptChange) -> None:
        super().__init__("the call must be kept first")
        self._response = response
        self._change = change

    async def kept(self) -> Response:
        """Return the answer once it may be sent. Raises: JournalFailed."""
        await self._change.kept()
        return self._response
