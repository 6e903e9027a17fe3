"""`mockaxle advance`: set a world's clock forward."""

import click

from mockaxle.cli.client import RunningMock, admin, reaching
from mockaxle.client.visible import visible


@click.command()
@click.argument("lapse")
@reaching("Account whose world is meant.")
@admin
def advance(lapse: str, target: RunningMock) -> None:
    """Set a world's clock forward by LAPSE (61m, 1d12h, 90s) or to an instant (2026-01-20T22:00:00Z)."""
    from mockaxle.core.clock import read_duration
    from mockaxle.core.timestamps import read_timestamp

    if read_timestamp(lapse) is None and read_duration(lapse) is None:
        raise click.UsageError(
            f"{lapse!r} is neither a duration such as 61m nor an instant such as 2026-01-20T22:00:00Z"
        )
    body = {"to": lapse} if read_timestamp(lapse) else {"by": lapse}
    now = target.field(target.control("POST", "/clock/advance", json=body), "now", kind=str)
    click.echo(visible(now))
