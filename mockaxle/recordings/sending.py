"""Replays a recording over HTTP on any server, with its own ids, tokens and instants."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import httpx

from mockaxle.exchange import HELD, Command, Entry, Exchange, Headers
from mockaxle.recordings.applying import Difference
from mockaxle.recordings.controls import control_call
from mockaxle.recordings.names import Names
from mockaxle.recordings.recording import Recording

LOG_IN = "/auth/token-form"
CONTROL = "/__mockaxle/world"
OURS = "x-mockaxle-rules"
"""The header by which the mock is known; only then are commands repeated."""


class CannotReplay(Exception):
    """The server does not let the recording be replayed at all."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """An entry that was sent again. Shape: left where it was not, with the reason."""

    number: int
    what: str
    differences: tuple[Difference, ...] = ()
    left: str = ""


@dataclass(slots=True)
class Sender:
    """Sends the entries of a recording, one after the other. Shape: tokens by their recorded numbers."""

    client: httpx.Client
    username: str | None
    password: str
    _names: Names = field(default_factory=Names)
    _tokens: dict[int, str] = field(default_factory=dict)
    _is_ours: bool = False

    def replay(self, recording: Recording) -> Iterator[Replayed]:
        """Raises: CannotReplay, httpx.TransportError where the server is gone."""
        for number, entry in enumerate(recording.entries, start=recording.dropped + 1):
            if isinstance(entry, Command):
                yield self._command(number, entry)
            elif entry.response.status != HELD:
                yield self._exchange(number, entry)

    def _command(self, number: int, command: Command) -> Replayed:
        if not self._is_ours:
            return Replayed(number, command.name, left="a command to the mock; this server is none")
        token = next(reversed(self._tokens.values()), "")
        call = control_call(command)
        answer = self.client.request(call.verb, CONTROL + call.path, json=call.body or {}, headers=_bearer(token))
        if answer.status_code != 200:
            came = f"{answer.status_code}: {answer.text:.200}"
            return Replayed(number, command.name, (Difference(number, command.name, "status", "200", came),))
        return Replayed(number, command.name)

    def _exchange(self, number: int, exchange: Exchange) -> Replayed:
        request, what = exchange.request, f"{exchange.request.method} {exchange.request.path}"
        token = exchange.principal.token if exchange.principal else None
        if request.path != LOG_IN and token not in self._tokens:
            return Replayed(number, what, left="its token is from before the recording begins")
        try:
            answer = self._send(exchange, token)
        except httpx.TransportError as error:
            if exchange.response.way is None:
                raise
            return Replayed(number, what, left=f"a fault's: {error}")
        self._learn(exchange, answer)
        if exchange.response.way is not None or exchange.response.awkward:
            made = "a fault made its answer" if exchange.response.way else "its answer was made awkward"
            return Replayed(number, what, left=made)
        return Replayed(number, what, tuple(self._compare(number, what, exchange=exchange, answer=answer)))

    def _send(self, exchange: Exchange, token: int | None) -> httpx.Response:
        request = exchange.request
        path = self._names.translated(request.path + (f"?{request.query}" if request.query else ""))
        if request.path == LOG_IN:
            return self.client.request(request.method, path, data=self._form(request.body))
        headers = {**_kept(request.headers), **_bearer(self._tokens[token or 0])}
        try:
            body = self._names.translated(request.body.decode()).encode()
        except UnicodeDecodeError:
            body = request.body
        return self.client.request(request.method, path, content=body, headers=headers)

    def _form(self, body: bytes) -> dict[str, str]:
        """The log-in's form, with the password, which no recording has."""
        recorded = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        return {**recorded, "username": self.username or recorded["username"], "password": self.password}

    def _learn(self, exchange: Exchange, answer: httpx.Response) -> None:
        """A token that was given out. Raises: CannotReplay where a log-in gives none."""
        self._is_ours = self._is_ours or OURS in answer.headers
        told = _json(answer.content)
        given = told.get("access_token") if isinstance(told, dict) else None
        if exchange.response.token is not None and isinstance(given, str):
            self._tokens[exchange.response.token] = given
        elif exchange.request.path == LOG_IN and exchange.response.status == 200:
            raise CannotReplay(f"the log-in was refused with {answer.status_code}: {answer.text:.200}")

    def _compare(self, number: int, what: str, *, exchange: Exchange, answer: httpx.Response) -> Iterator[Difference]:
        recorded = exchange.response
        if recorded.status != answer.status_code:
            yield Difference(number, what, "status", str(recorded.status), str(answer.status_code))
        was, came = _json(recorded.body), _json(answer.content)
        if was is UNREADABLE or came is UNREADABLE:
            return
        for place, before, now in self._names.compare(was, came):
            yield Difference(number, what, place or "/", before, now)


UNREADABLE = object()
"""Stands for a body that is no JSON, such as a page."""


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return UNREADABLE


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _kept(headers: Headers) -> dict[str, str]:
    return {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}


def writes(entries: tuple[Entry, ...]) -> int:
    """How many entries change something on a server."""
    exchanges = [entry for entry in entries if isinstance(entry, Exchange)]
    return sum(one.request.method != "GET" and one.request.path != LOG_IN for one in exchanges)
