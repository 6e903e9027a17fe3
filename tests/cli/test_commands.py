"""Help and examples, the same for every verb. Suggestions for mistyped names are in test_serve.py."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from mockaxle.cli.main import VERBS, cli
from tests.calling import Caller
from tests.cli.test_serve import run
from tests.clocks import ManualClock
from tests.hostile.test_command_lines import commands
from tests.journals.lasting_app import on_file
from tests.serving import Served


def with_groups() -> dict[str, click.Command]:
    """Every verb by its words, with the groups."""
    assert isinstance(cli, click.Group)
    verbs = {verb: cli.get_command(click.Context(cli), verb) for verb in VERBS}
    groups = {verb: command for verb, command in verbs.items() if isinstance(command, click.Group)}
    return {"": cli, **groups, **commands()}


def example_of(command: click.Command) -> str:
    assert command.epilog
    return command.epilog.removeprefix("\b\nExample: ")


COMMANDS = with_groups()
LASTING = ("serve", "listen", "trigger", "check-receiver")
"""Verbs whose examples run until they are stopped, or need a car or a receiver."""

EXAMPLES = {example for command in COMMANDS.values() if (example := example_of(command)).split()[1] not in LASTING}


@pytest.mark.parametrize("words", ["", "serve", "scenario", "scenario load", "rule"])
def test_a_short_flag_prints_the_same_help(words: str) -> None:
    long, short = (run(*words.split(), flag) for flag in ("--help", "-h"))
    assert (long.returncode, long.stdout) == (0, short.stdout)
    assert "  -h, --help " in short.stdout


@pytest.mark.parametrize("words", COMMANDS)
def test_help_ends_with_one_example_and_shows_real_defaults(words: str) -> None:
    help = COMMANDS[words].get_help(click.Context(COMMANDS[words], info_name="mockaxle", terminal_width=60))
    assert re.findall(r"Example: .*", help) == [f"Example: {example_of(COMMANDS[words])}"]
    assert help.endswith(f"\n\n  Example: {example_of(COMMANDS[words])}")
    assert "(dynamic)" not in help


def write_journal(place: Path) -> None:
    """Write a journal with the world of the examples."""
    server = on_file(place, ManualClock())
    Caller(server, "demo")  # type: ignore[arg-type]
    server.end()


@pytest.mark.parametrize("line", sorted(EXAMPLES))
def test_an_example_works_as_it_is(line: str, served: Served, tmp_path: Path) -> None:
    if "mock.db" in line:
        write_journal(tmp_path / "mock.db")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "MOCKAXLE_PORT": str(served.port)}
    script = f"mockaxle advance 1m\n{line.replace('2953', str(served.port))}"
    done = subprocess.run(["bash", "-ec", script], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("verb", [verb for verb in LASTING if verb in COMMANDS])
def test_the_other_examples_are_understood(verb: str) -> None:
    program, named, *arguments = shlex.split(example_of(COMMANDS[verb]))
    assert (program, named) == ("mockaxle", verb)
    COMMANDS[verb].make_context(verb, arguments)


def test_the_examples_that_serve_are_understood() -> None:
    for words in ("", "serve"):
        program, verb, *arguments = shlex.split(example_of(COMMANDS[words]))
        assert (program, verb) == ("mockaxle", "serve")
        assert COMMANDS["serve"].make_context(verb, arguments).params["port"] == 2953


def test_the_default_url_has_the_port_of_the_environment() -> None:
    assert "http://127.0.0.1:2953" in run("token", "--help", MOCKAXLE_PORT="2953").stdout
    assert "http://127.0.0.1:4000" in run("token", "--help", MOCKAXLE_PORT="4000").stdout
