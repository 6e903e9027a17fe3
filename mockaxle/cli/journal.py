"""`mockaxle journal`: check, list, drop and copy the worlds of a journal, which is a file or a database."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mockaxle.cli.announcement import announced
from mockaxle.cli.commands import AdvisingGroup, example
from mockaxle.cli.journal_places import held, journal_place, key_digest_at, opened_to_read, shown_place
from mockaxle.cli.output import counted, print_columns
from mockaxle.client.visible import visible
from mockaxle.core.timestamps import spell_utc

if TYPE_CHECKING:
    from mockaxle.journals.engine import Engine
    from mockaxle.journals.finding import Finder

PLACE = click.Path(path_type=str)


@click.group(cls=AdvisingGroup, epilog=example("mockaxle journal check mock.db"))
def journal() -> None:
    """Check, list, drop and copy the worlds of a journal, which `mockaxle serve --journal` writes."""


@journal.command(epilog=example("mockaxle journal check mock.db"))
@click.argument("journal", type=PLACE, callback=journal_place)
def check(journal: str) -> None:
    """Replay every world from its first row and from each base, and compare the answers. Exit 1 if one differs."""
    from mockaxle.journals.checking import check_worlds

    found, problems = [], 0
    with reading(journal) as engine:
        for one in check_worlds(engine, _finder(engine)):
            found.append(one)
            problems += bool(one.problem)
            if one.problem:
                click.echo(f"{visible(one.name)}: {visible(one.problem, limit=400)}")
    rows, entries = sum(one.rows for one in found), sum(one.entries for one in found)
    counts = ", ".join((counted(len(found), "world"), counted(rows, "row"), counted(entries, "line")))
    click.echo(f"{counts}: {_verdict(problems)}")
    if problems:
        raise SystemExit(1)


def _verdict(problems: int) -> str:
    return f"{problems} do not replay" if problems else "all replay to the same answers"


@journal.command("list", epilog=example("mockaxle journal list mock.db"))
@click.argument("journal", type=PLACE, callback=journal_place)
def list_worlds(journal: str) -> None:
    """List the worlds: name, rows, size, and when they were last used."""
    from mockaxle.journals.rows import OF_A_USERNAME

    with reading(journal) as engine:
        rows = []
        for last in engine.last_rows():
            if not last.world.startswith(OF_A_USERNAME) and last.kind != "closed":
                size = engine.size(last.world)
                kb = f"{-(-size.characters // 1000):,} kB"
                rows.append((last.head["name"], counted(size.rows, "row"), kb, spell_utc(last.last_at)))
    print_columns(sorted(rows), empty="no worlds")


@journal.command(epilog=example("mockaxle journal drop mock.db demo"))
@click.argument("journal", type=PLACE, callback=journal_place)
@click.argument("world")
def drop(journal: str, world: str) -> None:
    """Drop a world with its accounts, while no server uses the journal."""
    from mockaxle.journals.copying import drop_world
    from mockaxle.serving.credentials import address_of

    with writing(journal, like=journal) as engine:
        try:
            drop_world(engine, world, address=address_of(world), real=datetime.now(UTC))
        except KeyError:
            raise click.UsageError(f"the journal has no world {visible(world)}: see `mockaxle journal list`") from None
    click.echo(f"dropped {visible(world)}")


@journal.command(epilog=example("mockaxle journal copy mock.db copy.db"))
@click.argument("source", type=PLACE, callback=journal_place)
@click.argument("target", type=PLACE, callback=journal_place)
@click.option("--without-secrets", is_flag=True, help="Leave out the secrets of receivers.")
def copy(source: str, target: str, without_secrets: bool) -> None:
    """Copy all worlds to another journal, also while a server uses the first one. The key is not copied."""
    from mockaxle.journals.copying import copy_journal

    said = announced(f"Copying {visible(shown_place(source))} ...")
    with reading(source) as one, writing(target, like=source) as other, said:
        count = copy_journal(one, other, without_secrets=without_secrets)
    beside = Path(f"{source}.key")
    key = f"--key-file {beside}" if beside.exists() else "the key of the first one"
    place = visible(shown_place(target))
    click.echo(f"copied {counted(count, 'world')}; serve the copy by --journal {place} with {visible(key)}")


@contextmanager
def reading(place: str) -> "Iterator[Engine]":
    """Read a journal until the block ends. Raises: click.UsageError."""
    from mockaxle.journals.engine import EngineRefused

    try:
        with closing(opened_to_read(place)) as engine:
            yield engine
    except EngineRefused as refused:
        raise click.UsageError(f"the journal cannot be read: {refused}") from None


@contextmanager
def writing(place: str, *, like: str) -> "Iterator[Engine]":
    """Hold a journal until the block ends, with the key of a present one. Raises: click.UsageError."""
    from mockaxle.journals.engine import EngineRefused

    try:
        with held(place, key_digest=key_digest_at(like)) as engine, closing(engine):
            yield engine
    except EngineRefused as refused:
        raise click.UsageError(f"the journal cannot be used: {refused}") from None


def _finder(engine: "Engine") -> "Finder":
    from mockaxle.app import make_apply
    from mockaxle.contract.document import load_contract
    from mockaxle.journals.finding import Finder
    from mockaxle.scenarios.shipped import default
    from mockaxle.serving.settings import JournalSettings
    from mockaxle.world.opening import Beginning

    entries = JournalSettings().log_entries
    return Finder(engine, make_apply(load_contract()), beginning=Beginning(default()), max_entries=entries)
