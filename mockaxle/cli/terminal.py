"""What a serving mock prints."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import click

from mockaxle.client.visible import visible
from mockaxle.serving.settings import ServerSettings
from mockaxle.world.entries import Exchange

NAMED_DROPS = 100
"""Dropped worlds that are named one by one."""

WELCOME = """\
mockaxle serves at {url}
Unofficial mock of the Axle Energy API. Any username with any password but 'wrong' opens a world of its own{first}.
Log in:  curl -s {url}/auth/token-form -d username=demo -d password=demo
API:     {url}/docs to try it, {url}/openapi.json for SDKs
Control: {control}; stop it with Ctrl-C.
{sharing}"""


def print_welcome(
    url: str, settings: ServerSettings, *, admin_token: str | None, ca_file: Path | None, quiet: bool
) -> None:
    """The base URL, and unless quiet how to begin; the admin token only where the server made it."""
    docs = f"{url}/__mockaxle/docs, with a token of the account"
    kept = f"{url}/__mockaxle/world with a token that the kept password gave, /worlds/NAME with the admin token"
    first, control = (", and needs that password from then on", kept) if settings.is_shared else ("", docs)
    sharing = _sharing(settings)
    click.echo(url if quiet else WELCOME.format(url=url, first=first, control=control, sharing=sharing))
    if ca_file and not quiet:
        click.echo(f"Trust {ca_file}: curl --cacert {ca_file}; for mockaxle's own verbs --tls-ca-file.")
    if admin_token and not quiet:
        click.echo(f"Admin token, for control of every world: {admin_token}")


def _sharing(settings: ServerSettings) -> str:
    """Whether the server is shared, and why."""
    implying = ", ".join(settings.implying_shared)
    if settings.shared:
        return "Shared, by --shared."
    if settings.is_shared:
        return f"Shared, implied by {implying}; --no-shared undoes that."
    if settings.implying_shared:
        return f"Not shared, by --no-shared, although {implying} implies it: whoever reaches it controls every world."
    return "Not shared, since it listens on loopback; behind a proxy that adds no header it needs --shared."


def print_exchange(exchange: Exchange, *, now: Callable[[], datetime] = datetime.now) -> None:
    """One line: the machine's time, the account, method, path, status, rules, and the hint."""
    request, response = exchange.request, exchange.response
    account = visible(exchange.principal.username) if exchange.principal else "-"
    words = [f"{now():%H:%M:%S}", account, request.method, visible(request.path), str(response.status)]
    words += [*response.why.rules, *([f"({visible(response.why.hint)})"] if response.why.hint else [])]
    with suppress(OSError, UnicodeError):  # a terminal that is gone is no reason to refuse a request
        click.secho(" ".join(words), fg="yellow" if response.status >= 400 else None)


class DropPrinter:
    """Names the first dropped worlds, then one whenever their number has doubled: strangers cannot fill a pipe."""

    def __init__(self) -> None:
        self._dropped = 0

    def __call__(self, world: str) -> None:
        self._dropped += 1
        is_power_of_two = self._dropped & (self._dropped - 1) == 0
        if self._dropped <= NAMED_DROPS or is_power_of_two:
            said = f"dropped world {world!r:.60}, its tokens answer 401; {self._dropped} dropped so far"
            with suppress(OSError, UnicodeError):
                click.echo(f"mockaxle: {said}; --max-worlds keeps more", err=True)


def print_full(text: str) -> None:
    """Once: a flood of connections is no reason for a flood of lines."""
    with suppress(OSError):
        click.echo(f"mockaxle: {text}; further ones are refused with 503 until some are closed", err=True)
