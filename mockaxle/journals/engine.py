"""What the journal needs of an engine. Its calls block: they are made in a thread, one writing call at a time."""

from collections.abc import Collection, Iterator
from typing import NamedTuple, Protocol

from mockaxle.journals.rows import Batch, JournalRow, RowHead


class EngineRefused(Exception):
    """The engine did not do what was asked of it; nothing was changed. The text says why."""


class EngineLost(EngineRefused):
    """It is not known whether the engine did what was asked of it. The text says why."""


class StreamSize(NamedTuple):
    """What a stream takes. Shape: characters of its rows, bases and states."""

    rows: int
    characters: int


class EngineOnLoop(Protocol):
    """Keeps small batches without blocking, on the loop that runs. Raises: EngineRefused, EngineLost."""

    async def append(self, batch: Batch) -> tuple[str, ...]:
        """As an engine's `append`."""

    async def leave(self) -> None:
        """End what it has on the loop, at once."""


class Engine(Protocol):
    """Keeps rows, bases and states. Each call raises EngineRefused, EngineLost.

    Shape: `on_loop` is None if every call blocks.
    """

    kind: str
    place: str

    @property
    def on_loop(self) -> EngineOnLoop | None:
        """What keeps small batches without blocking."""

    def append(self, batch: Batch) -> tuple[str, ...]:
        """Keep a batch durably.

        Return the streams whose last row is another one than expected; then nothing is kept.
        """

    def heads(self, worlds: Collection[str]) -> dict[str, RowHead]:
        """Return what tells the last row of each of these streams that there is."""

    def last_row(self, world: str) -> JournalRow | None:
        """Return the last row of a stream."""

    def rows_from(self, world: str, number: int) -> list[JournalRow]:
        """Return the rows of a stream from a number on, in order."""

    def last_rows(self) -> Iterator[JournalRow]:
        """Yield the last row of every stream, by streams."""

    def rows(self, world: str) -> list[JournalRow]:
        """Return the rows of a stream since its last opening, or since they are kept, in order."""

    def base_numbers(self, world: str) -> list[int]:
        """Return the numbers of the rows after which there is a base, in order."""

    def base_head(self, world: str, number: int) -> str:
        """Return the first line of a base, and perhaps more of it. Raises: KeyError."""

    def base(self, world: str, number: int) -> list[str]:
        """Return the lines of a base. Raises: KeyError."""

    def state(self, key: str) -> list[str]:
        """Return the lines of a state. Raises: KeyError."""

    def scenarios(self) -> Iterator[tuple[str, list[str]]]:
        """Yield the scenarios from which worlds start, by their keys."""

    def size(self, world: str) -> StreamSize:
        """Return what a stream takes."""

    def try_lock(self, name: str) -> bool:
        """Take a lock that other processes of this journal see, if it is free."""

    def unlock(self, name: str) -> None:
        """Leave a lock."""

    def remarks(self) -> list[str]:
        """Say what of the engine's settings may lose calls that were answered."""

    def close(self) -> None:
        """End; nothing more is asked of it."""
