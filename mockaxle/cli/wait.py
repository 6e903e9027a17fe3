"""`mockaxle wait`: wait until a mock is up, in scripts that start one in the background."""

import ssl
import time
from pathlib import Path

import click
from click.core import ParameterSource

from mockaxle.cli.client import CA_HELP, FILE, trusted
from mockaxle.cli.commands import example
from mockaxle.cli.options import flag_only, local_url, option
from mockaxle.client.visible import shown_url, visible
from mockaxle.serving.settings import DEFAULT_HOST

PAUSE_SECONDS, LONGEST_TRY_SECONDS = 0.05, 5.0
PORT_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(epilog=example("mockaxle wait --url http://127.0.0.1:2953 --timeout 10"))
@option("--url", default=local_url, help="Base URL of the mock.")
@option("--port-file", type=PORT_FILE, help="File written by `mockaxle serve --port-file`; replaces --url.")
@option("--tls-ca-file", type=FILE, help=CA_HELP)
@flag_only("--timeout", type=click.FloatRange(min=0), default=30.0, help="Seconds to wait at most.")
def wait(url: str, port_file: Path | None, tls_ca_file: Path | None, timeout: float) -> None:
    """Wait until a mock is up and print its base URL. Exit 2 if it is not up in time."""
    source = click.get_current_context().get_parameter_source
    if source("url") is ParameterSource.COMMANDLINE and source("port_file") is not ParameterSource.COMMANDLINE:
        port_file = None
    until = time.monotonic() + timeout
    while True:
        found = _url(port_file) if port_file else url.rstrip("/")
        left = until - time.monotonic()
        missing = _missing(found, trusted(tls_ca_file), left) if found else f"{port_file} has no port yet"
        if not missing:
            click.echo(found)
            return
        if time.monotonic() >= until:
            raise click.UsageError(f"{missing}, after {timeout:g} s")
        time.sleep(PAUSE_SECONDS)


def _url(port_file: Path) -> str | None:
    """The URL of the mock that wrote the port file, or None if it has not done so yet."""
    try:
        return f"http://{DEFAULT_HOST}:{int(port_file.read_text(encoding='ascii'))}"
    except (OSError, ValueError):
        return None


def _missing(url: str, ca: ssl.SSLContext | None, left_seconds: float) -> str:
    """Why no mock is up, or an empty text. Raises: click.UsageError if it is not a URL."""
    from mockaxle.client.client import Bounds, Client
    from mockaxle.client.errors import Unanswered, UrlRefused
    from mockaxle.client.health import NoMock, check_mock

    bounds = Bounds(seconds=min(max(left_seconds, PAUSE_SECONDS), LONGEST_TRY_SECONDS))
    try:
        with Client(url, ca=ca) as client:
            check_mock(client, within=bounds)
    except UrlRefused as error:
        raise click.UsageError(f"{shown_url(url)}: {visible(str(error))}") from None
    except Unanswered as error:
        return f"no answer from {shown_url(url)}: {visible(str(error))}"
    except NoMock as error:
        return visible(str(error))
    return ""
