"""The API's document and the page to try it: `/openapi.json` and `/docs`."""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from mockaxle.contract.document import Operation
from mockaxle.core.errors import MisplacedSlash, NoSuchPath, WrongVerb
from mockaxle.server.refusals import JSON, refuse
from mockaxle.server.router import Router, path_values
from mockaxle.serving.settings import ServerSettings
from mockaxle.serving.swagger import API_PAGE, PAGE_HEADERS, docs_page, file
from mockaxle.world.entries import Request, Response

PREFIXES = ("/openapi.json", "/docs")
"""Prefixes of the paths answered here."""


class Docs:
    """Answers requests for the API's documentation, which are not exchanges."""

    def __init__(self, document: Mapping[str, Any], settings: ServerSettings) -> None:
        self._document = document
        self._page = docs_page(API_PAGE, settings)
        paths = ("/openapi.json", "/docs", "/docs/{file}")
        self._router = Router(Operation("GET", path, (), False, False, "undeclared") for path in paths)

    def answer(self, request: Request) -> Response | None:
        """Answer a request; None for other paths."""
        try:
            operation = self._router.find(request.method, request.path)
        except NoSuchPath:
            return None
        except (MisplacedSlash, WrongVerb) as refusal:
            return refuse(refusal, query=request.query)
        if operation.path == "/openapi.json":
            return Response(200, self._text, JSON)
        if operation.path == "/docs":
            return Response(200, self._page, PAGE_HEADERS)
        found = file(path_values(operation, request.path)["file"])
        return Response(200, *found) if found else None

    @cached_property
    def _text(self) -> bytes:
        return json.dumps(self._document, ensure_ascii=False).encode()
