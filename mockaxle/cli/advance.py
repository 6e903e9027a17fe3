"""`mockaxle advance`: advance a world's clock."""

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

    Prints the new time.
    """
    from mockaxle.core.clock import read_duration
    from mockaxle.core.timestamps import read_timestamp

    if read_timestamp(lapse) is None and read_duration(lapse) is None:
        raise click.UsageError(
            f"{lapse!r} is neither a duration such as 61m nor an instant such as 2026-01-20T22:00:00Z"
        )
    body = {"to": lapse} if read_timestamp(lapse) else {"by": lapse}
    now = target.field(target.control("POST", "/clock/advance", json=body), "now", kind=str)
    click.echo(visible(now))
