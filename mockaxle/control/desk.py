"""What control needs of the server, and nothing more."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from mockaxle.core.accounts import Role
from mockaxle.exchange import Entry, Exchange
from mockaxle.scenarios.sections import AccountSection
from mockaxle.world import World


class Entries(Protocol):
    """A world's log. Shape: entries are numbered from 1 on; `dropped` of them are no longer kept."""

    dropped: int

    @property
    def base(self) -> World: ...

    def entry(self, number: int) -> Entry:
        """Raises: KeyError where it is not kept."""
        ...

    def __iter__(self) -> Iterator[Entry]: ...

    def __len__(self) -> int: ...


class Account(Protocol):
    @property
    def username(self) -> str: ...

    @property
    def roles(self) -> tuple[Role, ...]: ...


class Kept(Protocol):
    """A world as it stands, with its log and its accounts by name."""

    @property
    def world(self) -> World: ...

    @property
    def log(self) -> Entries: ...

    @property
    def accounts(self) -> Mapping[str, Account]: ...


class Desk(Protocol):
    """The worlds of a server."""

    dropped: int

    def now(self) -> datetime: ...

    def names(self) -> tuple[str, ...]: ...

    def find(self, name: str) -> Kept | None: ...

    def use(self, name: str) -> Kept: ...

    async def command_aside(
        self,
        name: str,
        command: str,
        *,
        arguments: dict[str, Any],
        accounts: Sequence[AccountSection] = (),
        forgetting: bool = False,
    ) -> dict[str, Any]: ...

    async def rewind_aside(self, name: str, number: int) -> dict[str, Any]: ...

    async def fork(
        self, name: str, *, snapshot: str | None, username: str | None, keeper: str | None = None, peer: str = ""
    ) -> tuple[str, str]: ...

    async def add_account(self, name: str, section: AccountSection) -> None: ...

    def drop(self, name: str) -> None: ...


Unmatched = Sequence[Exchange]
