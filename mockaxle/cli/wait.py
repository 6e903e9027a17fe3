"""`mockaxle wait`: until a mock is up, for scripts that start one in the background."""

import time
from pathlib import Path

import click

from mockaxle.cli.options import flag_only, local_url, option
from mockaxle.settings import DEFAULT_HOST
from mockaxle.visible import visible

PAUSE_SECONDS = 0.05
PORT_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@option("--url", default=local_url, help="Base URL of the mock.")
@option("--port-file", type=PORT_FILE, help="File that `mockaxle serve --port-file` writes.")
@flag_only("--timeout", type=click.FloatRange(min=0), default=30.0, help="Seconds to wait.")
def wait(url: str, port_file: Path | None, timeout: float) -> None:
    """Wait until a mock is up, and print its base URL; exit 2 where it is not in time."""
    until = time.monotonic() + timeout
    while True:
        found = _url(port_file) if port_file else url.rstrip("/")
        if found is not None and _is_up(found):
            click.echo(found)
            return
        if time.monotonic() >= until:
            where = f"{port_file} names no mock" if port_file and found is None else f"no mock at {found}"
            raise click.UsageError(f"{where} within {timeout:g} s")
        time.sleep(PAUSE_SECONDS)


def _url(port_file: Path) -> str | None:
    """Where a mock listens that wrote its port; None as long as it has not."""
    try:
        return f"http://{DEFAULT_HOST}:{int(port_file.read_text(encoding='ascii'))}"
    except (OSError, ValueError):
        return None


def _is_up(url: str) -> bool:
    """Raises: click.UsageError where it is no URL."""
    from mockaxle.client.client import Bounds, Client
    from mockaxle.client.errors import Unanswered, UrlRefused
    from mockaxle.client.health import NoMock, check_mock

    try:
        with Client(url) as client:
            check_mock(client, within=Bounds(seconds=5))
        return True
    except UrlRefused as error:
        raise click.UsageError(f"{visible(url)}: {visible(str(error))}") from None
    except (NoMock, Unanswered):
        return False
