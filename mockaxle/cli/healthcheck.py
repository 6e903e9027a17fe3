"""`mockaxle healthcheck`: for Docker's HEALTHCHECK."""

from pathlib import Path

import click

from mockaxle.cli.client import CA_HELP, FILE, RunningMock
from mockaxle.cli.commands import example
from mockaxle.cli.options import local_url, option


@click.command(epilog=example("mockaxle healthcheck --url http://127.0.0.1:2953"))
@option("--url", default=local_url, help="Base URL of the mock.")
@option("--tls-ca-file", type=FILE, help=CA_HELP)
def healthcheck(url: str, tls_ca_file: Path | None) -> None:
    """Exit 0 if a mock is up, else 1, as Docker's HEALTHCHECK expects."""
    from mockaxle.client.health import NoMock, check_mock

    try:
        with RunningMock(url, tls_ca_file=tls_ca_file).client() as client:
            check_mock(client)
    except click.UsageError as error:
        raise click.ClickException(error.message) from None
    except NoMock as error:
        raise click.ClickException(str(error)) from None
    click.echo("ok")
