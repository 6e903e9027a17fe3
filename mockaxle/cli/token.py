"""`mockaxle token`: an access token, for curl and scripts."""

import click

from mockaxle.cli.client import call
from mockaxle.cli.options import local_url, option


@click.command()
@option("--url", default=local_url, help="Base URL of the mock.")
@option("--username", default="demo", help="Account to log in to.")
@option("--password", default="demo", help="Its password.")
def token(url: str, username: str, password: str) -> None:
    """Print an access token of a running mock."""
    click.echo(log_in(url, username=username, password=password))


def log_in(url: str, *, username: str, password: str) -> str:
    """An access token. Raises: click.ClickException."""
    answer = call(url, "POST", "/auth/token-form", data={"username": username, "password": password})
    if answer.status_code != 200:
        raise click.ClickException(f"{url} refused the log-in with {answer.status_code}: {answer.text}")
    try:
        text: str = answer.json()["access_token"]
    except (ValueError, KeyError, TypeError):
        raise click.ClickException(f"{url} is no mock: its log-in answers {answer.text[:60]!r}") from None
    return text
