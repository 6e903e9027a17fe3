"""How the command line calls a mock: past any proxy, trusting the authority that MOCKAXLE_TLS_CA_FILE names."""

import os
import ssl
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    import httpx

TIMEOUT_SECONDS = 120


def client(url: str) -> "httpx.Client":
    """A client of the mock at a base URL. Raises: click.ClickException."""
    import httpx

    ca_file = os.environ.get("MOCKAXLE_TLS_CA_FILE")
    try:
        trusted = ssl.create_default_context(cafile=ca_file) if ca_file else True
        return httpx.Client(base_url=url.rstrip("/"), trust_env=False, verify=trusted, timeout=TIMEOUT_SECONDS)
    except (OSError, httpx.InvalidURL) as error:
        raise click.ClickException(f"cannot call {url}: {error}") from None


def call(url: str, verb: str, path: str, **request: object) -> "httpx.Response":
    """The answer to one call. Raises: click.ClickException where there is none."""
    import httpx

    try:
        with client(url) as connection:
            return connection.request(verb, path, **request)  # type: ignore[arg-type]
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise click.ClickException(f"no answer from {url}: {error}") from None
