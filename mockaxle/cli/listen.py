"""`mockaxle listen`: forward a mock's messages to a server that only this machine reaches."""

import secrets
from contextlib import ExitStack
from datetime import datetime
from time import sleep
from typing import TYPE_CHECKING

import click

from mockaxle.cli.client import RunningMock, admin, client_of_origin, reaching
from mockaxle.cli.commands import example
from mockaxle.cli.interruption import interruptible
from mockaxle.cli.options import flag_only, option
from mockaxle.client.visible import shown_url, visible

if TYPE_CHECKING:
    from mockaxle.cli.forwarding import Forwarded, Forwarder, ForwardTarget

RECEIVER, SCHEDULES = "listen", "listen-schedules"
SECRET_BYTES = 24


@click.command(epilog=example("mockaxle listen --forward-to http://127.0.0.1:9000/axle"))
@flag_only("--forward-to", required=True, metavar="URL", help="Where envelopes are sent.")
@flag_only("--schedules", metavar="URL", help="Where plans are sent; its path has {asset_id} or {external_id}.")
@option("--secret", help="Key of the signatures; by default a random one, which is printed.")
@reaching("Account of the world.")
@admin
def listen(forward_to: str, schedules: str | None, secret: str | None, target: RunningMock) -> None:
    """Forward a mock's messages to a server of this machine, and report its answers to the mock.

    For a mock in a container or elsewhere, which cannot or may not call this machine. The signature is that of a
    delivery by the mock. Runs until it is interrupted; then its receivers are removed. One at a time in each world.
    """
    key = secret or f"whsec_{secrets.token_urlsafe(SECRET_BYTES)}"
    urls = {RECEIVER: forward_to, **({SCHEDULES: schedules} if schedules else {})}
    with interruptible(), ExitStack() as stack:
        forwarder = _begun(target, urls, secret=key, stack=stack)
        click.echo(f"Forwarding messages of {visible(target.username)} at {shown_url(target.url)}")
        for url in urls.values():
            click.echo(f"  to {shown_url(url)}")
        click.echo(f"Secret: {visible(key)}" if secret is None else "Secret: as given")
        while True:
            _forward(forwarder)


def _begun(target: RunningMock, urls: dict[str, str], *, secret: str, stack: ExitStack) -> "Forwarder":
    """Add the receivers until the end of the stack. Raises: click.UsageError."""
    from mockaxle.cli.forwarding import Forwarder
    from mockaxle.client.control import ControlFailed, ControlSession
    from mockaxle.client.log_in import LogInRefused

    session = ControlSession(
        stack.enter_context(target.client()),
        target.username,
        password=target.password,
        admin_token=target.admin_token,
    )
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


def _forward(forwarder: "Forwarder") -> None:
    """Forward what there is and print it. While the mock cannot be reached, say so once, and try again."""
    from mockaxle.cli.forwarding import LOST

    try:
        for one in forwarder.forward():
            _print(one)
    except LOST as error:
        click.echo(f"mockaxle: {visible(str(error))}; trying again", err=True)
        _come_back(forwarder)


def _come_back(forwarder: "Forwarder") -> None:
    """Wait until the mock answers again, and add the receivers."""
    from mockaxle.cli.forwarding import LOST, PAUSE_SECONDS

    while True:
        sleep(PAUSE_SECONDS)
        try:
            forwarder.begin()
        except LOST:
            continue
        click.echo("mockaxle: the mock answers again", err=True)
        return


def _print(one: "Forwarded") -> None:
    colour = None if one.outcome == "accepted" else "yellow"
    words = [f"{datetime.now():%H:%M:%S}", one.type, f"attempt {one.attempt}", one.outcome, one.came, f"{one.ms} ms"]
    click.secho(visible("  ".join(words)), fg=colour)
