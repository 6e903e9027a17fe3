"""What a serving mock prints."""

from contextlib import suppress
from pathlib import Path

import click

from mockaxle.exchange import Exchange
from mockaxle.settings import ServerSettings

WELCOME = """\
mockaxle serves at {url}
Unofficial mock of the Axle Energy API. Any username with any password but 'wrong' opens a world of its own{first}.
Log in:  curl -s {url}/auth/token-form -d username=demo -d password=demo
API:     {url}/docs to try it, {url}/openapi.json for SDKs
Control: {control}; stop it with Ctrl-C."""


def print_welcome(
    url: str, settings: ServerSettings, *, admin_token: str | None, ca_file: Path | None, quiet: bool
) -> None:
    """The base URL, and unless quiet how to begin; the admin token only where the server made it."""
    own = f"{url}/__mockaxle/docs, with a token of the account"
    any_world = f"{url}/__mockaxle/docs, at /worlds/NAME with the admin token"
    first = "" if settings.on_loopback else ", and needs it ever after"
    control = own if settings.on_loopback else any_world
    click.echo(url if quiet else WELCOME.format(url=url, first=first, control=control))
    if ca_file and not quiet:
        click.echo(f"Trust {ca_file}: curl --cacert {ca_file}; for mockaxle's own verbs --tls-ca-file.")
    if admin_token and not quiet:
        click.echo(f"Admin token, for control of every world: {admin_token}")


def print_exchange(exchange: Exchange) -> None:
    """One short line: time, method, path, status, rules."""
    request, response = exchange.request, exchange.response
    words = [f"{exchange.at:%H:%M:%S}", request.method, _visible(request.path), str(response.status), *response.rules]
    with suppress(OSError, UnicodeError):  # a terminal that is gone is no reason to refuse a request
        click.secho(" ".join(words), fg="yellow" if response.status >= 400 else None)


def _visible(text: str) -> str:
    """A client's text without anything that a terminal would act on."""
    return text if text.isprintable() else text.encode("unicode_escape").decode()


def print_dropped(world: str) -> None:
    click.echo(f"mockaxle: let go of world {world!r}, the longest unused; --max-worlds keeps more", err=True)


def print_full(text: str) -> None:
    """Once: a flood of connections is no reason for a flood of lines."""
    with suppress(OSError):
        click.echo(f"mockaxle: {text}; further ones are refused with 503 until some are closed", err=True)


def ignore(exchange: Exchange) -> None:
    """For where nobody reads along."""
