"""Converts a recording to the steps of a script, which name ids and tokens when they first appear."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from mockaxle.core.accounts import LOG_IN, ORGANISATION
from mockaxle.recordings.bodies import UNREADABLE, read_json, unpacked
from mockaxle.recordings.jsonl import Recording
from mockaxle.recordings.names import NAMES, TOKEN
from mockaxle.recordings.older_tokens import CONTROL, MOVE, RECEIVERS, REWIND, OlderTokens
from mockaxle.world.entries import Command, Delivery, Entry, Exchange, Request

JSON = "application/json"
NOUNS = {"site_id": "site", "asset_id": "asset", "ref": "ref", "transaction_id": "transaction"}


class Capture(NamedTuple):
    """A name for a value of an answer that later calls send. Shape: place as keys and indices."""

    name: str
    place: tuple[str | int, ...]
    value: str


class Step(NamedTuple):
    """A call. Shape: path with query; token names the token it sends; answer is JSON, or None if it has none.

    A log-in has its form's username, a call with a JSON body its value, any other its bytes; `breaks` if no answer
    arrived.
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
    """Names ids and tokens, counted by noun."""

    sent_later: frozenset[str]
    names: dict[str, str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def captures(self, answer: Any, path: str) -> Iterator[Capture]:
        """Yield the values that are new in an answer and sent later."""
        for place, value in strings(answer):
            if value in self.sent_later and value not in self.names:
                self.names[value] = self.fresh(_noun(place, path))
                yield Capture(self.names[value], place, value)

    def fresh(self, noun: str) -> str:
        self._counts[noun] = self._counts.get(noun, 0) + 1
        return f"{noun}_{self._counts[noun]}"


def steps(recording: Recording) -> Iterator[Step]:
    """List the calls in order. A call that a fault made wait is listed once, when it was answered."""
    exchanges = [one for one in recording.entries if isinstance(one, Exchange)]
    sent = (f"{one.request.path}?{one.request.query}\n{_text(unpacked(one.request))}" for one in exchanges)
    names = (name[0] for text in sent for name in NAMES.finditer(text))
    namer, tokens = Namer(frozenset(names)), dict[int, str]()
    older, full = OlderTokens.of(recording), ""
    for number, entry in enumerate(recording.entries, start=recording.dropped + 1):
        for token, username in _missing(entry, tokens, older=older, full=full):
            full = namer.fresh("token")
            tokens[token] = full
            yield Step(
                number, "POST", LOG_IN, 200, username=username, captures=(Capture(full, ("access_token",), TOKEN),)
            )
        if isinstance(entry, Command):
            if entry.key not in (REWIND, MOVE, *RECEIVERS):
                body = None if entry.verb == "DELETE" else entry.body
                yield Step(number, entry.verb, CONTROL + entry.place, 200, full, body=body)
        elif isinstance(entry, Exchange) and _is_repeatable(entry):
            yield _exchange(number, entry, namer=namer, tokens=tokens)
            if entry.response.token is not None and entry.principal and entry.principal.roles == ORGANISATION:
                full = tokens.get(entry.response.token, full)


def _missing(entry: Entry, tokens: Mapping[int, str], *, older: OlderTokens, full: str) -> Iterator[tuple[int, str]]:
    """Yield number and account of a token that an entry needs and no earlier entry gave."""
    if isinstance(entry, Command):
        if not full:
            yield 0, older.username
    elif not isinstance(entry, Delivery) and entry.principal and entry.principal.token is not None:
        username = older.full(entry.principal.token)
        if username is not None and entry.principal.token not in tokens:
            yield entry.principal.token, username


def _is_repeatable(exchange: Exchange) -> bool:
    """Tell whether a call can be repeated: its body was kept, and it follows no link, which is not recorded."""
    request = exchange.request
    return not request.oversize and TOKEN not in request.path


def _exchange(number: int, exchange: Exchange, *, namer: Namer, tokens: dict[int, str]) -> Step:
    request, response = exchange.request, exchange.response
    principal, answer = exchange.principal, _readable(read_json(response.body))
    token = tokens.get(principal.token, "") if principal and principal.token is not None else ""
    breaks = response.way is not None and response.way.breaks
    captures = () if breaks else tuple(namer.captures(answer, request.path))
    given = _given_token(answer)
    if response.token is not None and given and not breaks:
        tokens[response.token] = namer.fresh("token")
        captures += (Capture(tokens[response.token], given, TOKEN),)
    path = request.path + (f"?{request.query}" if request.query else "")
    is_log_in, content_type = request.path == LOG_IN, (request.header(b"content-type") or b"").decode("latin-1")
    sent = _readable(read_json(unpacked(request))) if content_type in ("", JSON) else None
    return Step(
        number,
        request.method,
        path,
        response.status,
        token,
        username=_username(request) if is_log_in else None,
        body=None if is_log_in else sent,
        raw=request.body if request.body and sent is None and not is_log_in else None,
        content_type=content_type,
        answer=answer,
        captures=captures,
        breaks=breaks,
    )


def _given_token(answer: Any) -> tuple[str | int, ...]:
    found = (place for place, value in strings(answer) if value == TOKEN)
    return next(found, ())


def strings(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield the texts in a JSON value with their places."""
    if isinstance(value, str):
        yield place, value
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield from strings(inner, (*place, key))


def _noun(place: tuple[str | int, ...], path: str) -> str:
    key = next((part for part in reversed(place) if isinstance(part, str)), "")
    if key == "asset_ids":
        return "asset"
    return NOUNS.get(key) or (path.split("/")[2] if key == "id" and path.startswith("/entities/") else "id")


def _readable(value: Any) -> Any:
    return None if value is UNREADABLE else value


def _username(request: Request) -> str:
    return parse_qs(_text(request.body), keep_blank_values=True).get("username", [""])[0]


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")
