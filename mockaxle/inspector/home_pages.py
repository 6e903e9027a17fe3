"""The first page, log-in and log-out."""

import hmac
from typing import Any

from starlette.responses import RedirectResponse, Response

from mockaxle.control.views import describe_named
from mockaxle.inspector.forms import read_form
from mockaxle.inspector.surroundings import Surroundings
from mockaxle.inspector.visits import Visit, world_path
from mockaxle.serving.page_log_in import PageLogInRefused, log_in_to_pages
from mockaxle.world.entries import Request

LOG_IN_PATH = "/auth/token-form"


class HomePages:
    """Serves the pages that need no log-in."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings

    async def show_home(self, visit: Visit) -> Response:
        return await visit.shown("home.html", {**self._log_in_values(visit), **self._worlds(visit)}, current="home")

    async def show_log_in(self, visit: Visit) -> Response:
        there = self._own_path(visit, visit.request.query_params.get("next", ""))
        return await visit.shown("log_in.html", {**self._log_in_values(visit), "next": there}, current="")

    async def log_in(self, visit: Visit) -> Response:
        """Log in by name and password, or as admin with the admin token as the password."""
        request = visit.request
        body, fields = await read_form(request)
        door, there = self._surroundings.door, self._own_path(visit, fields.get("next", ""))
        door.check_host(request)
        door.check_origin(request)
        token = self._surroundings.settings.admin_token
        if hmac.compare_digest(fields.get("password", "").encode(), token.encode()):
            home, text = visit.pages + "/", door.sessions.admin_text()
        else:
            try:
                principal = await log_in_to_pages(self._surroundings.api, _as_sent(visit, body))
            except PageLogInRefused as refused:
                return await self._refused(visit, refused, fields=fields, there=there)
            hosted = self._surroundings.worlds.use(principal.world)
            home, text = visit.pages + world_path(principal.world), door.sessions.text(hosted, principal.username)
        response = RedirectResponse(there or home, 303)
        door.let_in(request, response, text=text)
        return response

    async def log_out(self, visit: Visit) -> Response:
        door = self._surroundings.door
        if visit.visitor is not None:
            await door.read_form(visit.request, visit.visitor)
        response = RedirectResponse(visit.pages + "/", 303)
        door.let_out(visit.request, response)
        return response

    async def _refused(
        self, visit: Visit, refused: PageLogInRefused, *, fields: dict[str, str], there: str
    ) -> Response:
        typed = {"username": fields.get("username", ""), "next": there}
        said = {"alert": f"{refused.text}. {refused.remedy}"}
        return await visit.shown("log_in.html", {**self._log_in_values(visit), **typed, **said}, status=refused.status)

    def _log_in_values(self, visit: Visit) -> dict[str, Any]:
        settings, request = self._surroundings.settings, visit.request
        return {
            "base": self._surroundings.base_url(request),
            "takes_any_password": not settings.is_shared and self._surroundings.door.is_local(request),
            "username": "",
            "next": "",
            "alert": "",
        }

    def _worlds(self, visit: Visit) -> dict[str, Any]:
        """Describe the worlds that the visitor may see."""
        worlds, visitor = self._surroundings.worlds, visit.visitor
        if visitor is None:
            return {"worlds": []}
        names = worlds.names() if visitor.world is None else (visitor.world,)
        described = [describe_named(worlds, name) for name in reversed(names)]
        return {"worlds": [{**one, "path": visit.pages + world_path(one["world"])} for one in described]}

    def _own_path(self, visit: Visit, path: str) -> str:
        """Return a path if it is one of these pages, so that no log-in leads elsewhere; else an empty text."""
        is_own = path.startswith(visit.pages + "/") and "\\" not in path and path.isprintable()
        return path if is_own else ""


def _as_sent(visit: Visit, body: bytes) -> Request:
    """Return a form as a request of the API's log-in."""
    request = visit.request
    headers = tuple((name, value) for name, value in request.headers.raw)
    client = request.client.host if request.client else ""
    return Request("POST", LOG_IN_PATH, "", headers, body, scheme=request.url.scheme, client=client)
