"""The health check, open to all callers. It does not load the rest of control."""

import json
from functools import cache
from importlib.metadata import version

from mockaxle.world.entries import Response

PREFIX = "/__mockaxle"
PATH = f"{PREFIX}/health"


@cache
def health() -> Response:
    """Make the answer once, since it reads the package's metadata."""
    body = json.dumps({"status": "ok", "version": version("mockaxle")})
    return Response(200, body.encode(), ((b"content-type", b"application/json"),))
