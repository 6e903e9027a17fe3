"""The output of a running mock."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import click

from mockaxle.client.visible import visible
from mockaxle.core.messages import DeliveryOutcome
from mockaxle.serving.settings import ServerSettings
from mockaxle.world.entries import Delivery, Exchange

NAMED_DROPS = 100
"""Dropped worlds that are reported one by one."""

WELCOME = """\
mockaxle is serving at {url}
Unofficial mock of the Axle Energy API. Any username has a world of its own, with any password but 'wrong'{first}.
Open:    {url}/ in a browser shows each world, its log, and the reason for each answer
Log in:  curl -s {url}/auth/token-form -d username=demo -d password=demo
API:     {url}/docs to try it, {url}/openapi.json for SDKs
Control: {control}. Ctrl-C stops the server.
{sharing}"""


def print_welcome(
    url: str, settings: ServerSettings, *, admin_token: str | None, ca_file: Path | None, quiet: bool
) -> None:
    """Print the base URL and, unless quiet, first steps. A generated admin token is printed too."""
    docs = f"{url}/__mockaxle/docs, with a token of the account"
    kept = f"{url}/__mockaxle/world with a token of the account, /worlds/NAME with the admin token"
    first, control = ("; its first password is kept", kept) if settings.is_shared else ("", docs)
    sharing = _sharing(settings)
    click.echo(url if quiet else WELCOME.format(url=url, first=first, control=control, sharing=sharing))
    if ca_file and not quiet:
        click.echo(
            f"Certificate authority: {ca_file}; use curl --cacert {ca_file}, or --tls-ca-file of mockaxle's commands."
        )
    if admin_token and not quiet:
        click.echo(f"Admin token, which controls every world: {admin_token}")


def print_journal(description: str) -> None:
    """Print where the worlds are kept."""
    click.echo(f"Journal: {visible(description, limit=len(description))}")


def _sharing(settings: ServerSettings) -> str:
    """Whether the server is shared, and why."""
    implying = ", ".join(settings.implying_shared)
    if settings.shared:
        return "Shared: --shared is set."
    if settings.is_shared:
        return f"Shared: implied by {implying}. --no-shared turns it off."
    if settings.implying_shared:
        overridden = f"--no-shared is set, although {implying} implies it"
        return f"Not shared: {overridden}. Anyone who reaches it controls every world."
    return "Not shared: it listens on loopback. Behind a proxy that adds no forwarding header, use --shared."


def print_exchange(exchange: Exchange, *, now: Callable[[], datetime] = datetime.now) -> None:
    """Print a line with the machine's time, the account, method, path, status, rules and hint."""
    request, response = exchange.request, exchange.response
    account = visible(exchange.principal.username) if exchange.principal else "-"
    words = [f"{now():%H:%M:%S}", account, request.method, visible(request.path), str(response.status)]
    words += [*response.why.rules, *([f"({visible(response.why.hint)})"] if response.why.hint else [])]
    with suppress(OSError, UnicodeError):  # a closed terminal must not fail a request
        click.secho(" ".join(words), fg="yellow" if response.status >= 400 else None)


def print_delivery(delivery: Delivery, *, now: Callable[[], datetime] = datetime.now) -> None:
    """Print a line with the machine's time, the receiver, the attempt, its outcome, and the status or the error."""
    answered = str(delivery.status) if delivery.status else visible(delivery.error or "")
    words = [f"{now():%H:%M:%S}", "to", delivery.receiver, f"attempt {delivery.attempt}", delivery.outcome, answered]
    words += [f"({delivery.awkward})"] if delivery.awkward else []
    with suppress(OSError, UnicodeError):  # a closed terminal must not fail a delivery
        click.secho(" ".join(words), fg=None if delivery.outcome is DeliveryOutcome.ACCEPTED else "yellow")


class DropPrinter:
    """Reports the first dropped worlds, then one whenever their number has doubled: strangers cannot fill a pipe."""

    def __init__(self) -> None:
        self._dropped = 0

    def __call__(self, world: str) -> None:
        self._dropped += 1
        is_power_of_two = self._dropped & (self._dropped - 1) == 0
        if self._dropped <= NAMED_DROPS or is_power_of_two:
            said = f"dropped world {world!r:.60}, its tokens get 401; {self._dropped} dropped so far"
            with suppress(OSError, UnicodeError):
                click.echo(f"mockaxle: {said}; raise --max-worlds to keep more", err=True)


def print_full(text: str) -> None:
    """Report once that there are too many connections."""
    with suppress(OSError):
        click.echo(f"mockaxle: {text}; new ones get 503 until some are closed", err=True)
