"""`mockaxle listen`: forward a mock's messages to a server that only this machine reaches."""

import secrets
import sys
from contextlib import ExitStack
from datetime import datetime
from time import sleep
from typing import TYPE_CHECKING

import click

from mockaxle.cli.client import RunningMock, admin, client_of_origin, reaching
from mockaxle.cli.commands import example
from mockaxle.cli.interruption import Interruption, interruptible
from mockaxle.cli.options import flag_only, option
from mockaxle.client.visible import shown_url, visible

if TYPE_CHECKING:
    from mockaxle.cli.forwarding import Forwarded, Forwarder, ForwardTarget

RECEIVER, SCHEDULES = "listen", "listen-schedules"
SECRET_BYTES = 24
PASSING = (404, 408, 429)
"""Refusals that end: a world that was dropped is made anew by the next log-in."""


@click.command(epilog=example("mockaxle listen --forward-to http://127.0.0.1:9000/axle"))
@flag_only("--forward-to", required=True, metavar="URL", help="Where envelopes are sent.")
@flag_only("--schedules", metavar="URL", help="Where plans are sent; its path has {asset_id} or {external_id}.")
@option("--secret", help="Key of the signatures; by default a random one, which is printed.")
@reaching("Account of the world.")
@admin
def listen(forward_to: str, schedules: str | None, secret: str | None, target: RunningMock) -> None:
    """Forward a mock's messages to a server of this machine, and report its answers to the mock.

    For a mock in a container or elsewhere, which cannot or may not call this machine. The signature is that of a
    delivery by the mock. Runs until it is interrupted; then its receivers are removed, and what waits for them is given
    up. One at a time in each world.
    """
    key = secret or f"whsec_{secrets.token_urlsafe(SECRET_BYTES)}"
    urls = {RECEIVER: forward_to, **({SCHEDULES: schedules} if schedules else {})}
    with interruptible() as interruption, ExitStack() as stack:
        forwarder = _begun(target, urls, secret=key, stack=stack)
        click.echo(f"Forwarding messages of {visible(target.username)} at {shown_url(target.url)}")
        for url in urls.values():
            click.echo(f"  to {shown_url(url)}")
        click.echo(f"Secret: {visible(key)}" if secret is None else "Secret: as given")
        interruption.is_held = lambda: forwarder.is_sending
        while not interruption.number:
            _forward(forwarder, interruption)
    sys.exit(interruption.exit_code)


def _begun(target: RunningMock, urls: dict[str, str], *, secret: str, stack: ExitStack) -> "Forwarder":
    """Add the receivers until the end of the stack. Raises: click.UsageError."""
    from mockaxle.cli.forwarding import Forwarder
    from mockaxle.client.control import ControlFailed
    from mockaxle.client.log_in import LogInRefused

    session = target.session(stack.enter_context(target.client()))
    targets = {name: _target(name, url, stack) for name, url in urls.items()}
    forwarder = Forwarder(session, targets, secret=secret)
    stack.callback(forwarder.end)
    try:
        forwarder.begin()
    except (ControlFailed, LogInRefused) as error:
        raise click.UsageError(f"{shown_url(target.url)}: {visible(str(error))}") from None
    return forwarder


def _target(name: str, url: str, stack: ExitStack) -> "ForwardTarget":
    """Raises: click.UsageError."""
    from mockaxle.cli.forwarding import ForwardTarget

    kind = "schedules" if name == SCHEDULES else "webhooks"
    return ForwardTarget(name, kind, url, stack.enter_context(client_of_origin(url)))


def _forward(forwarder: "Forwarder", interruption: Interruption) -> None:
    """Forward what there is and print it, until an interruption. While the mock cannot be reached, try again.

    Raises: click.UsageError.
    """
    from mockaxle.cli.forwarding import LOST, TakenOver

    try:
        for one in forwarder.forward():
            _print(one)
            if interruption.number:
                return
    except TakenOver as error:
        raise click.UsageError(f"{error}; one listener at a time") from None
    except LOST as error:
        check_passing(error)
        click.echo(f"mockaxle: {visible(str(error))}; trying again", err=True)
        _come_back(forwarder)


def _come_back(forwarder: "Forwarder") -> None:
    """Wait until the mock answers again, and add the receivers. Raises: click.UsageError."""
    from mockaxle.cli.forwarding import LOST, PAUSE_SECONDS

    while True:
        sleep(PAUSE_SECONDS)
        try:
            forwarder.begin()
        except LOST as error:
            check_passing(error)
            continue
        click.echo("mockaxle: the mock answers again", err=True)
        return


def check_passing(error: Exception) -> None:
    """Check that an error may pass by itself. Raises: click.UsageError."""
    from mockaxle.client.control import ControlFailed
    from mockaxle.client.log_in import LogInRefused

    status = 0
    if isinstance(error, ControlFailed):
        status = error.status
    elif isinstance(error, LogInRefused):
        status = error.response.status
    if status in range(400, 500) and status not in PASSING:
        raise click.UsageError(visible(str(error)))


def _print(one: "Forwarded") -> None:
    colour = None if one.outcome == "accepted" else "yellow"
    words = [f"{datetime.now():%H:%M:%S}", one.type, f"attempt {one.attempt}", one.outcome, one.came, f"{one.ms} ms"]
    click.secho(visible("  ".join(words)), fg=colour)
