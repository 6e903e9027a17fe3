"""`mockaxle serve`: the mock, until Ctrl-C or SIGTERM."""

import signal
import sys
from pathlib import Path

import click

from mockaxle.cli.options import option
from mockaxle.settings import DEFAULT_HOST, DEFAULT_PORT, DEFAULT_SEED


@click.command()
@option("--host", default=DEFAULT_HOST, help="Address to listen on.")
@option("--port", type=click.IntRange(0, 65535), default=DEFAULT_PORT, help="Port to listen on; 0 takes a free one.")
@option(
    "--port-file", type=click.Path(dir_okay=False, path_type=Path), help="File to write the port to once it listens."
)
@option("--seed", default=DEFAULT_SEED, help="Any text; the same seed and calls give the same ids.")
@option("--public-url", default="/", help="What /openapi.json names as the server.")
@option("--max-worlds", type=click.IntRange(1), default=1000, help="Worlds to keep; beyond, the longest unused go.")
@option("--rules-header/--no-rules-header", default=True, help="Name each answer's rules in X-Mockaxle-Rules.")
@option("--quiet/--no-quiet", default=False, help="Print the base URL only.")
def serve(
    host: str,
    port: int,
    port_file: Path | None,
    seed: str,
    public_url: str,
    max_worlds: int,
    rules_header: bool,
    quiet: bool,
) -> None:
    """Serve the mock on HTTP until Ctrl-C."""
    from mockaxle.app import create_app
    from mockaxle.cli import terminal
    from mockaxle.listener import base_url, http_server, open_socket
    from mockaxle.settings import ServerSettings

    settings = ServerSettings(host, port, seed, public_url, rules_header, max_worlds)
    try:
        listening = open_socket(host, port)
    except (OSError, UnicodeError) as error:
        raise click.UsageError(f"cannot listen on {host}:{port}: {error}") from None
    with listening:
        app = create_app(
            settings,
            observe=terminal.print_exchange if sys.stdout.isatty() and not quiet else terminal.ignore,
            on_drop=terminal.print_dropped,
        )
        write_port(port_file, listening.getsockname()[1])
        terminal.print_welcome(base_url(listening), quiet=quiet)
        # uvicorn ends cleanly on both, then raises them again: being told to stop is no failure
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        http_server(app).run(sockets=[listening])


def write_port(file: Path | None, port: int) -> None:
    """Whole or not at all: a reader never sees half a number."""
    if file is None:
        return
    try:
        draft = file.with_name(file.name + ".draft")
        draft.write_text(f"{port}\n")
        draft.replace(file)
    except OSError as error:
        raise click.UsageError(f"cannot write the port file: {error}") from None
