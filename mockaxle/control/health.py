"""Whether the server is up: the one control path that needs no credential."""

from importlib.metadata import version

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

PREFIX = "/__mockaxle"


async def health(request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok", "version": version("mockaxle")})


def control_app() -> Starlette:
    return Starlette(routes=[Route(f"{PREFIX}/health", health)])
