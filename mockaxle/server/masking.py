"""Keeps secrets out of logs and journals: a device cloud's tokens, and links to the mock's own pages."""

import json
import re
from typing import Any

from mockaxle.contract import Operation
from mockaxle.exchange import TOKEN_MARK, Request, Response

HANDING_OVER = "POST /entities/site/{site_id}/token"
HARMLESS = frozenset({"token_type", "expires_utc", "expires_in"})
_PUNCTUATION = frozenset(b'{}[],:" \t\r\n')
_LINK = re.compile(r"^(/auth/ext|/oauth)/[^/]+")


def without_tokens(operation: Operation, request: Request) -> Request:
    """Where a token is handed over, nothing that could be one: strings masked, the query gone."""
    if operation.key != HANDING_OVER:
        return request
    return request._replace(query="", body=_masked_body(request.body))


def without_link(request: Request) -> Request:
    """The path with a mark in the place of a link."""
    return request._replace(path=_LINK.sub(rf"\1/{TOKEN_MARK.decode()}", request.path))


def without_location(response: Response) -> Response:
    """What a journal keeps of an answer to a link: neither where it leads nor what would have worked."""
    return response._replace(headers=(), hint="")


def has_link(request: Request) -> bool:
    return _LINK.match(request.path) is not None


def _masked_body(body: bytes) -> bytes:
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return bytes(byte if byte in _PUNCTUATION else ord("*") for byte in body)
    if not isinstance(sent, dict):
        return json.dumps(_masked(sent)).encode()
    return json.dumps({name: value if name in HARMLESS else _masked(value) for name, value in sent.items()}).encode()


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return "*" * len(value)
    if isinstance(value, list):
        return [_masked(item) for item in value]
    if isinstance(value, dict):
        return {name: _masked(item) for name, item in value.items()}
    return 0 if isinstance(value, int | float) and not isinstance(value, bool) else value
