"""Prints files and tables that a server sends."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mockaxle.client.visible import visible

if TYPE_CHECKING:
    from mockaxle.client.response import ClientResponse


def print_file(content: bytes) -> None:
    """Print a file unchanged; on a terminal, escape control characters."""
    if not sys.stdout.isatty():
        sys.stdout.buffer.write(content)
        return
    for line in content.decode("utf-8", "replace").splitlines():
        sys.stdout.write(visible(line, limit=len(line)) + "\n")


def print_json(answer: "ClientResponse") -> None:
    """Print the JSON of an answer unchanged, in a line of its own."""
    print_file(answer.body + b"\n")


def print_columns(rows: Sequence[Sequence[object]], *, empty: str) -> None:
    """Print a line for each row, with its columns below each other, or a text if there is no row."""
    shown = [[visible(str(cell)) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        click.echo("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())
    if not rows:
        click.echo(empty)


def counted(count: int, what: str) -> str:
    """Return a number with its noun, such as `2 entries`."""
    plural = f"{what[:-1]}ies" if what.endswith("y") else f"{what}s"
    return f"{count} {what if count == 1 else plural}"
