"""What a log is made of, as values: requests, responses, exchanges, commands, their JSON form. No secret is in it."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from mockaxle.core.accounts import Role

Headers = tuple[tuple[bytes, bytes], ...]
KEPT_HEADERS = frozenset({b"content-type", b"content-encoding", b"accept", b"user-agent"})
"""What may be remembered: no header that could hold a secret."""

TOKEN_MARK = b"@token@"
"""Stands in a response's body for a token's text, which is put in on the way out."""


BASE_MARK = b"@base@"
"""Stands there for the URL at which the client sees the server."""


HELD = 102
"""The status of an entry that says: the call waits, by a fault, before its work is done. No client sees it."""


class Request(NamedTuple):
    """Shape: path and query percent-encoded as sent; header names lower-case.

    `oversize` is the limit in bytes that the body exceeded and was dropped for, 0 where it is whole; `resumed` where
    the call waited already, by a fault, and meets no other; `peer` is the client's address, which is never kept.
    """

    method: str
    path: str
    query: str = ""
    headers: Headers = ()
    body: bytes = b""
    oversize: int = 0
    scheme: str = "http"
    resumed: bool = False
    peer: str = ""

    def header(self, name: bytes) -> bytes | None:
        return next((value for key, value in self.headers if key == name), None)


class Way(NamedTuple):
    """How an answer goes out where a fault has its hand in it. Units: delay in milliseconds.

    Shape: fault is the rule's id or the magic name; network names what happens to the connection, or nothing.
    """

    fault: str
    network: str = ""
    delay_ms: int = 0

    @property
    def breaks(self) -> bool:
        """Whether no answer comes: a dribbled one does, if late."""
        return self.network not in ("", "dribble")


class Response(NamedTuple):
    """Shape: token is the number of the token for which TOKEN_MARK stands, has_base where BASE_MARK stands in the body;
    rules and hint explain the answer.

    The body and status are what would have been sent where `way` says that the connection breaks. `awkward` says in
    what ways the body was made so.
    """

    status: int
    body: bytes = b""
    headers: Headers = ()
    token: int | None = None
    rules: tuple[str, ...] = ()
    hint: str = ""
    way: Way | None = None
    awkward: tuple[str, ...] = ()
    has_base: bool = False


class Principal(NamedTuple):
    """Who calls: a world's account, by a token's number, or with None by its password just now.

    Shape: roles are those that a log-in gives; a token knows its own.
    """

    world: str
    username: str
    token: int | None
    roles: tuple[Role, ...] = ()


class Exchange(NamedTuple):
    at: datetime
    principal: Principal | None
    request: Request
    response: Response


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
        return self.key.partition(" ")[2].format_map({name: quote(value, safe="") for name, value in self.path.items()})


Entry = Exchange | Command


def without_secrets(request: Request) -> Request:
    method, path, query, headers, body, oversize, _, resumed, _ = request
    kept = tuple([pair for pair in headers if pair[0] in KEPT_HEADERS])
    return Request(method, path, query, kept, body, oversize, resumed=resumed)


def to_json(entry: Entry) -> dict[str, Any]:
    if isinstance(entry, Command):
        return {"kind": "command", **entry._asdict(), "at": entry.at.isoformat(), "real_at": entry.real_at.isoformat()}
    return {"kind": "exchange", **_exchange_to_json(entry)}


def from_json(data: Mapping[str, Any]) -> Entry:
    """The entry that to_json wrote. Raises: ValueError for an unknown kind, KeyError, TypeError."""
    if data["kind"] == "exchange":
        return _exchange_from_json(data)
    if data["kind"] != "command":
        raise ValueError(f"the kind {data['kind']!r:.40} is unknown")
    at, real_at = datetime.fromisoformat(data["at"]), datetime.fromisoformat(data["real_at"])
    return Command(at, real_at, data["key"], data["path"], data["body"])


def _exchange_to_json(exchange: Exchange) -> dict[str, Any]:
    request, response = exchange.request, exchange.response
    sent = {name: value for name, value in request._asdict().items() if name != "peer"}
    return {
        "at": exchange.at.isoformat(),
        "principal": exchange.principal and exchange.principal._asdict(),
        "request": {**sent, "headers": _names(request.headers), "body": _text(request.body)},
        "response": {
            **response._asdict(),
            "headers": _names(response.headers),
            "body": _text(response.body),
            "way": response.way and response.way._asdict(),
        },
    }


def _exchange_from_json(data: Mapping[str, Any]) -> Exchange:
    request, response, principal = data["request"], data["response"], data["principal"]
    return Exchange(
        datetime.fromisoformat(data["at"]),
        Principal(**{**principal, "roles": tuple(map(Role, principal["roles"]))}) if principal else None,
        Request(
            **{
                **request,
                "headers": _pairs(request["headers"]),
                "body": _bytes(request["body"]),
            }
        ),
        Response(
            **{
                **response,
                "headers": _pairs(response["headers"]),
                "body": _bytes(response["body"]),
                "rules": tuple(response["rules"]),
                "awkward": tuple(response["awkward"]),
                "way": Way(**response["way"]) if response["way"] else None,
            }
        ),
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
