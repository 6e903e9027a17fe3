"""Control over HTTP, under `/__mockaxle`: what a test may do that Axle cannot."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mockaxle.commands import CommandRefused, describe_clock, describe_market
from mockaxle.contract import Contract
from mockaxle.control import bodies
from mockaxle.control.access import AdminOnly, Caller, Denied, Gate, TooLong, WorldUnknown
from mockaxle.control.desk import Desk, Journal, Kept
from mockaxle.control.document import Described, document
from mockaxle.control.health import PREFIX
from mockaxle.control.history import Filter, Operations, numbered, summary, whole
from mockaxle.control.unknown_keys import UnknownKeys
from mockaxle.swagger import PAGE, PAGE_HEADERS, file

MAX_BODY = 65_536

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Call:
    """An admitted call for one world."""

    request: Request
    body: bytes
    name: str
    kept: Kept


Handler = Callable[[Call], Response]


class Control:
    """The endpoints. Own world: `/world/...`; by name: `/worlds/{world}/...`."""

    def __init__(self, desk: Desk, gate: Gate, *, contract: Contract, journal: Journal) -> None:
        self._desk = desk
        self._gate = gate
        self._operations = Operations(contract.operations)
        self._unknown_keys = UnknownKeys(contract.document)
        self._journal = journal

    def endpoints(self) -> list[tuple[Described, Handler]]:
        """What is done in a world: its path, verb and meaning, and who does it."""
        return [
            (Described("", "GET", "Describe the world"), self.describe),
            (Described("/reset", "POST", "Bring back the beginning", bodies.RESET), self.reset),
            (Described("/clock", "GET", "Read the clock"), self.get_clock),
            (Described("/clock", "PUT", "Freeze the clock or set its rate", bodies.CLOCK), self.set_clock),
            (Described("/clock/advance", "POST", "Set the clock forward", bodies.ADVANCE), self.advance),
            (Described("/settings", "GET", "Read the settings"), self.get_settings),
            (Described("/settings", "PATCH", "Change settings", bodies.SETTINGS), self.change_settings),
            (Described("/accounts", "GET", "List the accounts"), self.get_accounts),
            (Described("/accounts", "POST", "Add an account", bodies.ACCOUNT), self.add_account),
            (Described("/market", "GET", "List the flex windows"), self.get_market),
            (Described("/market/windows", "POST", "Add a flex window", bodies.WINDOW), self.add_window),
            (Described("/market/windows/{id}", "DELETE", "Remove a flex window"), self.remove_window),
            (Described("/log", "GET", "Read the log"), self.get_log),
            (Described("/log/{number}", "GET", "Read one entry with its explanation"), self.get_entry),
        ]

    def server_wide(self) -> list[tuple[Described, Callable[[Request], Awaitable[Response]]]]:
        """What needs the admin token."""
        return [
            (Described("/worlds", "GET", "List the worlds; for the admin"), self.list_worlds),
            (Described("/worlds/{world}", "DELETE", "Let go of a world; for the admin"), self.delete),
            (Described("/journal", "GET", "Read what reached no world; for the admin"), self.get_journal),
        ]

    def routes(self) -> list[BaseRoute]:
        return [
            Route(f"{PREFIX}/openapi.json", self.get_document, methods=["GET"]),
            Route(f"{PREFIX}/docs", self.get_page, methods=["GET"]),
            Route(f"{PREFIX}/docs/{{name}}", self.get_file, methods=["GET"]),
            *(Route(PREFIX + one.path, handler, methods=[one.verb]) for one, handler in self.server_wide()),
            *(
                Route(f"{PREFIX}{place}{one.path}", partial(self._in_world, handler), methods=[one.verb])
                for place in ("/world", "/worlds/{world}")
                for one, handler in self.endpoints()
            ),
        ]

    async def get_document(self, request: Request) -> Response:
        self._gate.check(request)
        own = [replace(one, path=f"/world{one.path}") for one, _ in self.endpoints()]
        return JSONResponse(document([*own, *(one for one, _ in self.server_wide())]))

    async def get_page(self, request: Request) -> Response:
        self._gate.check(request)
        return plain(PAGE, PAGE_HEADERS)

    async def get_file(self, request: Request) -> Response:
        self._gate.check(request)
        found = file(request.path_params["name"])
        return plain(*found) if found else refused(404, "There is no such file")

    async def _in_world(self, handler: Handler, request: Request) -> Response:
        """Admits once to read the body, and again when it is there: from then on nothing else happens between."""
        self._gate.admit(request)
        body = await read_body(request)
        caller = self._gate.admit(request)
        name: str | None = request.path_params.get("world", caller.world)
        kept = self._desk.find(name) if name is not None and caller.world in (None, name) else None
        if name is None or kept is None or _has_encoded_slash(request):
            raise WorldUnknown()
        return handler(Call(request, body, name, kept))

    def _admin(self, request: Request) -> Caller:
        caller = self._gate.admit(request)
        if not caller.is_admin:
            raise AdminOnly()
        return caller

    async def list_worlds(self, request: Request) -> Response:
        self._admin(request)
        found = [(name, self._desk.find(name)) for name in self._desk.names()]
        return JSONResponse({"worlds": [self._summary(name, kept) for name, kept in found if kept]})

    async def get_journal(self, request: Request) -> Response:
        """What reached no world."""
        self._admin(request)
        entries = enumerate(self._journal, start=1)
        return JSONResponse({"entries": [summary(n, entry, operations=self._operations) for n, entry in entries]})

    async def delete(self, request: Request) -> Response:
        self._admin(request)
        if self._desk.find(request.path_params["world"]) is None:
            raise WorldUnknown()
        self._desk.drop(request.path_params["world"])
        return Response(status_code=204)

    def describe(self, call: Call) -> Response:
        return JSONResponse(self._summary(call.name, call.kept))

    def reset(self, call: Call) -> Response:
        """The named parts as they were at the beginning, whatever the world's size; tokens stay."""
        body = read(call.body, bodies.RESET)
        answer = self._desk.command(call.name, "reset", arguments={"what": list(body.what)})
        if "log" in body.what:
            self._desk.clear_log(call.name)
        return JSONResponse(answer)

    def get_clock(self, call: Call) -> Response:
        return JSONResponse(describe_clock(call.kept.world.clock, self._desk.now()))

    def set_clock(self, call: Call) -> Response:
        body = read(call.body, bodies.CLOCK)
        return self._command(call, "set clock", arguments=body.arguments())

    def advance(self, call: Call) -> Response:
        body = read(call.body, bodies.ADVANCE)
        return self._command(call, "advance", arguments=body.arguments())

    def get_settings(self, call: Call) -> Response:
        return JSONResponse(asdict(call.kept.world.state.reference.settings))

    def change_settings(self, call: Call) -> Response:
        body = read(call.body, bodies.SETTINGS)
        self._desk.command(call.name, "change settings", arguments=body.model_dump(exclude_none=True))
        return self.get_settings(call)

    def get_accounts(self, call: Call) -> Response:
        accounts = sorted(call.kept.accounts.values(), key=lambda account: account.username)
        return JSONResponse({"accounts": [{"username": a.username, "roles": list(a.roles)} for a in accounts]})

    def add_account(self, call: Call) -> Response:
        body = read(call.body, bodies.ACCOUNT)
        self._desk.add_account(call.name, body.username, roles=body.roles, password=body.password)
        return JSONResponse({"username": body.username, "roles": list(body.roles)})

    def get_market(self, call: Call) -> Response:
        return JSONResponse(describe_market(call.kept.world.state.reference.market))

    def add_window(self, call: Call) -> Response:
        body = read(call.body, bodies.WINDOW)
        return self._command(call, "add window", arguments=bodies.window_arguments(body))

    def remove_window(self, call: Call) -> Response:
        return self._command(call, "remove window", arguments={"id": call.request.path_params["id"]})

    def get_log(self, call: Call) -> Response:
        """A page of the entries that the query's filters take, the newest last."""
        asked = read_query(call.request, bodies.LogQuery)
        wanted = Filter(asked.operation, asked.status, asked.site, asked.text)
        found = [(n, e) for n, e in numbered(call.kept.log) if wanted.takes(e, self._operations)]
        page = found[asked.offset : asked.offset + asked.limit]
        entries = [summary(n, entry, operations=self._operations) for n, entry in page]
        return JSONResponse({"entries": entries, "total": len(found), "dropped": call.kept.log.dropped})

    def get_entry(self, call: Call) -> Response:
        text = call.request.path_params["number"]
        number, entry = next(((n, e) for n, e in numbered(call.kept.log) if str(n) == text), (0, None))
        if entry is None:
            return refused(404, f"There is no entry {text!r:.60}, or it is no longer kept")
        told = whole(number, entry, log=call.kept.log, operations=self._operations, unknown_keys=self._unknown_keys)
        return JSONResponse(told)

    def _command(self, call: Call, command: str, *, arguments: dict[str, Any]) -> Response:
        return JSONResponse(self._desk.command(call.name, command, arguments=arguments))

    def _summary(self, name: str, kept: Kept) -> dict[str, Any]:
        state = kept.world.state
        return {
            "world": name,
            "accounts": sorted(kept.accounts),
            "sites": len(state.sites),
            "assets": len(state.assets),
            "tokens": len(kept.world.tokens.grants),
            "entries": len(kept.log),
            "clock": describe_clock(kept.world.clock, self._desk.now()),
        }


async def read_body(request: Request) -> bytes:
    """Raises: TooLong."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise TooLong()
    return bytes(body)


def read(body: bytes, adapter: TypeAdapter[T]) -> T:
    """The body as its model has it; an empty one is an empty object. Raises: ValidationError, also for broken JSON."""
    return adapter.validate_json(body or b"{}")


def read_query(request: Request, model: type[T]) -> T:
    """The query as the model has it. Raises: ValidationError."""
    return TypeAdapter(model).validate_python(dict(request.query_params))


def _has_encoded_slash(request: Request) -> bool:
    """A world whose name has a slash cannot be named in a path; only its own token leads there."""
    return b"%2f" in request.scope["raw_path"].lower()


def plain(body: bytes, headers: tuple[tuple[bytes, bytes], ...]) -> Response:
    return Response(body, headers={name.decode(): value.decode() for name, value in headers})


def refused(status: int, text: str) -> Response:
    return JSONResponse({"detail": text}, status_code=status)


async def on_denied(request: Request, error: Exception) -> Response:
    assert isinstance(error, Denied)
    return refused(error.status, error.text)


async def on_refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, CommandRefused)
    return refused(409, error.text)


async def on_invalid(request: Request, error: Exception) -> Response:
    """Every wrong place with what is wrong there."""
    assert isinstance(error, ValidationError)
    found = error.errors(include_url=False, include_input=False)[:100]
    return refused(422, "; ".join(f"{'.'.join(map(str, one['loc'])) or 'body'}: {one['msg']}" for one in found))


def control_app(desk: Desk, gate: Gate, *, contract: Contract, journal: Journal) -> Starlette:
    control = Control(desk, gate, contract=contract, journal=journal)
    handlers: Any = {Denied: on_denied, CommandRefused: on_refused, ValidationError: on_invalid}
    app = Starlette(routes=control.routes(), exception_handlers=handlers)
    app.router.redirect_slashes = False
    return app
