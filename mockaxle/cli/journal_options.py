"""The options of `mockaxle serve` that let its worlds last, and the journal that they name."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar

import click

from mockaxle.cli.announcement import announced
from mockaxle.cli.client import FILE
from mockaxle.cli.journal_places import held, is_in_database, journal_place, locked_at, opened_to_share
from mockaxle.cli.options import option
from mockaxle.client.visible import visible
from mockaxle.core.clock import read_duration
from mockaxle.serving.settings import JournalSettings, ServerSettings

if TYPE_CHECKING:
    from mockaxle.journals.engine import Engine
    from mockaxle.lasting import MakeLasting

F = TypeVar("F", bound=Callable[..., Any])
KEY = "MOCKAXLE_KEY"
DEFAULTS = JournalSettings()


class JournalOptions(NamedTuple):
    """Shape: journal is None if worlds are in memory only. Units: journal_keep in entries of a world's log."""

    journal: str | None
    journal_sync: Literal["always", "normal"]
    journal_timeout: timedelta
    journal_keep: int
    journal_forget: timedelta
    key_file: Path | None
    workers: int

    @property
    def settings(self) -> JournalSettings:
        return JournalSettings(self.journal_timeout, self.journal_keep, self.journal_forget)

    def check_workers(self) -> None:
        """Raises: click.UsageError."""
        if self.workers > 1 and self.journal is None:
            raise click.UsageError("several workers need --journal")
        if self.workers > 1 and sys.platform == "win32":
            raise click.UsageError("several workers need a POSIX system")


def duration(context: click.Context, option: click.Parameter, value: str) -> timedelta:
    """Raises: click.BadParameter."""
    lapse = read_duration(value)
    if not lapse:
        raise click.BadParameter("must be a duration such as 10s or 2m", context, option)
    return lapse


OPTIONS = (
    option(
        "--journal",
        callback=journal_place,
        help="File that keeps the worlds, or postgresql://HOST/DATABASE: they survive a restart and a crash. By "
        "default they are in memory only.",
    ),
    option(
        "--journal-sync",
        type=click.Choice(["always", "normal"]),
        default="always",
        help="always: an answered call survives a power cut; normal: a crash of the server, but the last moments "
        "before a power cut may be lost. A database does as its own settings say.",
    ),
    option("--journal-timeout", default="3s", callback=duration, help="Time to wait for the journal; then 503."),
    option(
        "--journal-keep",
        type=click.IntRange(1),
        default=DEFAULTS.log_entries,
        help="Entries of each world's log that can be read, verified and undone.",
    ),
    option("--journal-forget", default="30d", callback=duration, help="Drop worlds that are not used for so long."),
    option(
        "--key-file",
        type=FILE,
        help="File with the 64 hex digits of the key from which tokens and password hashes are made; by default the "
        f"journal's name with .key, which is generated; a database needs it. {KEY} holds the digits themselves.",
    ),
    option(
        "--workers",
        type=click.IntRange(1),
        default=1,
        help="Processes that serve the worlds of the journal together; one that ends is followed by another.",
    ),
)


def journal_options(command: F) -> F:
    for one in reversed(OPTIONS):
        command = one(command)
    return command


def with_key_of_journal(options: JournalOptions, server: ServerSettings, *, has_admin_token: bool) -> ServerSettings:
    """Return the settings with the key of the options, or the one beside the journal. Raises: click.UsageError."""
    server = _with_key(options, server)
    if options.journal is None:
        return server
    with _refusals():
        if is_in_database(options.journal):
            _check_given(options, has_admin_token=has_admin_token)
        elif not _names_key(options):
            return replace(server, signing_key=_key_beside(Path(options.journal)))
    return server


@contextmanager
def kept_by(options: JournalOptions, server: ServerSettings) -> "Iterator[MakeLasting | None]":
    """Open the journal for this server; yield what joins it with the server. Raises: click.UsageError."""
    if options.journal is None:
        yield None
        return
    shared = is_in_database(options.journal)
    with _refusals(), held(options.journal, **_access(options, server), shared=shared) as engine:
        _report_remarks(engine)
        yield _lasting(engine, options, is_shared=shared)


@contextmanager
def held_for_workers(options: JournalOptions, server: ServerSettings) -> "Iterator[tuple[str, tuple[int, ...]]]":
    """Hold the journal for workers; yield its place and the descriptors that they inherit. Raises: click.UsageError."""
    assert options.journal is not None
    with _refusals(), locked_at(options.journal) as inherited:
        with closing(opened_to_share(options.journal, **_access(options, server))) as engine:
            _report_remarks(engine)
            place = engine.place
        yield place, inherited


@contextmanager
def joined(options: JournalOptions, server: ServerSettings) -> "Iterator[MakeLasting]":
    """Open the journal in a worker; yield what joins it with the server. Raises: click.UsageError."""
    assert options.journal is not None
    with _refusals():
        engine = opened_to_share(options.journal, **_access(options, server))
    yield _lasting(engine, options, is_shared=True)


def _report_remarks(engine: "Engine") -> None:
    for remark in engine.remarks():
        report(remark)


def _access(options: JournalOptions, server: ServerSettings) -> dict[str, Any]:
    from mockaxle.journals.keys import digest_of_key

    timeout = options.journal_timeout.total_seconds()
    return {"key_digest": digest_of_key(server.signing_key), "timeout": timeout, "sync": options.journal_sync}


def _lasting(engine: "Engine", options: JournalOptions, *, is_shared: bool) -> "MakeLasting":
    from mockaxle.lasting import Lasting

    return partial(Lasting, engine, settings=options.settings, report=report, is_shared=is_shared)


@contextmanager
def _refusals() -> Iterator[None]:
    """Raises: click.UsageError for what an engine refuses."""
    from mockaxle.journals.engine import EngineRefused

    try:
        yield
    except EngineRefused as refused:
        raise click.UsageError(f"the journal cannot be used: {refused}") from None


def _check_given(options: JournalOptions, *, has_admin_token: bool) -> None:
    """Check that what a server would generate beside a file is given. Raises: click.UsageError."""
    if not _names_key(options):
        raise click.UsageError(f"a journal in PostgreSQL needs --key-file or {KEY}: openssl rand -hex 32 makes one")
    if not has_admin_token:
        raise click.UsageError("a journal in PostgreSQL needs --admin-token-file or MOCKAXLE_ADMIN_TOKEN")


def _key_beside(journal: Path) -> bytes:
    """Return the key in the file beside a journal, which is made with the journal. Raises: EngineRefused."""
    from mockaxle.journals.keys import key_beside
    from mockaxle.journals.sqlite_file import key_digest_of

    if journal.is_file() and journal.stat().st_size:
        key_digest_of(journal)  # it is a journal: else its key would be asked for
    return key_beside(journal)


def _names_key(options: JournalOptions) -> bool:
    return bool(options.key_file or os.environ.get(KEY))


def _with_key(options: JournalOptions, server: ServerSettings) -> ServerSettings:
    """Take the key of --key-file or of the environment. Raises: click.UsageError."""
    from mockaxle.journals.keys import read_key

    if not _names_key(options):
        return server
    place = str(options.key_file) if options.key_file else KEY
    try:
        text = options.key_file.read_text(encoding="ascii") if options.key_file else os.environ[KEY]
        return replace(server, signing_key=read_key(text))
    except (OSError, ValueError) as error:
        raise click.UsageError(f"the key of {place} cannot be read: {error}") from None


def report(line: str) -> None:
    """Print a line about the journal on standard error."""
    with suppress(OSError, UnicodeError):
        click.echo(f"mockaxle: {visible(line)}", err=True)


@contextmanager
def ended(app: Any) -> Iterator[None]:
    """Keep what is on its way at the end of a block."""
    try:
        yield
    finally:
        if app.lasting is not None:
            from mockaxle.journals.engine import EngineRefused

            try:
                with announced("Writing the worlds to the journal ..."):
                    app.lasting.end()
            except EngineRefused as refused:
                report(f"The journal did not keep what was not yet answered: {refused}")
                raise SystemExit(1) from None
