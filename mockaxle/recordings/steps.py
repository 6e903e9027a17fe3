"""A recording as the steps of a script: calls whose ids and tokens are named where they first appear."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from mockaxle.exchange import HELD, TOKEN_MARK, Command, Exchange
from mockaxle.recordings.controls import control_call
from mockaxle.recordings.names import NAMES
from mockaxle.recordings.recording import Recording
from mockaxle.recordings.sending import CONTROL, LOG_IN

NOUNS = {"site_id": "site", "asset_id": "asset", "ref": "ref", "transaction_id": "transaction"}


class Capture(NamedTuple):
    """A name for what an answer holds at a place, which later calls send. Shape: place as keys and indices."""

    name: str
    place: tuple[str | int, ...]
    value: str


class Step(NamedTuple):
    """A call. Shape: path with query; token names the token it presents; answer is JSON, or None where it has none.

    A log-in has its form's username, a call with a JSON body its value, any other its bytes; `breaks` where no answer
    came.
    """

    number: int
    verb: str
    path: str
    status: int
    token: str = ""
    username: str | None = None
    body: Any = None
    raw: bytes | None = None
    content_type: str = ""
    answer: Any = None
    captures: tuple[Capture, ...] = ()
    breaks: bool = False


@dataclass(slots=True)
class Namer:
    """Gives names to ids and tokens, counted by noun."""

    sent_later: frozenset[str]
    names: dict[str, str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def captures(self, answer: Any, path: str) -> Iterator[Capture]:
        """What is new in an answer and sent later."""
        for place, value in _strings(answer, ()):
            if value in self.sent_later and value not in self.names:
                self.names[value] = self.fresh(_noun(place, path))
                yield Capture(self.names[value], place, value)

    def fresh(self, noun: str) -> str:
        self._counts[noun] = self._counts.get(noun, 0) + 1
        return f"{noun}_{self._counts[noun]}"


def steps(recording: Recording) -> Iterator[Step]:
    """The calls in order; of one that a fault let wait, only its end."""
    exchanges = [one for one in recording.entries if isinstance(one, Exchange)]
    sent = "\n".join(f"{one.request.path}?{one.request.query}\n{_text(one.request.body)}" for one in exchanges)
    namer, tokens = Namer(frozenset(NAMES.findall(sent))), dict[int, str]()
    for number, entry in enumerate(recording.entries, start=recording.dropped + 1):
        if isinstance(entry, Command):
            call = control_call(entry)
            yield Step(number, call.verb, CONTROL + call.path, 200, next(reversed(tokens.values()), ""), body=call.body)
        elif entry.response.status != HELD:
            yield _exchange(number, entry, namer=namer, tokens=tokens)


def _exchange(number: int, exchange: Exchange, *, namer: Namer, tokens: dict[int, str]) -> Step:
    request, response = exchange.request, exchange.response
    principal, answer = exchange.principal, _json(response.body)
    token = tokens.get(principal.token, "") if principal and principal.token is not None else ""
    captures = tuple(namer.captures(answer, request.path))
    given = _given_token(answer)
    if response.token is not None and given:
        tokens[response.token] = namer.fresh("token")
        captures += (Capture(tokens[response.token], given, TOKEN_MARK.decode()),)
    path = request.path + (f"?{request.query}" if request.query else "")
    is_log_in, sent = request.path == LOG_IN, _json(request.body)
    breaks = response.way is not None and response.way.network not in ("", "dribble")
    return Step(
        number,
        request.method,
        path,
        response.status,
        token,
        username=parse_qs(request.body.decode())["username"][0] if is_log_in else None,
        body=None if is_log_in else sent,
        raw=request.body if request.body and sent is None and not is_log_in else None,
        content_type=(request.header(b"content-type") or b"").decode("latin-1"),
        answer=answer,
        captures=() if breaks else captures,
        breaks=breaks,
    )


def _given_token(answer: Any) -> tuple[str | int, ...]:
    found = (place for place, value in _strings(answer, ()) if value == TOKEN_MARK.decode())
    return next(found, ())


def _strings(value: Any, place: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The texts in a JSON value, each with its place."""
    if isinstance(value, str):
        yield place, value
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield from _strings(inner, (*place, key))


def _noun(place: tuple[str | int, ...], path: str) -> str:
    key = next((part for part in reversed(place) if isinstance(part, str)), "")
    if key == "asset_ids":
        return "asset"
    return NOUNS.get(key) or (path.split("/")[2] if key == "id" and path.startswith("/entities/") else "id")


def _json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")
