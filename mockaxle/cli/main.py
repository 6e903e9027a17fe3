"""The command `mockaxle`: one module per verb, imported when the verb is called."""

import io
import os
import sys
from contextlib import suppress
from errno import EPIPE
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from mockaxle.cli.commands import HELP, AdvisingGroup, example, no_such_option
from mockaxle.client.visible import visible

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

BROKEN_PIPE = 141
VERBS = {
    "serve": ("mockaxle.cli.serve", "Serve the mock."),
    "demo": ("mockaxle.cli.demo", "Run the demo: one site from onboarding to a schedule with a pause."),
    "site": ("mockaxle.cli.site", "List a world's sites, or show one."),
    "advance": ("mockaxle.cli.advance", "Advance a world's clock."),
    "log": ("mockaxle.cli.log", "Print the newest entries of a world's log, and follow it."),
    "fault": ("mockaxle.cli.fault", "Add, list and remove faults."),
    "freeze": ("mockaxle.cli.freeze", "Freeze a world's clock, or let it run."),
    "reset": ("mockaxle.cli.reset", "Restore the beginning of a world."),
    "windows": ("mockaxle.cli.windows", "List the flex windows of a world's market."),
    "trigger": ("mockaxle.cli.trigger", "Say a message, and send it to the receivers."),
    "listen": ("mockaxle.cli.listen", "Forward a mock's messages to a server of this machine."),
    "scenario": ("mockaxle.cli.scenario", "List, check, load and dump scenarios."),
    "check": ("mockaxle.cli.check", "Check a server against the contract and the rules."),
    "check-receiver": ("mockaxle.cli.check_receiver", "Check a partner's receiver of messages."),
    "export": ("mockaxle.cli.export", "Export a world's log as a recording, HAR, curl script or test."),
    "replay": ("mockaxle.cli.replay", "Replay a recording and report differences."),
    "journal": ("mockaxle.cli.journal", "Check, list, drop and copy the worlds of a journal."),
    "contract": ("mockaxle.cli.contract", "Print the API document of all operations or of one product."),
    "rules": ("mockaxle.cli.rules", "Print the rules that the mock follows."),
    "magic": ("mockaxle.cli.magic", "List the inputs that trigger special responses."),
    "token": ("mockaxle.cli.token", "Print an access token of a running mock."),
    "wait": ("mockaxle.cli.wait", "Wait until a mock is up."),
    "healthcheck": ("mockaxle.cli.healthcheck", "Exit 0 if a mock is up, else 1."),
    "completion": ("mockaxle.cli.completion", "Print a completion script for bash or zsh."),
}
ALIASES = {"rule": "rules"}


class OutputUnread(Exception):
    """The reader of standard output has closed it."""


class Verbs(AdvisingGroup):
    """The group of all verbs. Listing and completing their names imports none of them."""

    def invoke(self, context: click.Context) -> Any:
        """Raises: OutputUnread. click itself would exit with 1."""
        try:
            return super().invoke(context)
        except BrokenPipeError:
            raise OutputUnread() from None

    def list_commands(self, context: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        verb = ALIASES.get(name, name)
        if verb not in VERBS:
            return None
        command = getattr(import_module(VERBS[verb][0]), verb.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(verb, help) for verb, (_, help) in VERBS.items()])

    def shell_complete(self, context: click.Context, incomplete: str) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

        verbs = [CompletionItem(verb, help=VERBS[verb][1]) for verb in VERBS if verb.startswith(incomplete)]
        return verbs + click.Command.shell_complete(self, context, incomplete)


@click.command(cls=Verbs, context_settings=HELP, epilog=example("mockaxle serve"))
@click.version_option(package_name="mockaxle")
def cli() -> None:
    """An unofficial local mock of the Axle Energy partner API."""


def main() -> None:
    """Run the command line. Errors are a line or a few on standard error.

    Exit codes: 0 success; 1 a finding or a difference; 2 wrong usage, unreadable input, unwritable output or an
    unreachable server; 130 interrupted, 141 output closed by its reader, 143 by SIGTERM.
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
            complain(f"cannot write the output: {error}")
            code = 2
        _discard_output()
    sys.exit(code)


def _outcome() -> int:
    """The exit code. Errors are printed."""
    try:
        return _called()
    except click.exceptions.NoArgsIsHelpError as help:
        help.show()
        return help.exit_code
    except click.NoSuchOption as error:
        complain(no_such_option(error))
        return error.exit_code
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
    """The exit code of the verb, which may also exit by itself. Raises: OutputUnread, and as click."""
    try:
        return int(cli.main(prog_name="mockaxle", standalone_mode=False) or 0)
    except SystemExit as ended:
        return int(ended.code or 0)


def _discard_output() -> None:
    """Redirect standard output, which Python would otherwise flush at exit, and fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(text: str) -> None:
    """Print an error, with control characters escaped."""
    lines = [visible(" ".join(line.split())) for line in text.splitlines()]
    with suppress(OSError):
        click.echo("mockaxle: " + "\n".join(lines), err=True)
