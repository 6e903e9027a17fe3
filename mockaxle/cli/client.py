"""Calls of the command line to a running mock, as an account or with the admin token. Proxies are bypassed."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast
from urllib.parse import quote

import click

from mockaxle.cli.options import flag_only, local_url, option
from mockaxle.client.visible import shown_url, visible, visible_lines
from mockaxle.core.limits import CONTROL_SECONDS, MAX_FILE_ANSWER

if TYPE_CHECKING:
    from mockaxle.client.client import Client
    from mockaxle.client.control import ControlSession
    from mockaxle.client.response import ClientResponse

CONTROL = "/__mockaxle"
SHOWN = 60
CA_HELP = "Certificate authority to trust, as written by `mockaxle serve --tls self`."
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")


class RunningMock(NamedTuple):
    """A running mock, with the account or admin token to call it with."""

    url: str
    username: str = ""
    password: str = ""
    admin_token: str | None = None
    tls_ca_file: Path | None = None

    @contextmanager
    def client(self) -> "Iterator[Client]":
        """A client of the mock for the block. Raises: click.UsageError, also when a call gets no answer."""
        from mockaxle.client.client import Client
        from mockaxle.client.errors import CertificateNotTrusted, Unanswered

        try:
            with Client(self.url, ca=trusted(self.tls_ca_file)) as client:
                yield client
        except Unanswered as error:
            advice = (
                "; pass its certificate authority with --tls-ca-file"
                if isinstance(error, CertificateNotTrusted)
                else ""
            )
            raise click.UsageError(f"no answer from {shown_url(self.url)}: {visible(str(error))}{advice}") from None

    def log_in(self) -> str:
        """An access token. Raises: click.UsageError."""
        with self.client() as client:
            return self._log_in(client)

    def control(self, verb: str, path: str, **request: Any) -> "ClientResponse":
        """The answer of control for the account's world. Raises: click.UsageError."""
        from mockaxle.client.client import Bounds
        from mockaxle.client.log_in import bearer, is_token

        if self.admin_token and not is_token(self.admin_token):
            raise click.UsageError("--admin-token is not a token: it contains spaces or non-ASCII characters")
        world = f"/worlds/{quote(self.username, safe='', errors='replace')}" if self.admin_token else "/world"
        with self.client() as client:
            headers = {**bearer(self.admin_token or self._log_in(client)), **request.pop("headers", {})}
            within = Bounds(CONTROL_SECONDS, MAX_FILE_ANSWER)
            answer = client.call(verb, CONTROL + world + path, headers=headers, within=within, **request)
            if answer.status != 200:
                raise click.UsageError(self._refusal(client, answer))
        return answer

    def field(self, answer: "ClientResponse", name: str, *, kind: type[T]) -> T:
        """A field of control's answer. Raises: click.UsageError if it is missing or of another type."""
        value = answer.field(name)
        if not isinstance(value, kind):
            raise self._no_mock(answer)
        return value

    def rows(self, answer: "ClientResponse", name: str) -> list[dict[str, Any]]:
        """A list of objects in control's answer. Raises: as `field`."""
        found = self.field(answer, name, kind=list)
        if not all(isinstance(row, dict) for row in found):
            raise self._no_mock(answer)
        return found

    def session(self, client: "Client") -> "ControlSession":
        """Control of the account's world over one client, for many calls."""
        from mockaxle.client.control import ControlSession

        return ControlSession(client, self.username, password=self.password, admin_token=self.admin_token)

    def _no_mock(self, answer: "ClientResponse") -> click.UsageError:
        said = visible(answer.text, limit=SHOWN)
        return click.UsageError(f"{shown_url(self.url)} is not a mockaxle server: control answered {said!r}")

    def _log_in(self, client: "Client") -> str:
        """Raises: click.UsageError, Unanswered."""
        from mockaxle.client.log_in import LogInRefused, log_in

        try:
            return log_in(client, self.username, password=self.password)
        except LogInRefused as refused:
            raise click.UsageError(f"{shown_url(self.url)}: {visible(str(refused))}") from None

    def _refusal(self, client: "Client", answer: "ClientResponse") -> str:
        """The error that control reports, or that the server is not a mock. Raises: Unanswered."""
        from mockaxle.client.health import NoMock, check_mock

        try:
            check_mock(client)
        except NoMock as error:
            return visible(str(error))
        detail = answer.field("detail")
        said = detail if isinstance(detail, str) else f"control answered {answer.status}: {answer.text}"
        return visible_lines(said)


def trusted(ca_file: Path | None) -> ssl.SSLContext | None:
    """The usual certificate authorities and that of a file. Raises: click.UsageError."""
    try:
        return ssl.create_default_context(cafile=ca_file) if ca_file else None
    except OSError as error:
        raise click.UsageError(f"{ca_file} cannot be used as --tls-ca-file: {error}") from None


@contextmanager
def client_of_origin(url: str) -> "Iterator[Client]":
    """A client of the server of a URL, whatever its path. Raises: click.UsageError."""
    from urllib.parse import urlsplit

    from mockaxle.client.client import Client
    from mockaxle.client.errors import UrlRefused

    try:
        parts = urlsplit(url)
        client = Client(f"{parts.scheme}://{parts.netloc}")
    except (UrlRefused, ValueError):
        wanted = "an http or https URL such as http://127.0.0.1:9000/axle, without an account"
        raise click.UsageError(f"{shown_url(url)} is not {wanted}") from None
    with client:
        yield client


def reaching(account: str) -> Callable[[F], F]:
    """Add the options that name a running mock, and pass them as one `target`."""

    def decorate(verb: F) -> F:
        @wraps(verb)
        def called(*, url: str, username: str, password: str, tls_ca_file: Path | None, **others: Any) -> Any:
            admin_token = others.pop("admin_token", None)
            return verb(target=RunningMock(url, username, password, admin_token, tls_ca_file), **others)

        options = (
            option("--url", default=local_url, help="Base URL of the mock."),
            option("--username", default="demo", help=account),
            option("--password", default="demo", help="Password of the account."),
            option("--tls-ca-file", type=FILE, help=CA_HELP),
        )
        for add in reversed(options):
            called = add(called)
        return cast(F, called)

    return decorate


admin = option("--admin-token", help="Admin token of the server, used instead of the account's token.")
as_json = flag_only("--json", "as_json", is_flag=True, help="Print control's answer, as JSON.")
