"""Makes calls to an app, in this process and without a socket."""

import json
from asyncio import Future
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from mockaxle.contract.document import FORM as FORM_TYPE
from mockaxle.serving.asgi import ASGIApp
from tests.mutants.proxy import read_json

CONSENT_AT = {"gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z"}
LATER = {"gave_boundary_meter_consent_at": "2026-02-02T10:30:00Z"}
PAUSE, SMART = {"proposition": "limited_pause"}, {"proposition": "full_asset_schedule_control"}
ASSET, SITE, SITES = "/entities/asset", "/entities/site", "/entities/site?"
LOG_IN = "/auth/token-form"
ZERO = "00000000-0000-0000-0000-000000000000"


class Done(Exception):
    """Enough calls are made."""


@dataclass(slots=True)
class Caller:
    """Makes calls to an app, each several times, and returns the first answer.

    Shape: the calls end when `is_done` is true after one.
    """

    app: ASGIApp
    is_done: Callable[[], bool]
    times: int = 1
    token: str = ""
    count: int = 0
    tokens: dict[str, str] = field(default_factory=dict)

    async def call(self, verb: str, path: str, body: Any = None, **more: Any) -> Any:
        """Make a call and return the JSON of its answer. Raises: Done."""
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        bearer = more.get("authorization", f"Bearer {self.token}" if self.token else None)
        headers = [(b"content-type", more.get("type", "application/json").encode())] if content else []
        headers += [(b"authorization", bearer.encode())] if bearer is not None else []
        headers += [(b"content-encoding", b"gzip")] if more.get("packed") else []
        said = []
        for _ in range(self.times):
            said.append(await self._answered(verb, path, content=content, headers=headers))
            if self.is_done():
                raise Done()
        return read_json(said[0])

    async def _answered(self, verb: str, path: str, *, content: bytes, headers: list[tuple[bytes, bytes]]) -> bytes:
        raw, _, query = path.partition("?")
        scope = {
            "type": "http",
            "method": verb,
            "scheme": "http",
            "path": raw.replace("%20", " "),
            "raw_path": raw.encode(),
            "query_string": query.encode(),
            "headers": [*headers, (b"content-length", b"%d" % len(content)), (b"host", b"127.0.0.1")],
            "client": ("127.0.0.1", 1),
        }
        messages: list[Any] = []
        left = [{"type": "http.request", "body": content, "more_body": False}]

        async def receive() -> Any:
            return left.pop() if left else await Future[Any]()

        async def send(message: Any) -> None:
            messages.append(message)

        await self.app(scope, receive, send)
        return b"".join(message.get("body", b"") for message in messages)

    async def get(self, *paths: str, **more: Any) -> Any:
        """Return the JSON of the last answer."""
        said = None
        for path in paths:
            said = await self.call("GET", path, **more)
        return said

    async def post(self, path: str, body: Any = None, **more: Any) -> Any:
        return await self.call("POST", path, body, **more)

    async def form(self, path: str, **form: Any) -> Any:
        more = {"authorization": None} if path == LOG_IN else {}
        return await self.call("POST", path, urlencode(form).encode(), type=FORM_TYPE, **more)

    async def log_in(self, username: str, password: str = "demo", **more: str) -> None:
        said = await self.form(LOG_IN, username=username, password=password, **more)
        if said and "access_token" in said:
            self.token = self.tokens[username] = said["access_token"]

    def mpan(self) -> str:
        self.count += 1
        return f"19{self.count:011}"

    def home(self, **more: Any) -> dict[str, Any]:
        return {"mpan": self.mpan(), "postcode": "M1 1AE", **CONSENT_AT, **more}

    def charger(self, **more: Any) -> dict[str, Any]:
        self.count += 1
        return {
            "external_id": f"Box-{self.count}",
            "type": "charger",
            "properties": {"power_kw": round(7 + self.count / 10, 1)},
            **more,
        }

    async def offboard(self, site_id: str) -> None:
        await self.post(f"{SITE}/{site_id}/offboard-site-and-assets")

    async def onboard(self, *, to: dict[str, str] = PAUSE, **more: Any) -> tuple[str, str, dict[str, Any]]:
        """Onboard a home; return the ids of its site and charger, and the body."""
        body = {"site": self.home(), "assets": [self.charger()], **to, **more}
        said = await self.post(f"{SITE}/onboard", body)
        return said["site"]["site_id"], said["assets"][0]["asset_id"], body


def without(said: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name not in names}


def methods(*named: str) -> dict[str, list[str]]:
    return {"dispatch_methods": list(named)}
