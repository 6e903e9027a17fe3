"""`mockaxle healthcheck`: for Docker's HEALTHCHECK."""

from pathlib import Path

import click

from mockaxle.cli.client import FILE, Target
from mockaxle.cli.options import local_url, option


@click.command()
@option("--url", default=local_url, help="Base URL of the mock.")
@option("--tls-ca-file", type=FILE, help="The authority to trust, where the mock made its certificate.")
def healthcheck(url: str, tls_ca_file: Path | None) -> None:
    """Exit 0 where a mock is up, else 1."""
    answer = Target(url, tls_ca_file=tls_ca_file).call("GET", "/__mockaxle/health")
    if answer.status_code != 200:
        raise click.ClickException(f"{url} is not healthy: {answer.status_code}")
    click.echo("ok")
