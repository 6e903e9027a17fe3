"""How far `mockaxle check` is, on standard error."""

import shutil
import sys
from contextlib import suppress
from typing import Any, TextIO

import click

from mockaxle.harness.progress import Progress

BAR_WIDTH = 36
LABEL_WIDTH = 28  # of the suite before a bar, and of the percentage and the time after it


def suite_progress(count: int) -> Progress:
    """Bars on a terminal, else lines."""
    return SuiteBars(count, sys.stderr) if sys.stderr.isatty() else SuiteLines(count)


class SuiteLines(Progress):
    """A line when a suite begins, and one when it has ended."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._number = 0
        self._suite = ""

    def begin(self, suite: str) -> None:
        self._number, self._suite = self._number + 1, suite
        _report(f"{suite}: running, suite {self._number} of {self._count}")

    def end(self, outcome: str) -> None:
        _report(f"{self._suite}: {outcome}")


def _report(text: str) -> None:
    """Print a line, unless nobody reads standard error any more: the check goes on, and writes its reports."""
    with suppress(OSError):
        click.echo(text, err=True)


class SuiteBars(Progress):
    """A bar for each suite, and a line for a suite that is not done."""

    def __init__(self, count: int, terminal: TextIO) -> None:
        self._count = count
        self._terminal = terminal
        self._number = 0
        self._label = ""
        self._bar: Any = None

    def begin(self, suite: str) -> None:
        self._number += 1
        self._label, self._bar = f"{self._number}/{self._count} {suite:12}", None

    def step(self, done: int, total: int) -> None:
        if self._bar is None:
            width = max(0, min(BAR_WIDTH, shutil.get_terminal_size().columns - LABEL_WIDTH))
            self._bar = click.progressbar(length=total, label=self._label, width=width, file=self._terminal).__enter__()
        self._bar.update(max(0, done - self._bar.pos))

    def end(self, outcome: str) -> None:
        if self._bar is not None:
            self._bar.update(self._bar.length - self._bar.pos if outcome == "done" else 0)
            self._bar.__exit__(None, None, None)
        if outcome != "done":
            click.echo(f"{self._label} {outcome}", file=self._terminal)
