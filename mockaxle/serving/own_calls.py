"""Calls of the API that a page makes for its reader: logged and answered like any other."""

import json
from asyncio import sleep
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from mockaxle.core.accounts import LOG_IN, ORGANISATION
from mockaxle.serving.api import Api
from mockaxle.serving.catching_up import WorldBehind
from mockaxle.serving.journalling import AnswerUnkept, WorldUnloaded
from mockaxle.world.entries import Principal, Request, Response, Wait
from mockaxle.world.value import WorldBusy

FORM = ((b"content-type", b"application/x-www-form-urlencoded"),)


class OwnCalls:
    """Calls as a full account of a world, which has proved who it is. `begin` logs it in."""

    def __init__(self, api: Api, *, world: str, username: str) -> None:
        self._api = api
        self._principal = Principal(world, username, None, ORGANISATION)
        self._headers: tuple[tuple[bytes, bytes], ...] = ()

    async def begin(self) -> Response:
        form = urlencode({"username": self._principal.username, "password": "-"}).encode()
        request = Request("POST", LOG_IN, headers=FORM, body=form)
        answer = await _answered(request, lambda one: self._api.issue_token(one, self._principal))
        if answer.status == 200:
            token = json.loads(answer.body)["access_token"]
            self._headers = ((b"authorization", f"Bearer {token}".encode()), (b"content-type", b"application/json"))
        return answer

    async def call(self, verb: str, path: str, *, body: Any = None) -> Response:
        content = b"" if body is None else json.dumps(body).encode()
        return await _answered(Request(verb, path, headers=self._headers, body=content), self._api.attempt)


async def _answered(request: Request, attempt: Callable[[Request], Response | Wait]) -> Response:
    """Attempt a call until it is answered. The delay of a fault is waited for once."""
    while True:
        try:
            answer = attempt(request)
        except WorldBusy as busy:
            await busy.until_free()
            continue
        except WorldBehind as behind:
            await behind.caught_up()
            continue
        except WorldUnloaded as unloaded:
            await unloaded.loaded()
            continue
        except AnswerUnkept as unkept:
            return await unkept.kept()
        if isinstance(answer, Response):
            return answer
        await sleep(answer.delay_ms / 1000)
        request = request._replace(resumed=True)
