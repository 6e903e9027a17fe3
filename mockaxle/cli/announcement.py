"""A line on a terminal for what takes more than a moment. Scripts get none."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

import click

MOMENT_SECONDS = 1.0


def report(text: str) -> None:
    """Print the text on standard error if that is a terminal."""
    if sys.stderr.isatty():
        click.echo(text, err=True)


@contextmanager
def announced(
    text: str, *, after_seconds: float = MOMENT_SECONDS, report: Callable[[str], None] = report
) -> Iterator[None]:
    """Report what is going on, in one line, if the block takes more than a moment."""
    timer = Timer(after_seconds, report, (text,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
