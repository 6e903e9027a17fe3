"""Axle's API: log in, list the assets, report on dispatches, send readings."""

import asyncio
import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import quote

import httpx

from ev_partner.devices import Asset, Reading
from ev_partner.settings import Settings

RETRY_AFTER_SECONDS = (1, 2)
WORTH_ANOTHER_TRY = frozenset({429, 502, 503, 504})
PAGE = 5000
CALLS_AT_ONCE = 8


class Status(StrEnum):
    """What a partner reports of a dispatch."""

    RECEIVED = "RECEIVED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    EXECUTED = "EXECUTED"
    FAILED = "FAILED"


class AxleFailed(Exception):
    """A call did not succeed."""


class AxleSilent(AxleFailed):
    """A call got no answer. It may have been taken all the same."""


class AxleRefused(AxleFailed):
    """Axle refused a call, or answered it with nonsense. The message holds the status of its answer."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(f"{answer.request.method} {answer.request.url.path}: {answer.status_code}")


class Axle:
    """One partner's account. Its methods raise AxleFailed."""

    def __init__(self, settings: Settings, *, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._http = httpx.AsyncClient(base_url=settings.axle_url, timeout=10, transport=transport, trust_env=False)
        self._form = {"username": settings.username, "password": settings.password}
        self._token: str | None = None
        self._logging_in = asyncio.Lock()
        self._places = asyncio.Semaphore(CALLS_AT_ONCE)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def assets(self) -> list[Asset]:
        """Return all assets, page by page."""
        found: list[Asset] = []
        while True:
            page = await self._call("GET", "/entities/asset", params={"limit": PAGE, "offset": len(found)})
            found += [_asset(asset) for asset in page["assets"]]
            if not page["assets"] or len(found) >= page["total_num_assets"]:
                return found

    async def report(self, asset_id: str, event_id: str, *, status: Status, at: datetime) -> None:
        """Report the status of a dispatch at an asset."""
        path = f"/entities/asset/{asset_id}/callback/{quote(event_id, safe='')}"
        await self._call("POST", path, json={"timestamp": at.isoformat(), "status": status})

    async def send_readings(self, readings: Sequence[Reading]) -> None:
        await self._call("POST", "/data/readings", json={"readings": [_point(reading) for reading in readings]})

    async def _call(self, method: str, path: str, **more: Any) -> Any:
        """Return an answer's JSON. A token may have expired: log in again once."""
        token = await self._current_token()
        answer = await self._tried(method, path, token=token, **more)
        if answer.status_code == 401:
            token = await self._token_after(token)
            answer = await self._tried(method, path, token=token, **more)
        return _json(answer)

    async def _tried(self, method: str, path: str, *, token: str, **more: Any) -> httpx.Response:
        """Return the first answer that is not worth another try, or the last one.

        A call without an answer is not repeated: it may have been taken, and a callback is sent once.
        """
        headers = {"Authorization": f"Bearer {token}"}
        for seconds in RETRY_AFTER_SECONDS:
            answer = await self._once(method, path, headers=headers, **more)
            if answer.status_code not in WORTH_ANOTHER_TRY:
                return answer
            await asyncio.sleep(seconds)
        return await self._once(method, path, headers=headers, **more)

    async def _once(self, method: str, path: str, **more: Any) -> httpx.Response:
        try:
            async with self._places:
                return await self._http.request(method, path, **more)
        except httpx.HTTPError as error:
            raise AxleSilent(f"{method} {path}: {type(error).__name__}") from error

    async def _current_token(self) -> str:
        return self._token or await self._token_after(None)

    async def _token_after(self, old: str | None) -> str:
        """Return a token other than the old one. Calls that need one at the same time log in once."""
        async with self._logging_in:
            if self._token is None or self._token == old:
                answer = await self._once("POST", "/auth/token-form", data=self._form)
                self._token = str(_json(answer)["access_token"])
            return self._token


def _json(answer: httpx.Response) -> Any:
    if not answer.is_success:
        raise AxleRefused(answer)
    try:
        return answer.json()
    except ValueError as error:
        raise AxleRefused(answer) from error


def _asset(found: Mapping[str, Any]) -> Asset:
    properties = found.get("properties") or {}
    return Asset(found["id"], found["external_id"], found["type"], properties.get("power_kw") or math.inf)


def _point(reading: Reading) -> dict[str, Any]:
    return {
        "asset_id": reading.asset_id,
        "start_timestamp": reading.start_at.isoformat(timespec="microseconds"),
        "end_timestamp": reading.end_at.isoformat(timespec="microseconds"),
        "value": reading.value,
        "label": reading.label,
    }
