"""The server under test: its accounts, what is sent to it, and what it answered."""

import gzip
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from shlex import quote as shell_quote
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from mockaxle.exchange import TOKEN_MARK, Exchange, Headers, Principal, Request, Response
from mockaxle.harness.operations import CREATE_SITE, INITIALISE, ONBOARD, REGISTER

LOG_IN = "POST /auth/token-form"
MAKES_A_SITE = frozenset((ONBOARD, INITIALISE, REGISTER, CREATE_SITE))
OURS = "x-mockaxle-rules"
LONGEST_WAIT_SECONDS = 10.0
TOKEN_SECONDS = 1800
MAX_SILENCES = 3
KEPT_EXCHANGES = 100_000
KEPT_HEADERS = (b"content-type", b"content-encoding", b"accept", b"user-agent")
FORM = "application/x-www-form-urlencoded"


class OutOfTime(Exception):
    """The time that a run may take is over."""


class Interrupted(Exception):
    """Somebody pressed Ctrl-C."""


class Silent(Exception):
    """The server gives no answer any more."""


class NoAnswer(Exception):
    """One call was not answered."""

    def __init__(self, operation: str, error: str) -> None:
        super().__init__(f"{operation}: {error}")
        self.operation = operation
        self.error = error


@dataclass(slots=True)
class Counts:
    """How often an operation was called, in the hope of being accepted, and was accepted (2xx) or refused."""

    calls: int = 0
    hopeful: int = 0
    accepted: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """Shape: json is None where the body is none."""

    operation: str
    status: int
    headers: httpx.Headers
    text: str
    json: Any
    exchange: Exchange
    curl: str

    @property
    def shown(self) -> str:
        return f"{self.status} {self.text[:300]}".rstrip()

    def value(self, *keys: str | int) -> Any:
        """What the body holds at a place, or None."""
        found = self.json
        for key in keys:
            try:
                found = found[key]
            except (KeyError, IndexError, TypeError):
                return None
        return found


@dataclass(slots=True)
class Target:
    """Shape: deadline by the monotonic clock; `exchanges` is what was sent and answered, without secrets.

    `unanswered` has the MPANs of calls that make a site and were not answered, so that one may be there.
    """

    base_url: str
    client: httpx.Client
    deadline: float
    counts: dict[str, Counts] = field(default_factory=dict)
    exchanges: list[Exchange] = field(default_factory=list)
    is_ours: bool = False
    unanswered: list[str] = field(default_factory=list)
    silences: int = 0
    interrupted: bool = False
    tokens: int = 0

    def left_seconds(self) -> float:
        return self.deadline - time.monotonic()

    def count(self, operation: str, status: int, *, hopeful: bool = True) -> None:
        counts = self.counts.setdefault(operation, Counts())
        counts.calls += 1
        counts.hopeful += hopeful
        counts.accepted += status < 300
        counts.refused += status >= 300

    @contextmanager
    def making(self, operation: str, body: Any) -> Iterator[None]:
        """Remembers the MPAN of a site that may have been made, where no answer tells."""
        home = body.get("site", body) if operation in MAKES_A_SITE and isinstance(body, dict) else {}
        if "mpan" in home:
            self.unanswered.append(home["mpan"])
        yield
        if "mpan" in home:
            self.unanswered.remove(home["mpan"])

    def send(self, operation: str, path: str, *, hopeful: bool = True, **request: Any) -> httpx.Response:
        """Raises: OutOfTime, Interrupted, NoAnswer, Silent after some of those in a row."""
        if self.interrupted:
            raise Interrupted()
        left = self.left_seconds()
        if left <= 0:
            raise OutOfTime()
        try:
            verb = operation.partition(" ")[0]
            answer = self.client.request(verb, path, timeout=min(left, LONGEST_WAIT_SECONDS), **request)
        except (httpx.TransportError, httpx.DecodingError) as error:
            self.silences += 1
            if self.silences >= MAX_SILENCES:
                raise Silent(f"{operation}: {error or type(error).__name__}") from None
            raise NoAnswer(operation, str(error) or type(error).__name__) from None
        self.silences = 0
        self.is_ours = self.is_ours or OURS in answer.headers
        self.count(operation, answer.status_code, hopeful=hopeful)
        return answer

    def keep(self, exchange: Exchange) -> None:
        if len(self.exchanges) < KEPT_EXCHANGES:
            self.exchanges.append(exchange)


@dataclass(slots=True)
class Account:
    """An account at the server, which logs in when it needs to. `number` is its token's.

    `hopeful` where its calls may be accepted at all.
    """

    target: Target
    username: str
    password: str
    bearer: str = ""
    number: int | None = None
    hopeful: bool = True
    _until: float = 0.0

    def log_in(self) -> Answer:
        """Raises: NoAnswer and its like."""
        form = {"username": self.username, "password": self.password}
        answer = self._call(LOG_IN, "/auth/token-form", None, form=form)
        token = answer.value("access_token")
        if answer.status == 200 and isinstance(token, str):
            self.bearer, self._until = token, time.monotonic() + TOKEN_SECONDS
            self.number = self.target.tokens
        return answer

    def call(
        self,
        operation: str,
        body: Any = None,
        *,
        query: Mapping[str, Any] | None = None,
        as_form: bool = False,
        packed: bool = False,
        ids: Mapping[str, str] | None = None,
        **named: str,
    ) -> Answer:
        """The answer to an operation of the document, the ids put into its path. Raises: NoAnswer and its like."""
        if self.password and time.monotonic() > self._until:
            self.log_in()
        named |= ids or {}
        path = operation.partition(" ")[2].format(**{name: quote(value, safe="") for name, value in named.items()})
        path += f"?{urlencode(query)}" if query else ""
        return self._call(operation, path, None if as_form else body, form=body if as_form else None, packed=packed)

    def with_token(self, token: str) -> "Account":
        """The same account with a token that it does not renew."""
        return Account(self.target, self.username, "", token, self.number)

    def _call(
        self, operation: str, path: str, body: Any, *, form: dict[str, str] | None = None, packed: bool = False
    ) -> Answer:
        headers = {"Authorization": f"Bearer {self.bearer}"} if self.bearer and operation != LOG_IN else {}
        content: dict[str, Any] = {"data": form} if form else {"json": body} if body is not None else {}
        if packed:
            content = {"content": gzip.compress(json.dumps(body).encode(), mtime=0)}
            headers |= {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        with self.target.making(operation, body):
            answer = self.target.send(operation, path, hopeful=self.hopeful, headers=headers, **content)
        try:
            read = answer.json() if answer.content else None
        except (ValueError, RecursionError):
            read = None
        exchange = self._exchange(answer, read)
        self.target.keep(exchange)
        return Answer(
            operation,
            answer.status_code,
            answer.headers,
            answer.text,
            read,
            exchange,
            self._curl(operation, path, body=body, form=form),
        )

    def _exchange(self, answer: httpx.Response, read: Any) -> Exchange:
        """As a log has it: a token that is given gets a number, and stands as a mark."""
        sent, body, token = answer.request, answer.content, None
        given = read.get("access_token") if isinstance(read, dict) else None
        if isinstance(given, str) and given:
            self.target.tokens += 1
            body, token = body.replace(given.encode(), TOKEN_MARK), self.target.tokens
        url = sent.url.raw_path.decode("ascii").removeprefix(_path_of(self.target.base_url))
        path, _, query = url.partition("?")
        content = self._masked() if path == "/auth/token-form" else sent.content
        headers: Headers = tuple((n.lower(), v) for n, v in sent.headers.raw if n.lower() in KEPT_HEADERS)
        request = Request(sent.method, path, query, headers, content)
        principal = Principal(self.username, self.username, self.number if path != "/auth/token-form" else None)
        kept: Headers = tuple((n.lower(), v) for n, v in answer.headers.raw if n.lower() in KEPT_HEADERS)
        return Exchange(datetime.now(UTC), principal, request, Response(answer.status_code, body, kept, token))

    def _masked(self) -> bytes:
        return urlencode({"username": self.username, "password": "***"}).encode()

    def _curl(self, operation: str, path: str, *, body: Any, form: dict[str, str] | None) -> str:
        words = ["curl", "-X", operation.partition(" ")[0], f'"$BASE"{shell_quote(path)}']
        if operation == LOG_IN:
            return " ".join([*words, "-d", shell_quote(f"username={self.username}"), "-d", '"password=$PASSWORD"'])
        words += ["-H", '"Authorization: Bearer $TOKEN"'] if self.bearer else []
        for name, value in (form or {}).items():
            words += ["--data-urlencode", shell_quote(f"{name}={value}")]
        if body is not None:
            words += ["-H", "'Content-Type: application/json'", "-d", shell_quote(json.dumps(body))]
        return " ".join(words)


def _path_of(url: str) -> str:
    return httpx.URL(url).path.rstrip("/")
