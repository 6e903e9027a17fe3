"""`mockaxle healthcheck`: for Docker's HEALTHCHECK."""

import click

from mockaxle.cli.client import call
from mockaxle.cli.options import local_url, option


@click.command()
@option("--url", default=local_url, help="Base URL of the mock.")
def healthcheck(url: str) -> None:
    """Exit 0 where a mock is up, else 1."""
    answer = call(url, "GET", "/__mockaxle/health")
    if answer.status_code != 200:
        raise click.ClickException(f"{url} is not healthy: {answer.status_code}")
    click.echo("ok")
