"""`mockaxle log`: print the newest entries of a world's log, and follow it."""

from time import sleep
from typing import TYPE_CHECKING, Any

import click

from mockaxle.cli.client import RunningMock, admin, reaching
from mockaxle.cli.commands import example
from mockaxle.cli.interruption import interruptible
from mockaxle.cli.listen import check_passing
from mockaxle.cli.log_lines import print_entry
from mockaxle.cli.options import flag_only
from mockaxle.client.visible import shown_url, visible

if TYPE_CHECKING:
    from mockaxle.cli.log_tail import LogTail, TailPage


@click.command(epilog=example("mockaxle log --status 422 --url http://127.0.0.1:2953"))
@flag_only("-f", "--follow", is_flag=True, help="Go on with each new entry until Ctrl-C.")
@flag_only("--limit", type=click.IntRange(1, 1000), default=20, help="Number of entries to begin with.")
@flag_only("--operation", help="Only calls of this operation, such as 'GET /entities/site'.")
@flag_only("--status", type=click.IntRange(100, 999), help="Only calls and deliveries with this status.")
@flag_only("--site", help="Only calls that name this site, by its id or MPAN.")
@flag_only("--text", help="Only entries that contain this text.")
@flag_only("--json", "as_json", is_flag=True, help="Print each entry as JSON, in a line of its own.")
@reaching("Account of the world.")
@admin
def log(follow: bool, limit: int, as_json: bool, target: RunningMock, **filters: str | int | None) -> None:
    """Print the newest entries of a world's log, oldest first.

    A line has the number, the time of the world's clock, what was done (a call, a command of control, or a delivery),
    its status and its rules. The log-in of this command is an entry too. `GET /__mockaxle/world/log/NUMBER` explains an
    entry.
    """
    from mockaxle.cli.log_tail import LogTail

    wanted = {name: str(value) for name, value in filters.items() if value is not None}
    with interruptible(), target.client() as client:
        tail = LogTail(target.session(client), wanted)
        for entry in _newest(tail, target, limit=limit):
            print_entry(entry, as_json=as_json)
        while follow:
            page = _read(tail)
            if page.is_anew:
                click.echo("mockaxle: the log begins anew", err=True)
            for entry in page.entries:
                print_entry(entry, as_json=as_json)


def _newest(tail: "LogTail", target: RunningMock, *, limit: int) -> list[dict[str, Any]]:
    """Raises: click.UsageError, Unanswered."""
    from mockaxle.cli.log_tail import NoLog
    from mockaxle.client.control import ControlFailed
    from mockaxle.client.log_in import LogInRefused

    try:
        return tail.newest(limit)
    except (NoLog, ControlFailed, LogInRefused) as error:
        raise click.UsageError(f"{shown_url(target.url)}: {visible(str(error))}") from None


def _read(tail: "LogTail") -> "TailPage":
    """Wait for new entries. While the mock cannot be reached, try again. Raises: click.UsageError."""
    from mockaxle.cli.forwarding import LOST, PAUSE_SECONDS
    from mockaxle.cli.log_tail import NoLog

    is_lost = False
    while True:
        try:
            page = tail.read()
        except NoLog as error:
            raise click.UsageError(str(error)) from None
        except LOST as error:
            check_passing(error)
            if not is_lost:
                click.echo(f"mockaxle: {visible(str(error))}; trying again", err=True)
            is_lost = True
            sleep(PAUSE_SECONDS)
            tail.log_in_again()
            continue
        if is_lost:
            click.echo("mockaxle: the mock answers again", err=True)
        return page
