"""A proxy in front of a healthy app, in the same process. A fault decides what it does with the calls.

A fault gets each call of its operations and a `Mock`, by which it sends that call, a changed one or further ones to the
app. What it returns is the answer. Calls of control and of other operations pass untouched.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, quote, unquote, urlencode

from mockaxle.contract.document import load_contract
from mockaxle.control.health import PREFIX
from mockaxle.core.errors import Refusal
from mockaxle.server.router import Router
from mockaxle.serving.asgi import ASGIApp, Receive, Scope, Send

Headers = tuple[tuple[bytes, bytes], ...]
Seen = dict[Any, Any]
"""What a fault remembers of the calls of one server."""

JSON, FORM = b"application/json", b"application/x-www-form-urlencoded"
find = Router(load_contract().operations).find


@dataclass(frozen=True)
class Call:
    """A request. Shape: operation as `GET /entities/site/{site_id}`, empty if the document has none; ids by name."""

    method: str
    path: str
    query: str = ""
    headers: Headers = ()
    body: bytes = b""
    operation: str = ""
    ids: Mapping[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        """The body, None if it is not JSON."""
        return read_json(self.body)

    @property
    def asked(self) -> dict[str, str]:
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    @property
    def bearer(self) -> str:
        """The token as sent, empty without one."""
        scheme, _, token = self.header(b"authorization").partition(" ")
        return token if scheme.lower() == "bearer" else ""

    def header(self, name: bytes) -> str:
        return next((value.decode("latin-1") for one, value in self.headers if one == name), "")

    def asks_as(self, other: "Call") -> bool:
        """Tell whether a call asks for the same, by the same caller, whatever the spelling and order of its parts."""
        return self._asked == other._asked

    @property
    def _asked(self) -> tuple[Any, ...]:
        content = self.form or self.body if self.json is None else self.json
        return self.method, self.path, self.asked, content, self.header(b"authorization")

    def asking(self, **changes: str | int | None) -> "Call":
        """The call with other parameters; None removes one."""
        asked = {name: value for name, value in {**self.asked, **changes}.items() if value is not None}
        return replace(self, query=urlencode(asked))

    def sending(self, body: Any) -> "Call":
        return replace(self, body=json.dumps(body).encode()).with_header(b"content-type", JSON)

    def posting(self, **changes: str | None) -> "Call":
        """The call with another form; None removes a field."""
        form = {name: value for name, value in {**self.form, **changes}.items() if value is not None}
        return replace(self, body=urlencode(form).encode()).with_header(b"content-type", FORM)

    def with_header(self, name: bytes, value: bytes | None) -> "Call":
        others = tuple(pair for pair in self.headers if pair[0] != name)
        return replace(self, headers=others if value is None else (*others, (name, value)))

    def with_token(self, token: str) -> "Call":
        return self.with_header(b"authorization", f"Bearer {token}".encode())

    def to(self, operation: str, body: Any = None, **ids: str) -> "Call":
        """A call of another operation by the same caller."""
        method, _, template = operation.partition(" ")
        path = template.format(**{name: quote(value, safe="") for name, value in ids.items()})
        bare = Call(method, path, "", self.headers, b"", operation, ids).with_header(b"content-type", None)
        return bare if body is None else bare.sending(body)


@dataclass(frozen=True)
class Reply:
    status: int
    headers: Headers = ()
    body: bytes = b""

    @property
    def json(self) -> Any:
        """The body, None if it is not JSON."""
        return read_json(self.body)

    @property
    def is_good(self) -> bool:
        return 200 <= self.status < 300

    @property
    def rules(self) -> frozenset[str]:
        """The rules that the mock names for its answer."""
        named = next((value.decode() for name, value in self.headers if name == b"x-mockaxle-rules"), "")
        return frozenset(one.partition(";")[0] for one in named.split(", "))

    def saying(self, value: Any, status: int | None = None) -> "Reply":
        """The answer with another JSON body."""
        headers = (*(pair for pair in self.headers if pair[0] != b"content-type"), (b"content-type", JSON))
        return Reply(status or self.status, headers, json.dumps(value).encode())

    def refusing(self, status: int, detail: Any = "no") -> "Reply":
        """The answer with another status and detail, and the same headers."""
        return self.saying({"detail": detail}, status)


def refusal(status: int, detail: Any = "no") -> Reply:
    return Reply(status).saying({"detail": detail})


def read_json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return None


Answering = Callable[[Call, "Mock"], Awaitable[Reply]]


class Mock:
    """The app behind the proxy, as a fault calls it during one call."""

    def __init__(self, app: ASGIApp, scope: Scope, receive: Receive, *, seen: Seen) -> None:
        self.seen = seen
        self.sent: list[tuple[Call, Reply]] = []
        self._app = app
        self._scope = scope
        self._receive = receive

    async def __call__(self, call: Call) -> Reply:
        reply = await self.quietly(call)
        self.sent.append((call, reply))
        return reply

    def answer_to(self, call: Call) -> Reply | None:
        """Return the answer that the call itself got, None if it was not sent."""
        return next((reply for sent, reply in self.sent if sent.asks_as(call)), None)

    async def quietly(self, call: Call) -> Reply:
        """Send a call that does not count as an effect of the fault."""
        messages: list[Any] = []
        left = [{"type": "http.request", "body": call.body, "more_body": False}]

        async def receive() -> Any:
            return left.pop() if left else await self._receive()

        async def send(message: Any) -> None:
            messages.append(message)

        await self._app(self._scope_of(call), receive, send)
        begun = messages[0]
        body = b"".join(message.get("body", b"") for message in messages[1:])
        headers = tuple(pair for pair in begun["headers"] if pair[0] != b"content-length")
        return Reply(begun["status"], headers, body)

    def _scope_of(self, call: Call) -> Scope:
        headers = [pair for pair in call.headers if pair[0] not in (b"content-length", b"transfer-encoding")]
        if call.body:
            headers.append((b"content-length", b"%d" % len(call.body)))
        return {
            **self._scope,
            "method": call.method,
            "path": unquote(call.path),
            "raw_path": call.path.encode("latin-1"),
            "query_string": call.query.encode("latin-1"),
            "headers": headers,
            "extensions": {},
        }


class Fired(NamedTuple):
    """A call whose answer, or whose effect on the mock, a fault has changed.

    Shape: healthy is the mock's answer, None if it is not known; sent are the calls that the fault made of it.
    """

    call: Call
    healthy: Reply | None
    given: Reply
    sent: tuple[Call, ...]


@dataclass
class Proxy:
    """An ASGI application. Shape: `of` are the operations that the fault concerns, all if it is empty."""

    app: ASGIApp
    answer: Answering
    of: frozenset[str] = frozenset()
    seen: Seen = field(default_factory=dict)
    fired: list[Fired] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = _call(scope)
        if scope["path"].startswith(PREFIX) or (self.of and call.operation not in self.of):
            await self.app(scope, receive, send)
            return
        body = await _body(receive)
        if body is None:
            return
        call = replace(call, body=body)
        mock = Mock(self.app, scope, receive, seen=self.seen)
        reply = await self._answered(call, mock)
        await self._note(call, reply, mock=mock)
        headers = [*reply.headers, (b"content-length", b"%d" % len(reply.body))]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})

    async def _answered(self, call: Call, mock: Mock) -> Reply:
        """The fault's answer; the mock's if the fault does not expect such a request or answer."""
        try:
            return await self.answer(call, mock)
        except (LookupError, TypeError, AttributeError, ValueError):
            return mock.answer_to(call) or await mock(call)

    async def _note(self, call: Call, reply: Reply, *, mock: Mock) -> None:
        """Note whether the fault had an effect: another answer, or another write."""
        healthy = mock.answer_to(call)
        wrote = any(sent.method != "GET" and not sent.asks_as(call) for sent, _ in mock.sent)
        if healthy is None and call.method == "GET":
            healthy = await mock.quietly(call)
        if wrote or healthy != reply:
            self.fired.append(Fired(call, healthy, reply, tuple(sent for sent, _ in mock.sent)))


def _call(scope: Scope) -> Call:
    path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
    try:
        found = find(scope["method"], path)
    except Refusal:
        return Call(scope["method"], path, query, tuple(scope["headers"]))
    segments = path.split("/")
    ids = {name: unquote(segments[place]) for place, name in found.places}
    return Call(scope["method"], path, query, tuple(scope["headers"]), b"", found.key, ids)


async def _body(receive: Receive) -> bytes | None:
    """The request's body, None if the client hung up."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body
