"""Prints files that a server sends."""

import sys

from mockaxle.client.visible import visible


def print_file(content: bytes) -> None:
    """Print a file unchanged; on a terminal, escape control characters."""
    if not sys.stdout.isatty():
        sys.stdout.buffer.write(content)
        return
    for line in content.decode("utf-8", "replace").splitlines():
        sys.stdout.write(visible(line, limit=len(line)) + "\n")
