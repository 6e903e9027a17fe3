"""The inspector over HTTP: its routes, who is let in, and what a refused visitor sees."""

from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from mockaxle.control.access import Denied
from mockaxle.control.health import PREFIX
from mockaxle.inspector.action_pages import act
from mockaxle.inspector.asset_page import show_asset
from mockaxle.inspector.first_calls import make_first_calls
from mockaxle.inspector.forms import FormUnread
from mockaxle.inspector.home_pages import HomePages
from mockaxle.inspector.log_pages import show_entry, show_log, stream_log
from mockaxle.inspector.rule_pages import show_rule, show_rules
from mockaxle.inspector.site_pages import show_site, show_sites
from mockaxle.inspector.surroundings import Surroundings
from mockaxle.inspector.visits import BY_ADDRESS, Visit, WorldVisit, world_path
from mockaxle.inspector.world_page import show_world
from mockaxle.serving.catching_up import catch_up
from mockaxle.serving.hosted_world import HostedWorld
from mockaxle.serving.journalling import WorldUnloaded
from mockaxle.serving.redoing import of_conflict
from mockaxle.world.stored_world import JournalConflict, JournalFailed

INSPECTED = f"{PREFIX}/inspect/{{world}}"
STATIC = Path(__file__).parent / "static"
Show = Callable[[Surroundings, WorldVisit], Awaitable[Response]]


class LogInNeeded(Exception):
    """The page needs a log-in, or one for another world."""


class WorldNotSeen(Exception):
    """The visitor's log-in is for another world, or there is none of that name."""


class Inspector:
    """Finds the visitor and the world of each page."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._home = HomePages(surroundings)

    def routes(self) -> list[BaseRoute]:
        pages: tuple[tuple[str, Show], ...] = (
            ("", show_world),
            ("/sites", show_sites),
            ("/sites/{site_id}", show_site),
            ("/assets/{asset_id}", show_asset),
            ("/log", show_log),
            ("/log/stream", stream_log),
            ("/log/{number}", show_entry),
        )
        return [
            Route(f"{PREFIX}/", self._open(self._home.show_home)),
            Route(f"{PREFIX}/log-in", self._open(self._home.show_log_in), methods=["GET"]),
            Route(f"{PREFIX}/log-in", self._open(self._home.log_in), methods=["POST"]),
            Route(f"{PREFIX}/log-out", self._open(self._home.log_out), methods=["POST"]),
            Route(f"{PREFIX}/rules", self._open(show_rules)),
            Route(f"{PREFIX}/rules/{{id}}", self._open(show_rule)),
            Mount(f"{PREFIX}/static", StaticFiles(directory=STATIC)),
            *(Route(INSPECTED + path, partial(self._in_world, show)) for path, show in pages),
            Route(f"{INSPECTED}/do/{{action}}", partial(self._in_world, act), methods=["POST"]),
            Route(f"{INSPECTED}/first-calls", partial(self._in_world, make_first_calls), methods=["POST"]),
        ]

    def _open(self, show: Callable[[Visit], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
        """Serve a page that needs no log-in."""

        async def opened(request: Request) -> Response:
            return await show(self.visit(request))

        return opened

    def visit(self, request: Request) -> Visit:
        """Raises: Denied."""
        return Visit(request, self._surroundings.root, self._surroundings.door.visitor(request))

    async def _in_world(self, show: Show, request: Request) -> Response:
        """Serve a page of a world that the visitor may see. Raises: LogInNeeded, WorldNotSeen."""
        visitor = self._surroundings.door.visitor(request)
        if visitor is None:
            raise LogInNeeded()
        worlds = self._surroundings.worlds
        hosted = self._found(request.path_params["world"])
        if hosted is None or not (visitor.is_admin or visitor.world == hosted.world.name):
            raise WorldNotSeen()
        if not visitor.is_admin:
            worlds.use(hosted.world.name)
        await catch_up(hosted, now=hosted.instant(worlds.now()))
        now = hosted.instant(worlds.now())
        root, last_number = self._surroundings.root, hosted.log.last
        response = await show(self._surroundings, WorldVisit(request, root, visitor, hosted, now, last_number))
        await worlds.until_kept(hosted.world.name)
        return response

    def _found(self, named: str) -> HostedWorld | None:
        worlds = self._surroundings.worlds
        by_address = worlds.find_at(named.removeprefix(BY_ADDRESS)) if named.startswith(BY_ADDRESS) else None
        return by_address or worlds.find(named)


async def on_log_in_needed(request: Request, error: Exception) -> Response:
    """Ask a reader to log in, and lead back afterwards; after a form, to the world's page."""
    root, world = request.app.state.root, request.path_params["world"]
    page = request.scope["raw_path"] if request.method == "GET" else f"{PREFIX}{world_path(world)}".encode()
    query = f"?{request.url.query}" if request.method == "GET" and request.url.query else ""
    there = f"{root}{PREFIX}/log-in?next={quote(root.encode() + page + query.encode(), safe='/~')}"
    return RedirectResponse(there, 303)


async def on_world_not_seen(request: Request, error: Exception) -> Response:
    visit = request.app.state.inspector.visit(request)
    text = "There is no such world for this log-in. Each log-in sees its own world; the admin token sees all."
    return await _refused(visit, "No such world", text, status=404)


async def on_denied(request: Request, error: Exception) -> Response:
    assert isinstance(error, Denied)
    return await _refused(Visit(request, request.app.state.root, None), "Not allowed", error.text, status=error.status)


async def on_form_unread(request: Request, error: Exception) -> Response:
    visit = request.app.state.inspector.visit(request)
    return await _refused(visit, "Not a form", "Send application/x-www-form-urlencoded in UTF-8.", status=400)


async def on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    visit = Visit(request, request.app.state.root, None)
    text = "There is no such page." if error.status_code == 404 else error.detail
    return await _refused(
        visit, "Not found" if error.status_code == 404 else error.detail, text, status=error.status_code
    )


async def on_unkept(request: Request, error: Exception) -> Response:
    assert isinstance(error, JournalFailed)
    visit = Visit(request, request.app.state.root, None)
    response = await _refused(visit, "The journal failed", error.text, status=503)
    response.headers.update(of_conflict(error))
    return response


async def on_unloaded(request: Request, error: Exception) -> Response:
    visit = Visit(request, request.app.state.root, None)
    response = await _refused(visit, "Load the page again", "The world has just left memory.", status=503)
    response.headers.update(of_conflict(JournalConflict("")))
    return response


async def on_client_gone(request: Request, error: Exception) -> Response:
    return Response(status_code=400)


async def _refused(visit: Visit, title: str, text: str, *, status: int) -> Response:
    return await visit.shown("refused.html", {"title": title, "text": text, "back": None}, status=status)


def inspector_app(surroundings: Surroundings) -> Starlette:
    inspector = Inspector(surroundings)
    handlers: Any = {
        LogInNeeded: on_log_in_needed,
        WorldNotSeen: on_world_not_seen,
        Denied: on_denied,
        FormUnread: on_form_unread,
        HTTPException: on_http,
        JournalFailed: on_unkept,
        WorldUnloaded: on_unloaded,
        ClientDisconnect: on_client_gone,
    }
    app = Starlette(routes=inspector.routes(), exception_handlers=handlers)
    app.router.redirect_slashes = False
    app.state.root, app.state.inspector = surroundings.root, inspector
    return app
