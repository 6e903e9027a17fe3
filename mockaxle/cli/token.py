"""`mockaxle token`: an access token, for curl and scripts."""

import click

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
    import httpx

    form = {"username": username, "password": password}
    try:
        answer = httpx.post(f"{url.rstrip('/')}/auth/token-form", data=form, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise click.ClickException(f"no answer from {url}: {error}") from None
    if answer.status_code != 200:
        raise click.ClickException(f"{url} refused the log-in with {answer.status_code}: {answer.text}")
    try:
        text: str = answer.json()["access_token"]
    except (ValueError, KeyError, TypeError):
        raise click.ClickException(f"{url} is no mock: its log-in answers {answer.text[:60]!r}") from None
    return text
