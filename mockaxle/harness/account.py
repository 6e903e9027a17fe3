"""An account at the server under test: logs in when it needs to, and writes down what it sends."""

import gzip
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from shlex import quote as shell_quote
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from mockaxle.exchange import TOKEN_MARK, Exchange, Headers, Principal, Request, Response
from mockaxle.harness.answer import Answer
from mockaxle.harness.operations import COMPONENT_TOKEN, DELETE_SITE, OFFBOARD
from mockaxle.harness.target import LOG_IN, MAKES_A_SITE, Target

TOKEN_SECONDS = 1800
KEPT_HEADERS = (b"content-type", b"content-encoding", b"accept", b"user-agent")
MASK = "***"


@dataclass(slots=True)
class Account:
    """Shape: number is its token's; hopeful where its calls may be accepted at all."""

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
        answer = self._call(operation, path, None if as_form else body, form=body if as_form else None, packed=packed)
        if operation in (OFFBOARD, DELETE_SITE) and answer.is_good:
            self.target.created.pop(named["site_id"], None)
        return answer

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
        curl = self._curl(operation, path, body=body, form=form)
        with self.target.calling():
            with self.target.making(operation, body):
                answer = self.target.send(operation, path, hopeful=self.hopeful, headers=headers, **content)
            told = self._told(operation, answer, curl=curl)
            self._remember(told)
        return told

    def _told(self, operation: str, answer: httpx.Response, *, curl: str) -> Answer:
        """The answer without the token that it may give, kept among the exchanges."""
        read = _json(answer)
        given = read.get("access_token") if isinstance(read, dict) else None
        exchange = self._exchange(answer, given if isinstance(given, str) and given else None)
        self.target.keep(exchange)
        text = answer.text.replace(given, MASK) if isinstance(given, str) and given else answer.text
        return Answer(operation, answer.status_code, answer.headers, text, read, exchange, curl)

    def _remember(self, answer: Answer) -> None:
        """A site that was made now and not before, to be taken away again, whatever else is wrong with the answer."""
        made = answer.operation in MAKES_A_SITE or answer.operation == COMPONENT_TOKEN
        if made and answer.is_good and answer.value("site", "site_created") is not False:
            site_id = answer.text_at("site", "site_id") or answer.text_at("site", "id") or answer.text_at("id")
            if site_id is not None:
                self.target.created[site_id] = self

    def _exchange(self, answer: httpx.Response, given: str | None) -> Exchange:
        """As a log has it: a token that is given gets a number, and stands as a mark."""
        sent, body, token = answer.request, answer.content, None
        if given is not None:
            self.target.tokens += 1
            body, token = body.replace(given.encode(), TOKEN_MARK), self.target.tokens
        url = sent.url.raw_path.decode("ascii").removeprefix(httpx.URL(self.target.base_url).path.rstrip("/"))
        path, _, query = url.partition("?")
        content = self._masked() if path == "/auth/token-form" else sent.read()
        principal = Principal(self.username, self.username, self.number if path != "/auth/token-form" else None)
        request = Request(sent.method, path, query, _kept(sent.headers), content)
        return Exchange(
            datetime.now(UTC), principal, request, Response(answer.status_code, body, _kept(answer.headers), token)
        )

    def _masked(self) -> bytes:
        return urlencode({"username": self.username, "password": MASK}).encode()

    def _curl(self, operation: str, path: str, *, body: Any, form: dict[str, str] | None) -> str:
        words = ["curl", "-X", shell_quote(operation.partition(" ")[0]), f'"$BASE"{shell_quote(path)}']
        if operation == LOG_IN:
            return " ".join([*words, "-d", shell_quote(f"username={self.username}"), "-d", '"password=$PASSWORD"'])
        words += ["-H", '"Authorization: Bearer $TOKEN"'] if self.bearer else []
        for name, value in (form or {}).items():
            words += ["--data-urlencode", shell_quote(f"{name}={value}")]
        if body is not None:
            words += ["-H", "'Content-Type: application/json'", "-d", shell_quote(json.dumps(body))]
        return " ".join(words)


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json() if answer.content else None
    except (ValueError, RecursionError):
        return None


def _kept(headers: httpx.Headers) -> Headers:
    return tuple((name.lower(), value) for name, value in headers.raw if name.lower() in KEPT_HEADERS)
