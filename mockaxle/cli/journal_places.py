"""Journals by name: a file, or a PostgreSQL database by its URL. Nothing is imported for one before it is opened."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
from click.core import ParameterSource

from mockaxle.cli.extras import missing

if TYPE_CHECKING:
    from mockaxle.journals.engine import Engine

READING_SECONDS = 60
FROM_ENVIRONMENT = "PGPASSWORD, or in the file of PGPASSFILE (by default ~/.pgpass)"


def journal_place(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """Raises: click.BadParameter for a database whose password everybody could read in the list of processes."""
    if value is None:
        return None
    from mockaxle.journals.database_url import holds_password, is_database

    if not is_database(value):
        return value
    assert option.name is not None
    is_seen = context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE
    try:
        has_password = holds_password(value)
    except ValueError as error:
        raise click.BadParameter(f"is no URL of a database: {error}", context, option) from None
    if is_seen and has_password:
        elsewhere = f"MOCKAXLE_JOURNAL, or the password alone in {FROM_ENVIRONMENT}"
        where = elsewhere if isinstance(option, click.Option) else FROM_ENVIRONMENT
        text = "must not hold a password, which the list of processes shows; put it in"
        raise click.BadParameter(f"{text} {where}", context, option)
    return value


@contextmanager
def held(
    place: str,
    *,
    key_digest: str,
    timeout: float = READING_SECONDS,
    sync: Literal["always", "normal"] = "always",
    shared: bool = False,
) -> "Iterator[Engine]":
    """Open a journal, which servers may share in a database only; the caller closes it.

    Units: timeout in seconds. Raises: EngineRefused, click.UsageError.
    """
    if is_in_database(place):
        from mockaxle.journals.postgres import open_database

        yield open_database(place, key_digest=key_digest, timeout=timeout, shared=shared)
        return
    from mockaxle.journals.sqlite_file import open_file

    with locked_at(place):
        yield open_file(Path(place), key_digest=key_digest, sync=sync)


@contextmanager
def locked_at(place: str) -> Iterator[tuple[int, ...]]:
    """Hold a file for this process and those that inherit the descriptors which are yielded; a database is not held.

    Raises: EngineRefused.
    """
    if is_in_database(place):
        yield ()
        return
    from mockaxle.journals.file_lock import locked

    with locked(Path(place)) as descriptor:
        yield (descriptor,)


def opened_to_share(place: str, *, key_digest: str, timeout: float, sync: Literal["always", "normal"]) -> "Engine":
    """Open a journal beside other servers; of a file, this process or the one that began it holds the lock.

    Raises: EngineRefused, click.UsageError.
    """
    if is_in_database(place):
        from mockaxle.journals.postgres import open_database

        return open_database(place, key_digest=key_digest, timeout=timeout, shared=True)
    from mockaxle.journals.sqlite_file import open_file

    return open_file(Path(place), key_digest=key_digest, sync=sync, shared=True)


def opened_to_read(place: str) -> "Engine":
    """Raises: EngineRefused, click.UsageError."""
    if is_in_database(place):
        from mockaxle.journals.postgres import read_database

        return read_database(place, timeout=READING_SECONDS)
    from mockaxle.journals.sqlite_file import read_file

    return read_file(Path(place))


def key_digest_at(place: str) -> str:
    """Return the digest of the key with which a journal was made. Raises: EngineRefused, click.UsageError."""
    if is_in_database(place):
        from mockaxle.journals.postgres import key_digest_in

        return key_digest_in(place, timeout=READING_SECONDS)
    from mockaxle.journals.sqlite_file import key_digest_of

    return key_digest_of(Path(place))


def is_in_database(place: str) -> bool:
    """Tell whether a journal is in a database. Raises: click.UsageError if it is, and its library is missing."""
    from mockaxle.journals.database_url import is_database

    if not is_database(place):
        return False
    if find_spec("asyncpg") is None:
        raise missing("postgres", of="a journal in PostgreSQL")
    return True


def shown_place(place: str) -> str:
    """Return a journal's name as it may be printed."""
    from mockaxle.journals.database_url import is_database, shown

    return shown(place) if is_database(place) else place
