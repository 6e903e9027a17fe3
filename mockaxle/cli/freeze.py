"""`mockaxle freeze`: freeze a world's clock, or let it run."""

import click

from mockaxle.cli.client import RunningMock, admin, as_json, reaching
from mockaxle.cli.commands import example
from mockaxle.cli.options import flag_only
from mockaxle.cli.output import print_json
from mockaxle.client.visible import visible


@click.command(epilog=example("mockaxle freeze 2040-01-20T22:00:00Z --url http://127.0.0.1:2953"))
@click.argument("instant", required=False)
@flag_only("--off", is_flag=True, help="Let the clock run at the usual rate, from where it is.")
@as_json
@reaching("Account of the world.")
@admin
def freeze(instant: str | None, off: bool, as_json: bool, target: RunningMock) -> None:
    """Freeze a world's clock at INSTANT, such as 2040-01-20T22:00:00Z, or where it is.

    Prints the time. The clock can go back only while the world has no sites.
    """
    from mockaxle.core.timestamps import read_timestamp

    if instant is not None and off:
        raise click.UsageError("INSTANT and --off cannot be used together")
    if instant is not None and read_timestamp(instant) is None:
        raise click.UsageError(f"{instant[:100]!r} is not an instant such as 2040-01-20T22:00:00Z")
    body = {"rate": 1 if off else 0, **({"at": instant} if instant is not None else {})}
    answer = target.control("PUT", "/clock", json=body)
    now = target.field(answer, "now", kind=str)
    if as_json:
        print_json(answer)
    else:
        click.echo(visible(now))
