"""`mockaxle token`: an access token, for curl and scripts."""

import click

from mockaxle.cli.client import RunningMock, reaching
from mockaxle.cli.commands import example


@click.command(epilog=example("mockaxle token --username demo --url http://127.0.0.1:2953"))
@reaching("Account to log in to.")
def token(target: RunningMock) -> None:
    """Print an access token of a running mock."""
    click.echo(target.log_in())
