"""`mockaxle token`: an access token, for curl and scripts."""

import click

from mockaxle.cli.client import RunningMock, reaching


@click.command()
@reaching("Account to log in to.")
def token(target: RunningMock) -> None:
    """Print an access token of a running mock."""
    click.echo(target.log_in())
