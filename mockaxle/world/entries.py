"""The entries of a log as values: exchanges, held calls, commands and deliveries, with their JSON form. No secrets."""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import quote

from mockaxle.core.accounts import Role
from mockaxle.core.messages import AwkwardKind, DeliveryOutcome

Headers = tuple[tuple[bytes, bytes], ...]
TOKEN_MARK = b"@token@"
"""Placeholder for a token's text in a response's body, replaced when the response is sent."""


BASE_MARK = b"@base@"
"""Placeholder for the server's URL as the client sees it."""


class Request(NamedTuple):
    """Shape: path and query percent-encoded as sent; header names lower-case.

    `oversize` is the limit in bytes for which a longer body was dropped, 0 if it is whole. `resumed` is set after a
    fault made the call wait; it meets no other then. `client` is the connection's address, which is never logged.
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
        """Return the first header of a name."""
        for key, value in self.headers:
            if key == name:
                return value
        return None


class Way(NamedTuple):
    """How a fault changes the sending of an answer. Units: delay in milliseconds.

    Shape: fault is the rule's id or the magic name; network is the effect on the connection, or empty.
    """

    fault: str
    network: str = ""
    delay_ms: int = 0

    @property
    def breaks(self) -> bool:
        """Whether no answer arrives. A dribbled answer does, late."""
        return self.network not in ("", "dribble")


class Why(NamedTuple):
    """The reasons for an answer: its rules, a hint, and the ways in which it is awkward."""

    rules: tuple[str, ...] = ()
    hint: str = ""
    awkward: tuple[str, ...] = ()


NO_REASON = Why()


class Response(NamedTuple):
    """The answer to a client, its reasons, and how a fault changes its sending.

    Shape: token is the number of the token to insert for TOKEN_MARK; has_base is true if the body has BASE_MARK. If
    `way` breaks the connection, status and body are those that would have been sent.
    """

    status: int
    body: bytes = b""
    headers: Headers = ()
    token: int | None = None
    has_base: bool = False
    why: Why = NO_REASON
    way: Way | None = None


class Wait(NamedTuple):
    """A delay that a fault adds before a call's work. Shape: fault is the rule's id or the magic name.

    Units: delay in milliseconds. Source: `rule`, T1 or T2.
    """

    fault: str
    delay_ms: int
    rule: str = "T1"


class Principal(NamedTuple):
    """The caller: an account of a world, with its token's number, or None during a log-in.

    Shape: roles are set during a log-in only; a token has its own.
    """

    world: str
    username: str
    token: int | None
    roles: tuple[Role, ...] = ()


class Exchange(NamedTuple):
    """A call of the API and its answer.

    Shape: at is the world's instant, real_at the machine's; operation as `GET /entities/site/{site_id}`, None if no
    operation matches.
    """

    at: datetime
    real_at: datetime
    principal: Principal | None
    operation: str | None
    request: Request
    response: Response


class Held(NamedTuple):
    """A call that waits. Its exchange follows when it is resumed."""

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
        """The path of the call below that of the world, percent-encoded. Raises: KeyError."""
        quoted = {name: as_segment(value) for name, value in self.path.items()}
        return self.key.partition(" ")[2].format_map(quoted)


class Delivery(NamedTuple):
    """What a receiver answered to an attempt, or why there was none. Source: N14.

    Shape: at is the world's instant, real_at the machine's; message is an id; sha256 is that of the body sent, in hex;
    url is the one called; parallel is the number of attempts at the same time, if there were several; via is who made
    the call, if not the mock.
    Units: time to the answer in ms of the machine's clock.
    """

    at: datetime
    real_at: datetime
    message: str
    receiver: str
    attempt: int
    outcome: DeliveryOutcome
    sha256: str
    status: int | None = None
    error: str | None = None
    ms: int = 0
    url: str | None = None
    parallel: int | None = None
    awkward: AwkwardKind | None = None
    via: str | None = None


def as_segment(text: str) -> str:
    """Encode a text as a path segment that no client reads as `.` or `..`."""
    return quote(text, safe="") if text.strip(".") else text.replace(".", "%2E")


Entry = Exchange | Held | Command | Delivery
KINDS = ("exchange", "held", "command", "delivery")


def to_json(entry: Entry) -> dict[str, Any]:
    instants = {"at": entry.at.isoformat(), "real_at": entry.real_at.isoformat()}
    if isinstance(entry, Command):
        return {"kind": "command", **entry._asdict(), **instants}
    if isinstance(entry, Delivery):
        said = {name: value for name, value in entry._asdict().items() if value is not None}
        return {"kind": "delivery", **said, **instants}
    call = {**instants, "principal": entry.principal and entry.principal._asdict(), "operation": entry.operation}
    call["request"] = _request_to_json(entry.request)
    if isinstance(entry, Held):
        return {"kind": "held", **call, "wait": entry.wait._asdict()}
    return {"kind": "exchange", **call, "response": _response_to_json(entry.response)}


def from_json(data: Mapping[str, Any]) -> Entry:
    """Read an entry written by to_json. Raises: ValueError for an unknown kind, KeyError, TypeError."""
    kind, principal = data["kind"], data.get("principal")
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r:.40}")
    at, real_at = datetime.fromisoformat(data["at"]), datetime.fromisoformat(data["real_at"])
    if kind == "command":
        return Command(at, real_at, data["key"], data["path"], data["body"])
    if kind == "delivery":
        return _delivery_from_json(data, at=at, real_at=real_at)
    who = Principal(**{**principal, "roles": tuple(map(Role, principal["roles"]))}) if principal else None
    operation, request = data["operation"], _request_from_json(data["request"])
    if kind == "exchange":
        return Exchange(at, real_at, who, operation, request, _response_from_json(data["response"]))
    if who is None:
        raise ValueError("it has no principal")
    return Held(at, real_at, who, operation, request, Wait(**data["wait"]))


def _delivery_from_json(data: Mapping[str, Any], *, at: datetime, real_at: datetime) -> Delivery:
    fields = {name: value for name, value in data.items() if name != "kind"}
    awkward = AwkwardKind(data["awkward"]) if data.get("awkward") else None
    outcome = DeliveryOutcome(data["outcome"])
    return Delivery(**{**fields, "at": at, "real_at": real_at, "outcome": outcome, "awkward": awkward})


def _request_to_json(request: Request) -> dict[str, Any]:
    sent = {name: value for name, value in request._asdict().items() if name != "client"}
    return {**sent, "headers": _names(request.headers), "body": text_of_body(request.body)}


def _response_to_json(response: Response) -> dict[str, Any]:
    return {
        **response._asdict(),
        "headers": _names(response.headers),
        "body": text_of_body(response.body),
        "why": response.why._asdict(),
        "way": response.way and response.way._asdict(),
    }


def _request_from_json(data: Mapping[str, Any]) -> Request:
    return Request(**{**data, "headers": _pairs(data["headers"]), "body": body_of_text(data["body"])})


def _response_from_json(data: Mapping[str, Any]) -> Response:
    why = data["why"]
    return Response(
        **{
            **data,
            "headers": _pairs(data["headers"]),
            "body": body_of_text(data["body"]),
            "why": Why(**{**why, "rules": tuple(why["rules"]), "awkward": tuple(why["awkward"])}),
            "way": Way(**data["way"]) if data["way"] else None,
        }
    )


def _names(headers: Headers) -> list[list[str]]:
    return [[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers]


def _pairs(names: list[list[str]]) -> Headers:
    return tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in names)


def text_of_body(body: bytes) -> str | dict[str, str]:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return {"base64": b64encode(body).decode()}


def body_of_text(text: str | dict[str, str]) -> bytes:
    return text.encode() if isinstance(text, str) else b64decode(text["base64"])
