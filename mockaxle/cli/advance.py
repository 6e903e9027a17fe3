"""`mockaxle advance`: advance a world's clock."""

import sys

import click

from mockaxle.cli.client import RunningMock, admin, reaching
from mockaxle.cli.commands import example
from mockaxle.client.visible import visible


@click.command(epilog=example("mockaxle advance 61m --url http://127.0.0.1:2953"))
@click.argument("lapse")
@reaching("Account of the world.")
@admin
def advance(lapse: str, target: RunningMock) -> None:
    """Advance a world's clock by LAPSE (61m, 1d12h, 90s) or to an instant (2026-01-20T22:00:00Z).

    Prints the new time. Deliveries that fall due on the way are made; exits 1 if they take more than a minute, with the
    time reached.
    """
    from mockaxle.core.clock import read_duration
    from mockaxle.core.timestamps import read_timestamp

    if read_timestamp(lapse) is None and read_duration(lapse) is None:
        raise click.UsageError(
            f"{lapse!r} is neither a duration such as 61m nor an instant such as 2026-01-20T22:00:00Z"
        )
    body = {"to": lapse} if read_timestamp(lapse) else {"by": lapse}
    answer = target.control("POST", "/clock/advance", json=body)
    click.echo(visible(target.field(answer, "now", kind=str)))
    if answer.field("reached") is False:
        click.echo("mockaxle: the deliveries on the way took more than a minute; advance again to go on", err=True)
        sys.exit(1)
