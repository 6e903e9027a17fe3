"""The command `mockaxle`: one module per verb, loaded when its verb is called."""

import io
import os
import sys
from contextlib import suppress
from errno import EPIPE
from importlib import import_module
from typing import Any

import click

from mockaxle.client.visible import visible

BROKEN_PIPE = 141
VERBS = {
    "serve": ("mockaxle.cli.serve", "Serve the mock."),
    "demo": ("mockaxle.cli.demo", "Live a home's life, call by call, and see its schedule get a pause."),
    "advance": ("mockaxle.cli.advance", "Set a world's clock forward."),
    "scenario": ("mockaxle.cli.scenario", "Check, load and write the worlds to start from."),
    "check": ("mockaxle.cli.check", "Check whether a server behaves as the contract and the rules say."),
    "export": ("mockaxle.cli.export", "Print what happened in a world: to replay, or for other tools."),
    "replay": ("mockaxle.cli.replay", "Live a recording again, here or on another server, and compare."),
    "contract": ("mockaxle.cli.contract", "Print the API document, whole or cut to a product."),
    "magic": ("mockaxle.cli.magic", "Print the inputs that stand for something."),
    "token": ("mockaxle.cli.token", "Print an access token of a running mock."),
    "wait": ("mockaxle.cli.wait", "Wait until a mock is up."),
    "healthcheck": ("mockaxle.cli.healthcheck", "Exit 0 where a mock is up, else 1."),
}


class OutputUnread(Exception):
    """Nobody reads standard output any more."""


class Verbs(click.Group):
    def invoke(self, context: click.Context) -> Any:
        """Raises: OutputUnread, in the place of what click would make exit code 1."""
        try:
            return super().invoke(context)
        except BrokenPipeError:
            raise OutputUnread() from None

    def list_commands(self, context: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        command = getattr(import_module(VERBS[name][0]), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(verb, help) for verb, (_, help) in VERBS.items()])


@click.command(cls=Verbs)
@click.version_option(package_name="mockaxle")
def cli() -> None:
    """A local stand-in for the Axle Energy partner API. Unofficial; start with `mockaxle serve`."""


def main() -> None:
    """Run the command line. What is wrong is a line or a few on standard error.

    Exit codes: 0 good; 1 a finding or a difference; 2 a wrong call, input that cannot be read, output that cannot be
    written or a server that cannot be reached; 130 interrupted, 141 where nobody reads the output, 143 by SIGTERM.
    """
    for stream in (sys.stdout, sys.stderr):
        assert isinstance(stream, io.TextIOWrapper)
        stream.reconfigure(errors="backslashreplace")
    code = _outcome()
    try:
        sys.stdout.flush()
    except OSError as error:
        code = BROKEN_PIPE
        if error.errno != EPIPE:
            complain(f"the output cannot be written: {error}")
            code = 2
        _discard_output()
    sys.exit(code)


def _outcome() -> int:
    """The exit code; what is wrong is printed."""
    try:
        return _called()
    except click.exceptions.NoArgsIsHelpError as help:
        help.show()
        return help.exit_code
    except click.ClickException as error:
        complain(error.format_message())
        return error.exit_code
    except OutputUnread:
        _discard_output()
        return BROKEN_PIPE
    except OSError as error:
        complain(str(error))
        return 2
    except (click.Abort, KeyboardInterrupt):
        return 130


def _called() -> int:
    """The exit code of the verb, by which it may also end itself. Raises: OutputUnread, and as click."""
    try:
        return int(cli.main(prog_name="mockaxle", standalone_mode=False) or 0)
    except SystemExit as ended:
        return int(ended.code or 0)


def _discard_output() -> None:
    """Python writes at its end what it could not write before, and would fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(text: str) -> None:
    """Say what is wrong, without anything that a terminal would act on."""
    lines = [visible(" ".join(line.split())) for line in text.splitlines()]
    with suppress(OSError):
        click.echo("mockaxle: " + "\n".join(lines), err=True)
