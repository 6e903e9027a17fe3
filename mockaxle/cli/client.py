"""How the command line calls a mock: past any proxy, as an account or with the admin token."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote

import click

from mockaxle.cli.options import local_url, option

if TYPE_CHECKING:
    import httpx

TIMEOUT_SECONDS = 120
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Target:
    """A running mock, and the account or the token by which it is called."""

    url: str
    username: str = ""
    password: str = ""
    admin_token: str | None = None
    tls_ca_file: Path | None = None

    def client(self) -> "httpx.Client":
        """Raises: click.ClickException."""
        import httpx

        try:
            trusted = ssl.create_default_context(cafile=self.tls_ca_file) if self.tls_ca_file else True
            return httpx.Client(base_url=self.url.rstrip("/"), trust_env=False, verify=trusted, timeout=TIMEOUT_SECONDS)
        except (OSError, httpx.InvalidURL) as error:
            raise click.ClickException(f"cannot call {self.url}: {error}") from None

    def call(self, verb: str, path: str, **request: Any) -> "httpx.Response":
        """The answer to one call. Raises: click.ClickException where there is none."""
        import httpx

        try:
            with self.client() as connection:
                return connection.request(verb, path, **request)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                said = f"{self.url} has a certificate that is not trusted here; name its authority by --tls-ca-file"
                raise click.ClickException(said) from None
            raise click.ClickException(f"no answer from {self.url}: {error}") from None

    def log_in(self) -> str:
        """An access token. Raises: click.ClickException."""
        answer = self.call("POST", "/auth/token-form", data={"username": self.username, "password": self.password})
        if answer.status_code != 200:
            raise click.ClickException(f"{self.url} refused the log-in with {answer.status_code}: {answer.text}")
        try:
            text: str = answer.json()["access_token"]
        except (ValueError, KeyError, TypeError):
            raise click.ClickException(f"{self.url} is no mock: its log-in answers {answer.text[:60]!r}") from None
        return text

    def control(self, verb: str, path: str, **request: Any) -> "httpx.Response":
        """The answer of the account's world; with the admin token any. Raises: click.ClickException."""
        world = f"/worlds/{quote(self.username, safe='')}" if self.admin_token else "/world"
        headers = {"Authorization": f"Bearer {self.admin_token or self.log_in()}", **request.pop("headers", {})}
        answer = self.call(verb, f"/__mockaxle{world}{path}", headers=headers, **request)
        if answer.status_code != 200:
            raise click.ClickException(_detail(answer))
        return answer


def _detail(answer: "httpx.Response") -> str:
    try:
        return str(answer.json()["detail"])
    except (ValueError, KeyError, TypeError):
        return f"{answer.url} answers {answer.status_code}: {answer.text[:60]!r}"


def reaching(account: str) -> Callable[[F], F]:
    """Gives a verb the options that say which mock is meant, as one `target`."""

    def decorate(verb: F) -> F:
        @wraps(verb)
        def called(*, url: str, username: str, password: str, tls_ca_file: Path | None, **others: Any) -> Any:
            admin_token = others.pop("admin_token", None)
            return verb(target=Target(url, username, password, admin_token, tls_ca_file), **others)

        options = (
            option("--url", default=local_url, help="Base URL of the mock."),
            option("--username", default="demo", help=account),
            option("--password", default="demo", help="Its password."),
            option("--tls-ca-file", type=FILE, help="The authority to trust, where the mock made its certificate."),
        )
        for add in reversed(options):
            called = add(called)
        return cast(F, called)

    return decorate


admin = option("--admin-token", help="The server's admin token, in the place of the account's.")
