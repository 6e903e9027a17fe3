"""`mockaxle healthcheck`: for Docker's HEALTHCHECK."""

from pathlib import Path

import click

from mockaxle.cli.client import FILE, RunningMock
from mockaxle.cli.options import local_url, option


@click.command()
@option("--url", default=local_url, help="Base URL of the mock.")
@option("--tls-ca-file", type=FILE, help="The authority to trust, where the mock made its certificate.")
def healthcheck(url: str, tls_ca_file: Path | None) -> None:
    """Exit 0 where a mock is up, else 1, as Docker wants it."""
    from mockaxle.client.health import NoMock, check_mock

    try:
        with RunningMock(url, tls_ca_file=tls_ca_file).client() as client:
            check_mock(client)
    except click.UsageError as error:
        raise click.ClickException(error.message) from None
    except NoMock as error:
        raise click.ClickException(str(error)) from None
    click.echo("ok")
