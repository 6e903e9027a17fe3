"""Keeps secrets out of all that is kept: a device cloud's tokens, and links to the mock's own pages."""

import json
import re
import string
from typing import Any
from urllib.parse import quote, unquote

from pydantic_core import from_json

from mockaxle.contract import Operation
from mockaxle.core.timestamps import read_timestamp
from mockaxle.exchange import TOKEN_MARK, Request, Response
from mockaxle.wire.shape import is_whole

HANDING_OVER = "POST /entities/site/{site_id}/token"
KNOWN = frozenset({"refresh_token", "access_token", "token_type", "expires_utc", "expires_in"})
FRACTION = 0.5
"""Stands for any number that is no integer, so that it is judged as what was sent."""

_HARMLESS_TYPES = frozenset({"API_KEY", "bearer", "Bearer"})
_RUN = re.compile(r"[\w.-]+")
_JWT_BEGINS = "eyJ"
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_ESCAPE = re.compile(rb"(\\u[0-9A-Fa-f]{4}|\\.)", re.DOTALL)
_WORD = string.ascii_letters + string.digits
_STARS = bytes.maketrans(_WORD.encode(), b"*" * len(_WORD))
_SECONDS = re.compile(r"-?[0-9]{1,18}")
_PLACE = re.compile(r"line (\d+) column (\d+)$")


def shown(operation: Operation, request: Request) -> Request:
    """The request as a log may keep it; what is applied is this, so that the log replays to the same answer."""
    if operation.is_page:
        return request._replace(path=operation.path.replace("{link}", TOKEN_MARK.decode()))
    if operation.key == HANDING_OVER:
        return request._replace(query="", body=_masked_body(request.body))
    return _without_tokens(request)


def without_link(request: Request) -> Request:
    """The request with a mark in the place of whatever looks like a link's text in its path."""
    path = unquote(request.path)
    masked = _RUN.sub(_unless_jwt, path)
    return request if masked == path else request._replace(path=masked)


def _without_tokens(request: Request) -> Request:
    """The request with a mark in the place of whatever looks like a token where none belongs."""
    if b"eyJ" in request.body:
        body = _RUN.sub(_unless_jwt, request.body.decode("latin-1")).encode("latin-1")
        request = request._replace(body=body)
    if "%" in request.path or _JWT_BEGINS in request.path or "%" in request.query or _JWT_BEGINS in request.query:
        request = request._replace(path=_spelt_without_tokens(request.path), query=_spelt_without_tokens(request.query))
    return request


def _spelt_without_tokens(text: str) -> str:
    """A path or a query, percent-encoded as it was unless a token has to go."""
    plain = unquote(text)
    masked = _RUN.sub(_unless_jwt, plain)
    return text if masked == plain else quote(masked, safe="/@=&")


def _unless_jwt(run: "re.Match[str]") -> str:
    """A run of a JWT's characters, masked from where one begins: each run is looked at once, however long."""
    before, begins, rest = run[0].partition(_JWT_BEGINS)
    return before + TOKEN_MARK.decode() if begins and rest.count(".") >= 2 else run[0]


def without_location(response: Response) -> Response:
    """What is kept of an answer to a link: neither where it leads nor what would have worked."""
    return response._replace(headers=(), hint="")


def _masked_body(body: bytes) -> bytes:
    try:
        from_json(body)
    except ValueError as error:
        return _masked_broken(body, str(error))
    sent = json.loads(body, parse_float=lambda text: 0 if is_whole(text) else FRACTION)
    if not isinstance(sent, dict):
        return json.dumps(_masked(sent)).encode()
    return json.dumps(dict(_field(name, value) for name, value in sent.items())).encode()


def _field(name: str, value: Any) -> tuple[str, Any]:
    """A known field by its name, a secret by its length."""
    if name not in KNOWN:
        return "*" * len(name), _masked(value)
    return name, value if _is_harmless(name, value) else _masked(value)


def _is_harmless(name: str, value: Any) -> bool:
    if isinstance(value, str):
        is_kind = name == "token_type" and value in _HARMLESS_TYPES
        is_time = name == "expires_utc" and read_timestamp(value) is not None
        return is_kind or is_time or (name == "expires_in" and _SECONDS.fullmatch(value) is not None)
    return name == "expires_in" and isinstance(value, int)


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return "*" * len(value)
    if isinstance(value, list):
        return [_masked(item) for item in value]
    if isinstance(value, dict):
        return {"*" * len(name): _masked(item) for name, item in value.items()}
    if isinstance(value, float):
        return FRACTION
    return 0 if isinstance(value, int) and not isinstance(value, bool) else value


def _masked_broken(body: bytes, message: str) -> bytes:
    """What breaks, breaks at the same place: before it only what strings say is masked, behind it every word."""
    place = _PLACE.search(message)
    lines = body.split(b"\n")[: int(place[1]) - 1] if place else []
    offset = sum(len(line) + 1 for line in lines) + int(place[2]) if place else 0
    return _STRING.sub(_masked_string, body[:offset]) + body[offset:].translate(_STARS)


def _masked_string(match: "re.Match[bytes]") -> bytes:
    """A string whose escapes are as they were."""
    pieces = _ESCAPE.split(match[0])
    pieces[::2] = [piece.translate(_STARS) for piece in pieces[::2]]
    return b"".join(pieces)
