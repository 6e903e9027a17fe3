"""The document that SDKs read and the page on which one tries it: `/openapi.json` and `/docs`."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from mockaxle.contract import Operation
from mockaxle.core.errors import MisplacedSlash, NoSuchPath, WrongVerb
from mockaxle.exchange import Headers, Request, Response
from mockaxle.server.refusals import JSON, refuse
from mockaxle.server.router import Router

POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
PAGE = b"""<!doctype html>
<html lang="en">
<title>mockaxle: try the API</title>
<meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="docs/swagger-ui.css">
<div id="page">This page needs JavaScript. The API itself is described in <a href="openapi.json">openapi.json</a>.</div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
"""
START = b"""SwaggerUIBundle({url: "openapi.json", dom_id: "#page", deepLinking: true, tagsSorter: "alpha"});
"""
ASSETS = {"swagger-ui.css": b"text/css", "swagger-ui-bundle.js": b"text/javascript"}


class Docs:
    """Answers what is about the API rather than of it; such requests are no exchanges."""

    def __init__(self, document: bytes) -> None:
        self._document = document
        paths = ("/openapi.json", "/docs", "/docs/{file}")
        self._router = Router(Operation("GET", path, (), False, False, "undeclared") for path in paths)

    def answer(self, request: Request) -> Response | None:
        """The answer, or None where the path is not one of these."""
        if not request.path.startswith(("/openapi.json", "/docs")):
            return None
        try:
            route = self._router.find(request.method, request.path)
        except NoSuchPath:
            return None
        except (MisplacedSlash, WrongVerb) as refusal:
            return refuse(refusal, query=request.query)
        if route.operation.path == "/openapi.json":
            return Response(200, self._document, JSON)
        if route.operation.path == "/docs":
            return Response(200, PAGE, (*typed(b"text/html; charset=utf-8"), (b"content-security-policy", POLICY)))
        return asset(route.values["file"])


def asset(name: str) -> Response | None:
    """A file of the page, as the package swagger-ui-py ships it; None for any other name."""
    if name == "start.js":
        return Response(200, START, typed(b"text/javascript"))
    return Response(200, _shipped(name), typed(ASSETS[name])) if name in ASSETS else None


def typed(content_type: bytes) -> Headers:
    return ((b"content-type", content_type), (b"x-content-type-options", b"nosniff"))


@cache
def _shipped(name: str) -> bytes:
    found = find_spec("swagger_ui")
    assert found is not None, "swagger-ui-py is a dependency"
    folders = found.submodule_search_locations or ()
    return next(Path(folder, "static", name) for folder in folders).read_bytes()
