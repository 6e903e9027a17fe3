"""`mockaxle healthcheck`: for Docker's HEALTHCHECK."""

from pathlib import Path

import click

from mockaxle.cli.client import FILE, Target
from mockaxle.cli.options import local_url, option


@click.command()
@option("--url", default=local_url, help="Base URL of the mock.")
@option("--tls-ca-file", type=FILE, help="The authority to trust, where the mock made its certificate.")
def healthcheck(url: str, tls_ca_file: Path | None) -> None:
    """Exit 0 where a mock is up, else 1, as Docker wants it."""
    try:
        with Target(url, tls_ca_file=tls_ca_file).client() as client:
            status = client.call("GET", "/__mockaxle/health").status
    except click.UsageError as error:
        raise click.ClickException(error.message) from None
    if status != 200:
        raise click.ClickException(f"{url} is not healthy: {status}")
    click.echo("ok")
