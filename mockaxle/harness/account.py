"""An account at the server under test: logs in when needed, and records its calls."""

import gzip
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from mockaxle.client.client import ACCEPTED
from mockaxle.client.log_in import bearer, is_token
from mockaxle.client.response import ClientResponse
from mockaxle.core.accounts import LOG_IN as LOG_IN_PATH
from mockaxle.harness.answer import Answer
from mockaxle.harness.call import MadeCall
from mockaxle.harness.json_values import Json
from mockaxle.harness.operations import COMPONENT_TOKEN, DELETE_SITE, OFFBOARD
from mockaxle.harness.target import LOG_IN, MAKES_A_SITE, Received, Target
from mockaxle.recordings.curl import curl_line
from mockaxle.world.entries import TOKEN_MARK, Exchange, Headers, Principal, Request, Response

TOKEN_SECONDS = 1800
KEPT_HEADERS = ("content-type", "content-encoding", "accept", "user-agent")
KEPT_HEADER, KEPT_BODY = 200, 100_000
"""Characters kept of a header and of an answer's body."""

OTHER_TOKEN = "OTHER_TOKEN"
"""The variable of the shell for a token that is not that of a log-in of the run's account."""

SHORTEST_SECRET = 8
MASK = "***"


@dataclass(slots=True)
class CheckedAccount:
    """Shape: number is its token's; allowed is true if its calls may be accepted at all, watched if their answers come
    in the order of the calls. `authorization` is a header in place of the token's; `in_query` is true if the token is
    a parameter instead.
    """

    target: Target
    username: str
    password: str
    bearer: str = ""
    number: int | None = None
    allowed: bool = True
    watched: bool = True
    authorization: str = ""
    in_query: bool = False
    _until: float = 0.0

    def log_in(self) -> Answer:
        """Raises: NoAnswer and similar errors."""
        form = {"username": self.username, "password": self.password}
        answer = self._call(self._made(LOG_IN, form=form), LOG_IN_PATH)
        token = answer.value("access_token")
        if answer.status == 200 and is_token(token):
            self.bearer, self._until = token, time.monotonic() + TOKEN_SECONDS
            self.number = self.target.tokens
        return answer

    def call(
        self,
        operation: str,
        body: Json = None,
        *,
        form: Mapping[str, str] | None = None,
        query: Mapping[str, str | int] | None = None,
        packed: bool = False,
        ids: Mapping[str, str] | None = None,
        **named: str,
    ) -> Answer:
        """Call an operation, with the ids inserted into its path. Raises: NoAnswer and similar errors."""
        if self.password and time.monotonic() > self._until:
            self.log_in()
        named |= ids or {}
        path = operation.partition(" ")[2].format(**{name: quote(value, safe="") for name, value in named.items()})
        query = {**(query or {}), "access_token": MASK} if self.in_query else query
        path += f"?{urlencode(query, safe=MASK)}" if query else ""
        call = self._made(operation, named, query=query, body=body, form=form)
        answer = self._call(call, path, packed=packed)
        if operation in (OFFBOARD, DELETE_SITE) and answer.is_good:
            self.target.created.pop(named["site_id"], None)
        return answer

    def with_token(self, token: str) -> "CheckedAccount":
        """Return the account with a token that it does not renew."""
        return CheckedAccount(self.target, self.username, "", token, self.number)

    def _made(
        self,
        operation: str,
        ids: Mapping[str, str] | None = None,
        *,
        query: Mapping[str, str | int] | None = None,
        body: Json = None,
        form: Mapping[str, str] | None = None,
    ) -> MadeCall:
        return MadeCall(self.username, operation, ids or {}, query or {}, body, form or {}, bool(self.password))

    def _call(self, call: MadeCall, path: str, *, packed: bool = False) -> Answer:
        _, operation, _, _, body, form, _ = call
        headers, content = _content(body, form=form, packed=packed)
        if self.authorization:
            headers["Authorization"] = self.authorization
        elif self.bearer and operation != LOG_IN and not self.in_query:
            headers |= bearer(self.bearer)
        curl = self._curl(operation, path, body=body, form=form)
        with self.target.calling():
            with self.target.making(operation, body):
                url = path.replace(MASK, self.bearer) if self.in_query else path
                received = self.target.send(operation, url, allowed=self.allowed, headers=headers, content=content)
            sent = Request(operation.partition(" ")[0], *_divided(path), _kept({**ACCEPTED, **headers}), content)
            answer = self._answer(operation, received, sent=sent, curl=curl)
            self._remember(answer)
        if self.watched:
            self.target.watch.see(call, answer)
        return answer

    def _answer(self, operation: str, received: Received, *, sent: Request, curl: str) -> Answer:
        """Record the exchange, and return the answer without a token that it may contain."""
        response = received.answer
        data = _json(response)
        token = data.get("access_token") if isinstance(data, dict) else None
        token = token if isinstance(token, str) and len(token) >= SHORTEST_SECRET else None
        exchange = self._exchange(operation, received, token_text=token, sent=sent)
        self.target.keep(exchange)
        text = response.text.replace(token, MASK) if token else response.text
        return Answer(operation, response.status, response.headers, text[:KEPT_BODY], data, exchange, curl)

    def _remember(self, answer: Answer) -> None:
        """Note a site that was created, to be removed later, whatever else is wrong with the answer."""
        made = answer.operation in MAKES_A_SITE or answer.operation == COMPONENT_TOKEN
        if made and answer.is_good and answer.value("site", "site_created") is not False:
            site_id = answer.text_at("site", "site_id") or answer.text_at("site", "id") or answer.text_at("id")
            if site_id is not None:
                self.target.created[site_id] = self

    def _exchange(self, operation: str, received: Received, *, token_text: str | None, sent: Request) -> Exchange:
        """Make the exchange as in a log: a new token gets a number and is replaced by a mark.

        Shape: at is the instant of the call, real_at that of its answer.
        """
        response, at, came_at = received
        body, token = response.body, None
        if token_text is not None:
            self.target.tokens += 1
            body, token = body.replace(token_text.encode("utf-8", "replace"), TOKEN_MARK), self.target.tokens
        is_log_in = sent.path == LOG_IN_PATH
        principal = Principal(self.username, self.username, None if is_log_in else self.number)
        request = sent._replace(body=self._masked()) if is_log_in else sent
        answered = Response(response.status, body[:KEPT_BODY], _kept(response.headers), token)
        return Exchange(at, came_at, principal, operation, request, answered)

    def _masked(self) -> bytes:
        return urlencode({"username": self.username, "password": MASK}).encode()

    def _curl(self, operation: str, path: str, *, body: Json, form: Mapping[str, str]) -> str:
        verb, has_token = operation.partition(" ")[0], bool(self.bearer or self.authorization)
        if operation == LOG_IN:
            return curl_line(verb, path, has_token=False, username=self.username)
        token = "TOKEN" if self.password else OTHER_TOKEN
        text = "" if body is None else json.dumps(body)
        return curl_line(verb, path, has_token=has_token, token=token, form=form, body=text)


def _content(body: Json, *, form: Mapping[str, str], packed: bool) -> tuple[dict[str, str], bytes]:
    """Return the headers and bytes of a form, else of a JSON body, else none."""
    if form:
        return {"Content-Type": "application/x-www-form-urlencoded"}, urlencode(form).encode()
    if body is None:
        return {}, b""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    if packed:
        return {"Content-Type": "application/json", "Content-Encoding": "gzip"}, gzip.compress(text, mtime=0)
    return {"Content-Type": "application/json"}, text


def _divided(url: str) -> tuple[str, str]:
    """Split a URL into path and query."""
    path, _, query = url.partition("?")
    return path, query


def _json(response: ClientResponse) -> Json:
    try:
        value: Json = response.json() if response.body else None
    except ValueError:
        return None
    return value


def _kept(headers: Mapping[str, str]) -> Headers:
    named = {name.lower(): value for name, value in headers.items() if name.lower() in KEPT_HEADERS}
    return tuple((name.encode(), value[:KEPT_HEADER].encode("latin-1", "replace")) for name, value in named.items())
