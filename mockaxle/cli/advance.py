"""`mockaxle advance`: set a world's clock forward."""

import click

from mockaxle.cli.client import call
from mockaxle.cli.options import local_url, option


@click.command()
@click.argument("lapse")
@option("--url", default=local_url, help="Base URL of the mock.")
@option("--username", default="demo", help="Account whose world is meant.")
@option("--password", default="demo", help="Its password.")
def advance(lapse: str, url: str, username: str, password: str) -> None:
    """Set a world's clock forward by LAPSE (61m, 1d12h, 90s) or to an instant (2026-01-20T22:00:00Z)."""
    from mockaxle.cli.token import log_in
    from mockaxle.core.timestamps import read_timestamp

    target = {"to": lapse} if read_timestamp(lapse) else {"by": lapse}
    token = log_in(url, username=username, password=password)
    bearer = {"Authorization": f"Bearer {token}"}
    answer = call(url, "POST", "/__mockaxle/world/clock/advance", json=target, headers=bearer)
    if answer.status_code != 200:
        raise click.ClickException(answer.json()["detail"])
    click.echo(answer.json()["now"])
