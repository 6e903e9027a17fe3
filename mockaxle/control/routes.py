"""Control over HTTP, under `/__mockaxle`: routes and access."""

from asyncio import to_thread
from collections.abc import Sequence
from functools import cached_property, partial
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mockaxle.contract.document import Contract
from mockaxle.control.access import AdminOnly, Gate, WorldUnknown
from mockaxle.control.commands import command_endpoints
from mockaxle.control.deliveries import Deliveries, MakeCouriers
from mockaxle.control.document import document
from mockaxle.control.endpoint import ControlCall, ControlEndpoints, Endpoint
from mockaxle.control.handlers import WorldHandlers
from mockaxle.control.health import PREFIX
from mockaxle.control.history import summary
from mockaxle.control.log_handlers import LogHandlers
from mockaxle.control.message_handlers import message_endpoints
from mockaxle.control.money_handlers import MoneyHandlers
from mockaxle.control.reading import check_values, read_body, refused
from mockaxle.control.refusals import REFUSING, refusal
from mockaxle.control.rendering import written
from mockaxle.control.site_handlers import SiteHandlers
from mockaxle.control.views import describe_named, view_endpoints
from mockaxle.serving.addresses import peer_of
from mockaxle.serving.asgi import unkept_answer
from mockaxle.serving.journalling import WorldUnloaded
from mockaxle.serving.redoing import of_conflict
from mockaxle.serving.settings import ServerSettings
from mockaxle.serving.swagger import CONTROL_PAGE, PAGE_HEADERS, docs_page, file
from mockaxle.serving.waiting import ClientGone, unless_gone
from mockaxle.serving.worlds import Worlds
from mockaxle.world.commands.row import JSON
from mockaxle.world.entries import Exchange
from mockaxle.world.entries import Response as Answer
from mockaxle.world.stored_world import JournalConflict, JournalFailed

Unmatched = Sequence[Exchange]


def world_endpoints(
    worlds: Worlds, logs: LogHandlers, *, make_couriers: MakeCouriers, public_url: str = ""
) -> list[Endpoint[ControlCall]]:
    """List the endpoints of one world. Shape: public_url is a URL or a path."""
    deliveries = Deliveries(worlds, make_couriers)
    return [
        *command_endpoints(worlds, deliveries.commands),
        *deliveries.endpoints(),
        *view_endpoints(worlds),
        *WorldHandlers(worlds).endpoints(),
        *logs.endpoints(),
        *message_endpoints(worlds),
        *MoneyHandlers(worlds, public_url).endpoints(),
        *SiteHandlers(worlds).endpoints(),
    ]


class Control:
    """Admits callers to one world or to the server-wide endpoints."""

    def __init__(
        self,
        worlds: Worlds,
        gate: Gate,
        *,
        contract: Contract,
        unmatched: Unmatched,
        settings: ServerSettings,
        make_couriers: MakeCouriers,
    ) -> None:
        self._worlds = worlds
        self._gate = gate
        self._trusted_proxies = frozenset(settings.trusted_proxies)
        public_url = settings.public_url or settings.root_path
        self.logs = LogHandlers(contract)
        self._endpoints = world_endpoints(worlds, self.logs, make_couriers=make_couriers, public_url=public_url)
        self._page = docs_page(CONTROL_PAGE, settings)
        self._root = settings.root_path
        self._unmatched = unmatched
        self._max_body = settings.max_body

    @property
    def endpoints(self) -> ControlEndpoints:
        """The endpoints of a world by their keys."""
        return {one.key: one for one in self._endpoints}

    def server_wide(self) -> list[Endpoint[Request]]:
        """List the endpoints that need the admin token."""
        return [
            Endpoint("GET /worlds", "List the worlds; for the admin", self.list_worlds),
            Endpoint("DELETE /worlds/{world}", "Drop a world with its accounts; for the admin", self.delete),
            Endpoint("GET /unmatched", "List the calls that reached no world; for the admin", self.get_unmatched),
            Endpoint("GET /journal", "The same, under its name in version 0.1", self.get_unmatched),
        ]

    def routes(self) -> list[BaseRoute]:
        """List the routes; a world's endpoints are also available without its name, for its own accounts."""
        placed = [(place, one) for place in ("/world", "/worlds/{world}") for one in self._endpoints]
        placed += [("", one) for one in self._endpoints if one.path == "/verify"]
        return [
            Route(f"{PREFIX}/openapi.json", self.get_document, methods=["GET"]),
            Route(f"{PREFIX}/docs", self.get_page, methods=["GET"]),
            Route(f"{PREFIX}/docs/{{name}}", self.get_file, methods=["GET"]),
            *(Route(PREFIX + one.path, one.handler, methods=[one.verb]) for one in self.server_wide()),
            *(
                Route(PREFIX + place + one.path, partial(self._in_world, one), methods=[one.verb])
                for place, one in placed
            ),
        ]

    async def get_document(self, request: Request) -> Response:
        self._gate.check(request)
        return Response(await to_thread(lambda: self._document), media_type=JSON)

    @cached_property
    def _document(self) -> bytes:
        return written(document(self._endpoints, self.server_wide(), root=self._root))

    async def get_page(self, request: Request) -> Response:
        self._gate.check(request)
        return plain(self._page, PAGE_HEADERS)

    async def get_file(self, request: Request) -> Response:
        self._gate.check(request)
        found = file(request.path_params["name"])
        return plain(*found) if found else refused(404, "There is no such file")

    async def _in_world(self, endpoint: Endpoint[ControlCall], request: Request) -> Response:
        """Admit once to read the body, and again afterwards, since the world may have been dropped meanwhile."""
        self._gate.admit(request)
        limit, option = (self._max_body, "--max-body") if endpoint.limit is None else (endpoint.limit, "")
        body = await read_body(request, limit, option=option)
        if endpoint.limit is None:
            check_values(body)
        caller = self._gate.admit(request)
        name: str | None = request.path_params.get("world", caller.world)
        hosted = self._worlds.find(name) if name is not None and caller.world in (None, name) else None
        if name is None or hosted is None or _has_encoded_slash(request):
            raise WorldUnknown()
        if not caller.is_admin:
            self._worlds.use(name)
        client = request.client.host if request.client else ""
        peer = peer_of(client, tuple(request.headers.raw), trusted=self._trusted_proxies)
        path = {key: value for key, value in request.path_params.items() if key != "world"}
        call = ControlCall(request, body, name, hosted, caller, peer, path)
        response = await unless_gone(request.receive, endpoint.handler(call))
        await self._worlds.until_kept(name)
        return response

    def _admit_admin(self, request: Request) -> None:
        """Raises: AdminOnly."""
        if not self._gate.admit(request).is_admin:
            raise AdminOnly()

    async def list_worlds(self, request: Request) -> Response:
        self._admit_admin(request)
        worlds = [describe_named(self._worlds, name) for name in self._worlds.names()]
        return JSONResponse({"worlds": worlds, "dropped": self._worlds.dropped})

    async def get_unmatched(self, request: Request) -> Response:
        """Answer the calls that reached no world."""
        self._admit_admin(request)
        entries = enumerate(self._unmatched, start=1)
        return JSONResponse({"entries": [summary(n, entry) for n, entry in entries]})

    async def delete(self, request: Request) -> Response:
        self._admit_admin(request)
        name = request.path_params["world"]
        try:
            self._worlds.drop(name)
        except KeyError:
            raise WorldUnknown() from None
        await self._worlds.until_kept(name)
        return Response(status_code=204)


def _has_encoded_slash(request: Request) -> bool:
    """Tell whether a path has an encoded slash. A world with a slash in its name is reached by its own token only."""
    return b"%2f" in request.scope["raw_path"].lower()


def plain_answer(answer: Answer) -> Response:
    response = plain(answer.body, answer.headers)
    response.status_code = answer.status
    return response


def plain(body: bytes, headers: tuple[tuple[bytes, bytes], ...]) -> Response:
    return Response(body, headers={name.decode(): value.decode() for name, value in headers})


async def on_refused(request: Request, error: Exception) -> Response:
    return refusal(error)


async def on_unrouted(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    advice = f"; {PREFIX}/docs lists the calls" if error.status_code == 404 else ""
    if error.status_code == 405 and "/dispatches" in request.url.path:
        advice = "; a dispatch cannot be changed or withdrawn, since the vendor has no event for it"
    return JSONResponse({"detail": f"{error.detail}{advice}"}, status_code=error.status_code, headers=error.headers)


async def on_unkept(request: Request, error: Exception) -> Response:
    """Answer a call that the journal did not keep."""
    assert isinstance(error, JournalFailed)
    response = plain_answer(unkept_answer(error))
    response.headers.update(of_conflict(error))
    return response


async def on_unloaded(request: Request, error: Exception) -> Response:
    """Answer a call whose world left memory meanwhile."""
    return await on_unkept(request, JournalConflict("The world has just left memory; send the call again"))


async def on_gone(request: Request, error: Exception) -> Response:
    """Answer a client that hung up and will not read it."""
    return Response(status_code=400)


def control_app(control: Control) -> Starlette:
    handlers: Any = {
        **dict.fromkeys(REFUSING, on_refused),
        JournalFailed: on_unkept,
        WorldUnloaded: on_unloaded,
        HTTPException: on_unrouted,
        ClientDisconnect: on_gone,
        ClientGone: on_gone,
    }
    app = Starlette(routes=control.routes(), exception_handlers=handlers)
    app.router.redirect_slashes = False
    return app
