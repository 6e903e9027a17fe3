"""`mockaxle reset`, asked on a terminal and not asked in a script."""

import json
import os
import pty
import subprocess

import pytest

from tests.calling import onboarding
from tests.cli.test_freeze import here
from tests.cli.test_serve import MOCKAXLE, run
from tests.control.controlling import Controller, controller

__all__ = ["controller"]
PARTS = ["state", "clock", "market", "settings", "faults", "log"]


def sites(controller: Controller) -> int:
    found: int = controller.done("GET", "")["sites"]
    return found


@pytest.fixture
def home(controller: Controller) -> Controller:
    """An account with one site."""
    controller.call("POST", "/entities/site/onboard", onboarding())
    return controller


def on_a_terminal(typed: bytes, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the verb with a terminal as its standard input, on which a text is typed."""
    ours, theirs = pty.openpty()
    os.write(ours, typed)
    try:
        command = [*MOCKAXLE, "reset", *arguments]
        return subprocess.run(command, stdin=theirs, capture_output=True, text=True, timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)


def test_a_script_is_not_asked(home: Controller) -> None:
    done = run("reset", *here(home))
    said = f"reset state, clock, market, settings, faults, log of {home.username}\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, said, "")
    assert sites(home) == 0


@pytest.mark.parametrize(("typed", "code", "left"), [(b"y\n", 0, 0), (b"\n", 1, 1), (b"n\n", 1, 1), (b"\x04", 130, 1)])
def test_a_terminal_is_asked(home: Controller, typed: bytes, code: int, left: int) -> None:
    done = on_a_terminal(typed, *here(home))
    assert (done.returncode, sites(home)) == (code, left), done.stderr
    assert f"Drop 1 site, 1 asset and 3 log entries of {home.username}? [y/N]" in done.stderr
    assert ("nothing was reset" in done.stderr) == (code == 1)


def test_yes_is_an_answer_in_advance(home: Controller) -> None:
    done = on_a_terminal(b"", "--yes", "--json", *here(home))
    assert (json.loads(done.stdout), done.stderr) == ({"reset": PARTS}, "")
    assert sites(home) == 0
