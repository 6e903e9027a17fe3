"""A pipe by which a child process notices the end of its parent, even after kill -9.

The parent holds the writing end and never writes. The system closes it with the parent, and the child then reads the
end of its standard input. This works on all systems, without polling.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from subprocess import PIPE, STDOUT
from threading import Thread

ORPHANED = 3
MAX_TRIES = 10


def run_child(
    command: Sequence[str], *, seconds: float, folder: Path | None = None, environment: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Run a command; return its exit code and output. The process has ended when this returns or raises.

    Raises: OSError, subprocess.TimeoutExpired.
    """
    reading, writing = os.pipe()
    try:
        with subprocess.Popen(
            command, stdin=reading, stdout=PIPE, stderr=STDOUT, text=True, cwd=folder, env=environment
        ) as child:
            try:
                printed, _ = child.communicate(timeout=seconds)
            finally:
                child.kill()
                child.wait()
    finally:
        os.close(reading)
        os.close(writing)
    return child.returncode, printed


def follow(folder: Path) -> None:
    """End this process when its parent has ended, and remove the folder that the parent made for it."""
    Thread(target=_wait, args=(folder,), daemon=True).start()


def _wait(folder: Path) -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    for _ in range(MAX_TRIES):  # another thread may write to it meanwhile
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            break
    os._exit(ORPHANED)
