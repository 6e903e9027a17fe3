"""`python -m mockaxle.cli.worker`: one of the processes of `mockaxle serve --workers`, which begins it."""

import gc
import os
import pickle
import signal
import sys
from contextlib import suppress
from socket import socket
from threading import Thread

import click

from mockaxle.cli.journal_options import joined
from mockaxle.cli.running import end_process, run


def main() -> None:
    """Serve what standard input says, until it ends or a signal asks for it."""
    gc.disable()  # as `serve` does until the server runs
    plan, descriptor = pickle.load(sys.stdin.buffer)
    Thread(target=_stop_with_the_parent, daemon=True).start()
    try:
        with socket(fileno=descriptor) as listening, joined(plan.journal, plan.settings) as make_lasting:
            run(plan, listening, make_lasting=make_lasting)
    except click.ClickException as refused:
        refused.show()
        raise SystemExit(refused.exit_code) from None
    end_process()


def _stop_with_the_parent() -> None:
    with suppress(OSError):
        sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
