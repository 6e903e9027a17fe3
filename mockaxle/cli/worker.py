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
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes, and the first one sends SIGTERM
    gc.disable()  # as `serve` does until the server runs
    plan, descriptor = pickle.load(sys.stdin.buffer)
    Thread(target=_stop_with_the_parent, daemon=True).start()
    try:
        with socket(fileno=descriptor) as listening, joined(plan.journal, plan.settings) as make_lasting:
            run(plan, listening, make_lasting=make_lasting)
    except click.ClickException as refused:
        refused.show()
        end_process(refused.exit_code)
    except SystemExit as failed:
        end_process(int(failed.code or 0))
    end_process()


def _stop_with_the_parent() -> None:
    with suppress(OSError):
        while os.read(0, 65_536):
            pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
