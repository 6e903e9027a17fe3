"""Whether the server is up: for everybody, and without loading the rest of control."""

import json
from importlib.metadata import version

from mockaxle.exchange import Response

PREFIX = "/__mockaxle"
PATH = f"{PREFIX}/health"


def health() -> Response:
    body = json.dumps({"status": "ok", "version": version("mockaxle")})
    return Response(200, body.encode(), ((b"content-type", b"application/json"),))
