"""Calls the surface in this process, as an account."""

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from mockaxle.core.state import State
from mockaxle.serving.accounts import NOTHING
from mockaxle.serving.api import Api
from mockaxle.serving.catching_up import WorldBehind
from mockaxle.serving.new_worlds import WorldUnbuilt
from mockaxle.serving.passwords import PasswordUnhashed
from mockaxle.world.entries import Request, Response, Wait
from mockaxle.world.value import World

JSON = (b"content-type", b"application/json")
FORM = (b"content-type", b"application/x-www-form-urlencoded")

HOME = {
    "mpan": "1000000000012",
    "postcode": "M1 1AE",
    "street_address": "7 Canal Row",
    "email": "ada@example.org",
    "gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z",
}
CHARGER = {"external_id": "wallbox-7", "type": "charger", "properties": {"power_kw": 7.4}}
NIGHT = [{"start_timestamp": "2026-01-20T22:00:00Z", "end_timestamp": "2026-01-21T06:00:00Z"}]


def onboarding(*, site: dict[str, Any] | None = None, assets: list[Any] | None = None, **more: Any) -> dict[str, Any]:
    """The body of an onboard call that is taken, but for what is given; None leaves a site's field out."""
    merged = {key: value for key, value in {**HOME, **(site or {})}.items() if value is not None}
    return {"site": merged, "assets": [CHARGER] if assets is None else assets, "proposition": "limited_pause", **more}


@dataclass(frozen=True)
class Answer:
    status: int
    json: Any
    response: Response

    @property
    def rules(self) -> tuple[str, ...]:
        return self.response.why.rules

    def header(self, name: str) -> str | None:
        return next((v.decode() for n, v in self.response.headers if n == name.encode()), None)


def answered(api: Api, request: Request) -> Response:
    """The response, a log-in prepared here and now, and a call that waits by a fault resumed at once."""
    response, prepared = None, NOTHING
    while response is None:
        try:
            response = api.attempt(request, prepared)
        except PasswordUnhashed as unhashed:
            prepared = prepared._replace(hashed=unhashed.hashed())
        except WorldBehind as behind:
            asyncio.run(behind.caught_up())
        except WorldUnbuilt as unbuilt:
            prepared = prepared._replace(world=unbuilt.built())
    if isinstance(response, Wait):
        response = api.attempt(request._replace(resumed=True))
    assert isinstance(response, Response)
    return response


class Caller:
    """An account with a token. Its calls go straight to the api."""

    def __init__(self, api: Api, username: str = "acme", *, log_in: bool = True) -> None:
        self.api = api
        self.username = username
        self.token: str | None = self.log_in().json["access_token"] if log_in else None

    def log_in(self, password: str = "secret") -> Answer:
        form = urlencode({"username": self.username, "password": password}).encode()
        return self.send(Request("POST", "/auth/token-form", headers=(FORM,), body=form))

    def send(self, request: Request) -> Answer:
        response = answered(self.api, request)
        body = json.loads(response.body) if response.body else None
        return Answer(response.status, body, response)

    def call(self, verb: str, path: str, body: Any = None, *, raw: bytes | None = None) -> Answer:
        path, _, query = path.partition("?")
        headers = (JSON,) if self.token is None else (JSON, (b"authorization", f"Bearer {self.token}".encode()))
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        return self.send(Request(verb, path, query, headers, content))

    def get(self, path: str) -> Answer:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None, *, raw: bytes | None = None) -> Answer:
        return self.call("POST", path, body, raw=raw)

    def onboard(self, **changes: Any) -> Answer:
        return self.post("/entities/site/onboard", onboarding(**changes))

    def plug_in(self, asset_id: str, schedule: Any) -> Answer:
        path = f"/entities/asset/{asset_id}/event/plug-in-schedule"
        return self.post(path, {"charging_schedule": schedule})

    @property
    def world(self) -> World:
        hosted = self.api.worlds.find(self.username)
        assert hosted is not None
        return hosted.world

    @property
    def state(self) -> State:
        return self.world.state
