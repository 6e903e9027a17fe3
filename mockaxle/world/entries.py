"""What a log is made of, as values: requests, responses, exchanges, commands, their JSON form. No secret is in it."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from mockaxle.core.accounts import Role

Headers = tuple[tuple[bytes, bytes], ...]
TOKEN_MARK = b"@token@"
"""Stands in a response's body for a token's text, which is put in on the way out."""


BASE_MARK = b"@base@"
"""Stands there for the URL at which the client sees the server."""


class Request(NamedTuple):
    """Shape: path and query percent-encoded as sent; header names lower-case.

    `oversize` is the limit in bytes that the body exceeded and was dropped for, 0 where it is whole; `resumed` where
    the call waited already, by a fault, and meets no other; `client` is the connection's address, which is never kept.
    """

    method: str
    path: str
    query: str = ""
    headers: Headers = ()
    body: bytes = b""
    oversize: int = 0
    scheme: str = "http"
    resumed: bool = False
    client: str = ""

    def header(self, name: bytes) -> bytes | None:
        """The first header of a name."""
        for key, value in self.headers:
            if key == name:
                return value
        return None


class Way(NamedTuple):
    """How an answer is sent where a fault changes that. Units: delay in milliseconds.

    Shape: fault is the rule's id or the magic name; network names what happens to the connection, or nothing.
    """

    fault: str
    network: str = ""
    delay_ms: int = 0

    @property
    def breaks(self) -> bool:
        """Whether no answer comes: a dribbled one does, if late."""
        return self.network not in ("", "dribble")


class Why(NamedTuple):
    """Why an answer is what it is: the rules, what would have worked, and in what ways it was made awkward."""

    rules: tuple[str, ...] = ()
    hint: str = ""
    awkward: tuple[str, ...] = ()


NO_REASON = Why()


class Response(NamedTuple):
    """What a client gets, why, and how it is sent where a fault changes that.

    Shape: token is the number of the token for which TOKEN_MARK stands, has_base where BASE_MARK stands in the body.
    The status and body are what would have been sent where `way` breaks the connection.
    """

    status: int
    body: bytes = b""
    headers: Headers = ()
    token: int | None = None
    has_base: bool = False
    why: Why = NO_REASON
    way: Way | None = None


class Wait(NamedTuple):
    """A call that a fault lets wait before its work is done. Shape: fault is the rule's id or the magic name.

    Units: delay in milliseconds. Source: `rule`, T1 or T2.
    """

    fault: str
    delay_ms: int
    rule: str = "T1"


class Principal(NamedTuple):
    """Who calls: a world's account, by a token's number, or with None by its password just now.

    Shape: roles are those that a log-in gives; a token knows its own.
    """

    world: str
    username: str
    token: int | None
    roles: tuple[Role, ...] = ()


class Exchange(NamedTuple):
    """A call of the API and its answer.

    Shape: at is the world's instant, real_at the machine's; operation as `GET /entities/site/{site_id}`, None where the
    path has none.
    """

    at: datetime
    real_at: datetime
    principal: Principal | None
    operation: str | None
    request: Request
    response: Response


class Held(NamedTuple):
    """A call that waits; when it is resumed, the exchange follows."""

    at: datetime
    real_at: datetime
    principal: Principal
    operation: str
    request: Request
    wait: Wait


class Command(NamedTuple):
    """A control call that changed a world.

    Shape: at is the world's instant, real_at the machine's; key as `PATCH /market/windows/{id}`, with the values of the
    path and the body, as JSON.
    """

    at: datetime
    real_at: datetime
    key: str
    path: dict[str, str]
    body: dict[str, Any]

    @property
    def verb(self) -> str:
        return self.key.partition(" ")[0]

    @property
    def place(self) -> str:
        """The path of the call, percent-encoded, below that of the world. Raises: KeyError."""
        quoted = {name: _as_segment(value) for name, value in self.path.items()}
        return self.key.partition(" ")[2].format_map(quoted)


def _as_segment(text: str) -> str:
    """The text as a segment of a path, which no client takes for the segment itself or the one above."""
    return quote(text, safe="") if text.strip(".") else text.replace(".", "%2E")


Entry = Exchange | Held | Command
KINDS = ("exchange", "held", "command")


def to_json(entry: Entry) -> dict[str, Any]:
    instants = {"at": entry.at.isoformat(), "real_at": entry.real_at.isoformat()}
    if isinstance(entry, Command):
        return {"kind": "command", **entry._asdict(), **instants}
    call = {**instants, "principal": entry.principal and entry.principal._asdict(), "operation": entry.operation}
    call["request"] = _request_to_json(entry.request)
    if isinstance(entry, Held):
        return {"kind": "held", **call, "wait": entry.wait._asdict()}
    return {"kind": "exchange", **call, "response": _response_to_json(entry.response)}


def from_json(data: Mapping[str, Any]) -> Entry:
    """The entry that to_json wrote. Raises: ValueError for an unknown kind, KeyError, TypeError."""
    kind, principal = data["kind"], data.get("principal")
    if kind not in KINDS:
        raise ValueError(f"the kind {kind!r:.40} is unknown")
    at, real_at = datetime.fromisoformat(data["at"]), datetime.fromisoformat(data["real_at"])
    if kind == "command":
        return Command(at, real_at, data["key"], data["path"], data["body"])
    who = Principal(**{**principal, "roles": tuple(map(Role, principal["roles"]))}) if principal else None
    operation, request = data["operation"], _request_from_json(data["request"])
    if kind == "exchange":
        return Exchange(at, real_at, who, operation, request, _response_from_json(data["response"]))
    if who is None:
        raise ValueError("it has no principal")
    return Held(at, real_at, who, operation, request, Wait(**data["wait"]))


def _request_to_json(request: Request) -> dict[str, Any]:
    sent = {name: value for name, value in request._asdict().items() if name != "client"}
    return {**sent, "headers": _names(request.headers), "body": _text(request.body)}


def _response_to_json(response: Response) -> dict[str, Any]:
    return {
        **response._asdict(),
        "headers": _names(response.headers),
        "body": _text(response.body),
        "why": response.why._asdict(),
        "way": response.way and response.way._asdict(),
    }


def _request_from_json(data: Mapping[str, Any]) -> Request:
    return Request(**{**data, "headers": _pairs(data["headers"]), "body": _bytes(data["body"])})


def _response_from_json(data: Mapping[str, Any]) -> Response:
    why = data["why"]
    return Response(
        **{
            **data,
            "headers": _pairs(data["headers"]),
            "body": _bytes(data["body"]),
            "why": Why(**{**why, "rules": tuple(why["rules"]), "awkward": tuple(why["awkward"])}),
            "way": Way(**data["way"]) if data["way"] else None,
        }
    )


def _names(headers: Headers) -> list[list[str]]:
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers]


def _pairs(names: list[list[str]]) -> Headers:
    return tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in names)


def _text(body: bytes) -> str | dict[str, str]:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(body).decode()}


def _bytes(text: str | dict[str, str]) -> bytes:
    return text.encode() if isinstance(text, str) else b64decode(text["base64"])
