"""Runs a server in this process until it is asked to stop."""

import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from socket import socket
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from mockaxle.cli.journal_options import JournalOptions, ended
from mockaxle.serving.settings import ServerSettings

if TYPE_CHECKING:
    from mockaxle.app import App
    from mockaxle.lasting import MakeLasting
    from mockaxle.scenarios.sections import Scenario


class ServePlan(NamedTuple):
    """What a server serves and how, for this process or for a worker. Shape: certificate is None for plain HTTP."""

    settings: ServerSettings
    journal: JournalOptions
    scenario: "Scenario | None"
    certificate: Any
    shows_calls: bool


def run(
    plan: ServePlan,
    listening: socket,
    *,
    make_lasting: "MakeLasting | None",
    on_ready: Callable[["App"], None] = lambda app: None,
) -> None:
    """Serve until the end. `on_ready` is called before the first call is answered."""
    from mockaxle.app import create_app
    from mockaxle.cli import terminal
    from mockaxle.serving.listener import http_server, spare_the_collector

    prints: dict[str, Any] = {"on_drop": terminal.DropPrinter()}
    if plan.shows_calls:
        prints |= {"observe": terminal.print_exchange, "on_delivery": terminal.print_delivery}
    app = create_app(plan.settings, scenario=plan.scenario, make_lasting=make_lasting, **prints)
    on_start = None if app.lasting is None else app.lasting.run
    server = http_server(
        app, settings=plan.settings, certificate=plan.certificate, on_full=terminal.print_full, on_start=on_start
    )
    # uvicorn replaces these handlers while it serves and raises the signals again at its end: to stop is not a failure
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: setattr(server, "should_exit", True))
    on_ready(app)
    spare_the_collector()
    with ended(app):
        server.run(sockets=[listening])


def end_process(status: int = 0) -> NoReturn:
    """End the process without waiting for its threads, as the interpreter would."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(status)
