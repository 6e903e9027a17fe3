"""Replays a recording over HTTP on any server, with its own ids, tokens and instants."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote

from mockaxle.client.client import SENT_AS_IT_IS, Bounds, Client, as_unanswered
from mockaxle.client.errors import TooLong, Unanswered
from mockaxle.client.log_in import LogInRefused, bearer, is_token, read_token, send_log_in
from mockaxle.client.response import ClientResponse
from mockaxle.core.accounts import LOG_IN, ORGANISATION
from mockaxle.core.limits import CONTROL_SECONDS, MAX_REPLAYED_ANSWER
from mockaxle.recordings.applying import Difference
from mockaxle.recordings.bodies import UNREADABLE, read_json, unpacked
from mockaxle.recordings.jsonl import Recording
from mockaxle.recordings.names import TOKEN, Names
from mockaxle.recordings.older_tokens import CONTROL, MOVE, RECEIVERS, REWIND, OlderTokens
from mockaxle.world.entries import Command, Delivery, Entry, Exchange, Headers, Request

OURS = "x-mockaxle-rules"
"""The header that identifies a mock. Commands are repeated on a mock only."""

LONG = Bounds(CONTROL_SECONDS, MAX_REPLAYED_ANSWER)


class CannotReplay(Exception):
    """The recording cannot be replayed on the server at all."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """An entry after its replay. Shape: left is the reason if it was not sent."""

    number: int
    what: str
    differences: tuple[Difference, ...] = ()
    left: str = ""


@dataclass(slots=True)
class Sender:
    """Sends the entries of a recording in order. Shape: tokens by their recorded numbers."""

    client: Client
    username: str | None
    password: str
    _names: Names = field(default_factory=Names)
    _unread: int = 0
    _tokens: dict[int, str] = field(default_factory=dict)
    _full: str = ""
    _older: OlderTokens = field(default_factory=OlderTokens)
    _is_ours: bool = False

    @property
    def matched(self) -> dict[str, int]:
        """Counts of the parts of answers that were matched or left out rather than compared, by kind."""
        counted = {**self._names.matched, "bodies that are not JSON": self._unread}
        return {kind: count for kind, count in sorted(counted.items()) if count}

    def replay(self, recording: Recording) -> Iterator[Replayed]:
        """Raises: CannotReplay; Unanswered if the server is gone."""
        self._older = OlderTokens.of(recording)
        for number, entry in enumerate(recording.entries, start=recording.dropped + 1):
            if isinstance(entry, Command):
                yield self._command(number, entry)
            elif isinstance(entry, Delivery):
                yield Replayed(number, f"delivery {entry.attempt}", left="a mock makes its own deliveries")
            elif isinstance(entry, Exchange):
                yield self._exchange(number, entry)

    def _command(self, number: int, command: Command) -> Replayed:
        self._full = self._full or self._log_in(self._older.username)
        if not self._is_ours:
            return Replayed(number, command.key, left="a command, and this server is not a mock")
        if command.key in RECEIVERS:
            return Replayed(number, command.key, left="a replay calls no receiver")
        if command.key == REWIND:
            return Replayed(number, command.key, left="the entries that it undid are not in the recording")
        body = json.loads(self._names.translated(json.dumps(command.body)))
        path, headers = CONTROL + self._names.translated(command.place), bearer(self._full)
        answer = self.client.call(command.verb, path, json=body, headers=headers, within=LONG)
        if command.key == MOVE and answer.status == 404:
            return Replayed(number, command.key, left="its withdrawal began by a link, which is not kept")
        if answer.status != 200:
            came = f"{answer.status}: {answer.text:.200}"
            return Replayed(number, command.key, (Difference(number, command.key, "status", "200", came),))
        return Replayed(number, command.key)

    def _exchange(self, number: int, exchange: Exchange) -> Replayed:
        request, what = exchange.request, f"{exchange.request.method} {exchange.request.path}"
        if request.oversize or TOKEN in request.path:
            reason = "its body was too long to record" if request.oversize else "it follows a link, which is not kept"
            return Replayed(number, what, left=reason)
        token = exchange.principal.token if exchange.principal else None
        if request.path != LOG_IN and token not in self._tokens and not self._regain(token):
            return Replayed(number, what, left="its component token is from before the recording")
        try:
            answer = self._send(exchange, token)
        except TooLong as error:
            return Replayed(number, what, left=str(error))
        except Unanswered as error:
            if exchange.response.way is None:
                raise
            return Replayed(number, what, left=f"a fault broke it: {error}")
        self._learn(exchange, answer)
        if exchange.response.way is not None or exchange.response.why.awkward:
            made = "its answer came from a fault" if exchange.response.way else "its answer was awkward"
            return Replayed(number, what, left=made)
        return Replayed(number, what, tuple(self._compare(number, what, exchange=exchange, answer=answer)))

    def _send(self, exchange: Exchange, token: int | None) -> ClientResponse:
        request = exchange.request
        self._names.instants.send(request)
        path = self._names.translated(request.path + (f"?{request.query}" if request.query else ""))
        if request.path == LOG_IN:
            return self._request(request.method, path, data=self._form(request.body))
        headers = {**_kept(request.headers), **bearer(self._tokens[token or 0])}
        return self._request(request.method, path, content=self._body(request), headers=headers)

    def _request(self, verb: str, path: str, **sent: Any) -> ClientResponse:
        """Shape: path as recorded, byte by byte. Raises: Unanswered."""
        with as_unanswered():  # an id of the other server may have any characters
            quoted = quote(path, SENT_AS_IT_IS, "latin-1")
        return self.client.call(verb, quoted, within=LONG, **sent)

    def _body(self, request: Request) -> bytes:
        """Return the body with the other server's names, packed as it was."""
        plain = unpacked(request)
        try:
            body = self._names.translated(plain.decode()).encode()
        except UnicodeDecodeError:
            return request.body
        if body == plain:
            return request.body
        return body if plain is request.body else gzip.compress(body)

    def _regain(self, token: int | None) -> bool:
        """Try to replace a token from before the recording by logging in."""
        username = self._older.full(token)
        if username is None or token is None:
            return False
        self._tokens[token] = self._full = self._log_in(username)
        return True

    def _log_in(self, username: str) -> str:
        """Raises: CannotReplay, Unanswered."""
        response = send_log_in(self.client, self.username or username, password=self.password)
        self._is_ours = self._is_ours or OURS in response.headers
        try:
            return read_token(response)
        except LogInRefused as refused:
            raise CannotReplay(str(refused)) from None

    def _form(self, body: bytes) -> dict[str, str]:
        """Return the log-in's form with the password, which no recording has."""
        recorded = {
            name: values[0]
            for name, values in parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True).items()
        }
        return {**recorded, "username": self.username or recorded.get("username", ""), "password": self.password}

    def _learn(self, exchange: Exchange, answer: ClientResponse) -> None:
        """Learn the token of an answer. Raises: CannotReplay if a log-in gives none."""
        self._is_ours = self._is_ours or OURS in answer.headers
        given = answer.field("access_token")
        if exchange.response.token is not None and is_token(given):
            self._tokens[exchange.response.token] = given
            if exchange.principal and exchange.principal.roles == ORGANISATION:
                self._full = given
        elif exchange.request.path == LOG_IN and exchange.response.status == 200:
            raise CannotReplay(str(LogInRefused(answer)))

    def _compare(self, number: int, what: str, *, exchange: Exchange, answer: ClientResponse) -> Iterator[Difference]:
        recorded = exchange.response
        if recorded.status != answer.status:
            yield Difference(number, what, "status", str(recorded.status), str(answer.status))
        was, came = read_json(recorded.body), read_json(answer.body)
        if was is UNREADABLE or came is UNREADABLE:
            self._unread += recorded.body != answer.body
            return
        for place, before, now in self._names.compare(was, came):
            yield Difference(number, what, place or "/", before, now)


def _kept(headers: Headers) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}


def writes(entries: tuple[Entry, ...]) -> int:
    """Count the entries that change something on a server; every command may."""
    return sum(isinstance(one, Command) or (isinstance(one, Exchange) and _writes(one)) for one in entries)


def _writes(exchange: Exchange) -> bool:
    return exchange.request.method != "GET" and exchange.request.path != LOG_IN
