"""`mockaxle healthcheck`: for Docker's HEALTHCHECK."""

import click

from mockaxle.cli.options import local_url, option


@click.command()
@option("--url", default=local_url, help="Base URL of the mock.")
def healthcheck(url: str) -> None:
    """Exit 0 where a mock is up, else 1."""
    import httpx

    try:
        answer = httpx.get(f"{url.rstrip('/')}/__mockaxle/health", trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise click.ClickException(f"no answer from {url}: {error}") from None
    if answer.status_code != 200:
        raise click.ClickException(f"{url} is not healthy: {answer.status_code}")
    click.echo("ok")
