"""How the command line calls a mock: past any proxy, as an account or with the admin token."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import quote

import click

from mockaxle.cli.options import local_url, option
from mockaxle.client.visible import shown_url, visible, visible_lines
from mockaxle.core.limits import CONTROL_SECONDS, MAX_FILE_ANSWER

if TYPE_CHECKING:
    from mockaxle.client.client import Client
    from mockaxle.client.response import ClientResponse

CONTROL = "/__mockaxle"
SHOWN = 60
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RunningMock:
    """A running mock, and the account or the token by which it is called."""

    url: str
    username: str = ""
    password: str = ""
    admin_token: str | None = None
    tls_ca_file: Path | None = None

    @contextmanager
    def client(self) -> "Iterator[Client]":
        """A client of the mock while the block lasts. Raises: click.UsageError, also where a call has no answer."""
        from mockaxle.client.client import Client
        from mockaxle.client.errors import CertificateNotTrusted, Unanswered

        try:
            with Client(self.url, ca=trusted(self.tls_ca_file)) as client:
                yield client
        except Unanswered as error:
            advice = "; --tls-ca-file names its authority" if isinstance(error, CertificateNotTrusted) else ""
            raise click.UsageError(f"no answer from {shown_url(self.url)}: {visible(str(error))}{advice}") from None

    def log_in(self) -> str:
        """An access token. Raises: click.UsageError."""
        with self.client() as client:
            return self._log_in(client)

    def control(self, verb: str, path: str, **request: Any) -> "ClientResponse":
        """The answer of the account's world; with the admin token any. Raises: click.UsageError."""
        from mockaxle.client.client import Bounds
        from mockaxle.client.log_in import bearer, is_token

        if self.admin_token and not is_token(self.admin_token):
            raise click.UsageError("--admin-token is no token: it has spaces or characters beyond ASCII")
        world = f"/worlds/{quote(self.username, safe='', errors='replace')}" if self.admin_token else "/world"
        with self.client() as client:
            headers = {**bearer(self.admin_token or self._log_in(client)), **request.pop("headers", {})}
            within = Bounds(CONTROL_SECONDS, MAX_FILE_ANSWER)
            answer = client.call(verb, CONTROL + world + path, headers=headers, within=within, **request)
            if answer.status != 200:
                raise click.UsageError(self._refusal(client, answer))
        return answer

    def field(self, answer: "ClientResponse", name: str, *, kind: type[T]) -> T:
        """A field of control's answer. Raises: click.UsageError where it has none of that kind."""
        value = answer.field(name)
        if not isinstance(value, kind):
            said = visible(answer.text, limit=SHOWN)
            raise click.UsageError(f"{shown_url(self.url)} is no mock of mockaxle: its control answers {said!r}")
        return value

    def _log_in(self, client: "Client") -> str:
        """Raises: click.UsageError, Unanswered."""
        from mockaxle.client.log_in import LogInRefused, log_in

        try:
            return log_in(client, self.username, password=self.password)
        except LogInRefused as refused:
            raise click.UsageError(f"{shown_url(self.url)}: {visible(str(refused))}") from None

    def _refusal(self, client: "Client", answer: "ClientResponse") -> str:
        """What control says; of a server that has no control, that it has none. Raises: Unanswered."""
        from mockaxle.client.health import NoMock, check_mock

        try:
            check_mock(client)
        except NoMock as error:
            return visible(str(error))
        detail = answer.field("detail")
        said = detail if isinstance(detail, str) else f"control answers {answer.status}: {answer.text}"
        return visible_lines(said)


def trusted(ca_file: Path | None) -> ssl.SSLContext | None:
    """What to trust besides the usual authorities. Raises: click.UsageError."""
    try:
        return ssl.create_default_context(cafile=ca_file) if ca_file else None
    except OSError as error:
        raise click.UsageError(f"{ca_file} cannot be used as --tls-ca-file: {error}") from None


def reaching(account: str) -> Callable[[F], F]:
    """Gives a verb the options that say which mock is meant, as one `target`."""

    def decorate(verb: F) -> F:
        @wraps(verb)
        def called(*, url: str, username: str, password: str, tls_ca_file: Path | None, **others: Any) -> Any:
            admin_token = others.pop("admin_token", None)
            return verb(target=RunningMock(url, username, password, admin_token, tls_ca_file), **others)

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
