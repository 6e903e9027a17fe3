"""`mockaxle reset`: restore the beginning of a world."""

import sys

import click

from mockaxle.cli.client import RunningMock, admin, as_json, reaching
from mockaxle.cli.commands import example
from mockaxle.cli.options import flag_only
from mockaxle.cli.output import counted, print_json
from mockaxle.client.visible import visible


@click.command(epilog=example("mockaxle reset --yes --url http://127.0.0.1:2953"))
@flag_only("--yes", is_flag=True, help="Do not ask.")
@as_json
@reaching("Account of the world.")
@admin
def reset(yes: bool, as_json: bool, target: RunningMock) -> None:
    """Restore the beginning of a world: its state, clock, market, settings, faults and log.

    Tokens stay valid. On a terminal it asks first, and exits 1 if the answer is no; a script is not asked.
    """
    if sys.stdin.isatty() and not yes and not _is_agreed(target):
        click.echo("nothing was reset", err=True)
        sys.exit(1)
    answer = target.control("POST", "/reset", json={})
    parts = target.field(answer, "reset", kind=list)
    if as_json:
        print_json(answer)
    else:
        click.echo(visible(f"reset {', '.join(map(str, parts))} of {target.username}"))


def _is_agreed(target: RunningMock) -> bool:
    """Ask whether to drop what there is. Raises: click.UsageError, click.Abort."""
    world = target.control("GET", "")
    sites, assets, entries = (target.field(world, name, kind=int) for name in ("sites", "assets", "entries"))
    there = f"{counted(sites, 'site')}, {counted(assets, 'asset')} and {counted(entries, 'log entry')}"
    return click.confirm(f"Drop {there} of {visible(target.username)}?", err=True)
