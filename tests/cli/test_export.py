"""`mockaxle export`; what it writes is in tests/recordings."""

import json
from typing import Any

from mockaxle.listener import serve_in_thread
from tests.cli.test_serve import run


async def foreign(scope: Any, receive: Any, send: Any) -> None:
    """A server that lets anybody in, and has nothing else."""
    is_log_in = scope["path"] == "/auth/token-form"
    body = {"access_token": "t"} if is_log_in else {"detail": "Not Found"}
    await send({"type": "http.response.start", "status": 200 if is_log_in else 404, "headers": []})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


def test_a_server_that_is_no_mock_is_called_so() -> None:
    with serve_in_thread(foreign) as url:
        done = run("export", "--url", url)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith(f"mockaxle: {url} is no mock of mockaxle: GET /__mockaxle/health is answered 404 ")
