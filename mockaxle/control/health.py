"""Whether the server is up: for everybody, and without loading the rest of control."""

import json
from functools import cache
from importlib.metadata import version

from mockaxle.world.entries import Response

PREFIX = "/__mockaxle"
PATH = f"{PREFIX}/health"


@cache
def health() -> Response:
    """The same each time: the package's metadata is read once."""
    body = json.dumps({"status": "ok", "version": version("mockaxle")})
    return Response(200, body.encode(), ((b"content-type", b"application/json"),))
