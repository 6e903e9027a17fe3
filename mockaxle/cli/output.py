"""Files that a server sends, as they are printed."""

import sys

from mockaxle.client.visible import visible


def print_file(content: bytes) -> None:
    """As it is into a file or a pipe; on a terminal without anything that it would act on."""
    if not sys.stdout.isatty():
        sys.stdout.buffer.write(content)
        return
    for line in content.decode("utf-8", "replace").splitlines():
        sys.stdout.write(visible(line, limit=len(line)) + "\n")
