"""The health check, open to all callers. It does not load the rest of control."""

import json
from functools import cache
from importlib.metadata import version
from typing import Any

from mockaxle.world.entries import Response

PREFIX = "/__mockaxle"
PATH = f"{PREFIX}/health"


def health(journal: dict[str, Any] | None = None) -> Response:
    """Answer with the state of the journal, if there is one."""
    if journal is None:
        return _health()
    body = json.dumps({**json.loads(_health().body), "journal": journal})
    return _health()._replace(body=body.encode())


@cache
def _health() -> Response:
    """Make the answer once, since it reads the package's metadata."""
    body = json.dumps({"status": "ok", "version": version("mockaxle")})
    return Response(200, body.encode(), ((b"content-type", b"application/json"),))
