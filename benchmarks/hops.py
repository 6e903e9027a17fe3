"""The number of function calls in the package, and of their files, per request: `python -m benchmarks.hops`.

Calls are counted and not timed, so the figures are the same on every machine. The second request of each kind is
counted, because the first one fills caches.
"""

import asyncio
import json
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlencode

import mockaxle
from mockaxle.app import App, create_app

PACKAGE = str(Path(mockaxle.__path__[0]))
HOME = {"mpan": "1000000000012", "postcode": "M1 1AE", "gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z"}
CHARGER = {"external_id": "wallbox-7", "type": "charger", "properties": {"power_kw": 7.4}}
ONBOARDING = {"site": HOME, "assets": [CHARGER], "proposition": "limited_pause"}
NIGHT = [{"start_timestamp": "2030-01-20T22:00:00Z", "end_timestamp": "2030-01-21T06:00:00Z"}]
LINE = "{:40} {:>6} {:>6}"


class Caller:
    """An account of an app in this process."""

    def __init__(self, app: App) -> None:
        self._app = app
        form = urlencode({"username": "hops", "password": "hops"}).encode()
        self._bearer = b""
        token = self.call("POST", "/auth/token-form", form, kind=b"application/x-www-form-urlencoded")["access_token"]
        self._bearer = f"Bearer {token}".encode()

    def call(self, verb: str, path: str, body: bytes = b"", *, kind: bytes = b"application/json") -> Any:
        """Return the JSON of an answer. Raises: AssertionError if it is not 200."""
        headers = [(b"host", b"127.0.0.1"), (b"content-type", kind), (b"authorization", self._bearer)]
        headers.append((b"content-length", b"%d" % len(body)))
        scope: dict[str, Any] = {
            "type": "http",
            "method": verb,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
        }
        scope |= {"headers": headers, "scheme": "http", "root_path": "", "client": ("127.0.0.1", 1), "extensions": {}}
        sent: list[dict[str, Any]] = []
        pieces = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return pieces.pop() if pieces else await asyncio.Future()

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(self._app(scope, receive, send))
        assert sent[0]["status"] == 200, sent
        return json.loads(b"".join(message.get("body", b"") for message in sent[1:]))


@contextmanager
def counting() -> Iterator[Counter[str]]:
    """Count the calls of the package's functions during the block, by file. Calls in threads are included."""
    calls: Counter[str] = Counter()

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(PACKAGE):
            calls[frame.f_code.co_filename] += 1

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def main() -> None:
    caller = Caller(create_app())
    body = json.dumps(ONBOARDING).encode()
    made = caller.call("POST", "/entities/site/onboard", body)
    site, asset = made["site"]["site_id"], made["assets"][0]["asset_id"]
    schedule = json.dumps({"charging_schedule": NIGHT}).encode()
    requests = {
        "GET /entities/site/{site_id}": ("GET", f"/entities/site/{site}", b""),
        "POST /entities/site/onboard": ("POST", "/entities/site/onboard", body),
        "POST .../event/plug-in-schedule": ("POST", f"/entities/asset/{asset}/event/plug-in-schedule", schedule),
        "PUT /__mockaxle/world/clock": ("PUT", "/__mockaxle/world/clock", b'{"rate": 1}'),
    }
    print(LINE.format("request", "calls", "files"))
    for name, request in requests.items():
        caller.call(*request)
        with counting() as calls:
            caller.call(*request)
        print(LINE.format(name, calls.total(), len(calls)))
    modules = [path for path in Path(PACKAGE).rglob("*.py") if "__pycache__" not in path.parts]
    lines = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in modules)
    print(f"{lines} lines in {len(modules)} modules")


if __name__ == "__main__":
    main()
