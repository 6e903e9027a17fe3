"""Writes a recording as an HTTP archive (HAR), for browsers, proxies and load generators."""

import json
from collections.abc import Iterable, Iterator
from http.client import responses
from typing import Any
from urllib.parse import parse_qsl

from mockaxle.core.retries import WITHOUT_CALL
from mockaxle.recordings.jsonl import Recording, versions
from mockaxle.recordings.names import TOKEN
from mockaxle.world.entries import Delivery, Exchange, Headers, Held, Request, Response

NOWHERE = "http://127.0.0.1:2953"
Header = tuple[bytes, bytes]
REDACTED: Header = (b"Authorization", b"Bearer redacted")
UNKNOWN = -1
"""HAR 1.2's value for a size that was not measured."""


def write_har(recording: Recording, *, url: str = NOWHERE, is_measured: bool = False) -> Iterable[str]:
    """Write the calls and deliveries, without commands, and with `redacted` instead of tokens, which no recording has.

    A broken connection has status 0. The time of a call is the delay that the mock added. If a client measured the
    exchanges, it is the time from `at`, when the call was sent, to `real_at`, when its answer had come.
    """
    log = {
        "version": "1.2",
        "creator": {"name": "mockaxle", "version": versions()["mockaxle"]},
        "comment": f"The log of the world {recording.world!r}",
        "entries": list(_entries(recording, url, is_measured=is_measured)),
    }
    return [json.dumps({"log": log}), "\n"]


def _entries(recording: Recording, url: str, *, is_measured: bool) -> Iterator[dict[str, Any]]:
    held_ms: dict[Request, int] = {}
    for entry in recording.entries:
        if isinstance(entry, Delivery):
            yield from _delivery(entry)
        elif isinstance(entry, Held):
            held_ms[entry.request._replace(resumed=True)] = entry.wait.delay_ms
        elif isinstance(entry, Exchange):
            sent_late_ms = entry.response.way.delay_ms if entry.response.way else 0
            delay_ms = sent_late_ms + held_ms.pop(entry.request, 0)
            yield _entry(entry, url, waited_ms=_measured_ms(entry) if is_measured else delay_ms)


def _delivery(delivery: Delivery) -> Iterator[dict[str, Any]]:
    """Write an attempt that called its receiver; a log has the digest of its body only."""
    if delivery.outcome in WITHOUT_CALL:
        return
    request = Request("POST", "", headers=((b"content-type", b"application/json"),))
    status = delivery.status or 0
    yield {
        "startedDateTime": delivery.at.isoformat(),
        "time": delivery.ms,
        "request": {**_request(request, delivery.url or ""), "bodySize": UNKNOWN},
        "response": _response(Response(status)) if status else _broken(delivery.error or ""),
        "timings": {"send": 0, "wait": delivery.ms, "receive": 0},
        "cache": {},
        "comment": f"attempt {delivery.attempt} at the message {delivery.message}, sha256 {delivery.sha256}",
    }


def _measured_ms(exchange: Exchange) -> float:
    return round((exchange.real_at - exchange.at).total_seconds() * 1000, 3)


def _entry(exchange: Exchange, url: str, *, waited_ms: float) -> dict[str, Any]:
    response = exchange.response
    comment = " ".join((*response.why.rules, response.why.hint)).strip()
    return {
        "startedDateTime": exchange.at.isoformat(),
        "time": waited_ms,
        "request": _request(exchange.request, url, REDACTED if _bore_token(exchange) else None),
        "response": _broken(response.way.network) if response.way and response.way.breaks else _response(response),
        "timings": {"send": 0, "wait": waited_ms, "receive": 0},
        "cache": {},
        **({"comment": comment} if comment else {}),
    }


def _request(request: Request, url: str, token: Header | None = None) -> dict[str, Any]:
    content_type = (request.header(b"content-type") or b"").decode("latin-1")
    return {
        "method": request.method,
        "url": url + request.path + (f"?{request.query}" if request.query else ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _records((*request.headers, token) if token else request.headers),
        "queryString": [{"name": n, "value": v} for n, v in parse_qsl(request.query, keep_blank_values=True)],
        "headersSize": UNKNOWN,
        "bodySize": len(request.body),
        **({"postData": {"mimeType": content_type, "text": _text(request.body)}} if request.body else {}),
    }


def _bore_token(exchange: Exchange) -> bool:
    """Tell whether a call sent a token. Calls of pages do not, since the link contains it."""
    principal = exchange.principal
    return principal is not None and principal.token is not None and TOKEN not in exchange.request.path


def _response(response: Response) -> dict[str, Any]:
    answered = dict(response.headers).get(b"content-type", b"").decode("latin-1")
    return {
        "status": response.status,
        "statusText": responses.get(response.status, ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _records(response.headers),
        "content": {"size": len(response.body), "mimeType": answered, "text": _text(response.body)},
        "redirectURL": "",
        "headersSize": UNKNOWN,
        "bodySize": len(response.body),
    }


def _broken(how: str) -> dict[str, Any]:
    return {
        "status": 0,
        "statusText": how,
        "httpVersion": "",
        "cookies": [],
        "headers": [],
        "content": {"size": 0, "mimeType": "x-unknown"},
        "redirectURL": "",
        "headersSize": UNKNOWN,
        "bodySize": UNKNOWN,
    }


def _records(headers: Headers) -> list[dict[str, str]]:
    return [{"name": name.decode("latin-1"), "value": value.decode("latin-1")} for name, value in headers]


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")
