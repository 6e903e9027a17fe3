"""The entries of a log as lines of JSON. The body of an answer is a digest: replaying the entry makes it again.

A call is written by hand, since every read is written, too, and costs as little as this does. Its parts that most calls
of a client have in common are written once. The lines are those of `world.entries.to_json`, which reads them.
"""

import json
from functools import lru_cache
from hashlib import blake2b
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from mockaxle.core.limits import MAX_AT_ONCE
from mockaxle.world.entries import (
    Command,
    Entry,
    Exchange,
    Headers,
    Principal,
    Request,
    Response,
    Way,
    Why,
    from_json,
    text_of_body,
    to_json,
)

DIGEST_BYTES = 16
COMMON_PARTS = 4096


class ReadEntry(NamedTuple):
    """An entry whose answer has no body yet. Shape: digest is that of the body, None if the entry has no answer."""

    entry: Entry
    digest: str | None


def entry_line(entry: Entry) -> str:
    """Write an entry in one line. The body of a command is written in pieces, so that other threads run in between."""
    if isinstance(entry, Command):
        others = json.dumps(to_json(entry._replace(body={})))
        members = ", ".join(f"{json.dumps(name)}: {_member(value)}" for name, value in entry.body.items())
        return others.replace('"body": {}', f'"body": {{{members}}}') if members else others
    if not isinstance(entry, Exchange):
        return json.dumps(to_json(entry))
    at, real_at, principal, operation, request, response = entry
    real = real_at.isoformat()
    world = real if at is real_at else at.isoformat()
    return (
        f'{{"kind": "exchange", "at": "{world}", "real_at": "{real}", "principal": {_principal(principal)}, '
        f'"operation": {_operation(operation)}, "request": {_request(request)}, '
        f'"response": {_response(response)}, "digest": "{digest_of(response)}"}}'
    )


def _member(value: Any) -> str:
    return f"[{', '.join(map(json.dumps, value))}]" if isinstance(value, list) else json.dumps(value)


def read_line(line: str) -> ReadEntry:
    """Raises: ValueError, KeyError, TypeError for a line that is none of ours."""
    data: dict[str, Any] = json.loads(line, object_hook=_unchanged if len(line) > MAX_AT_ONCE else None)
    digest = data.pop("digest", None)
    return ReadEntry(from_json(data), digest)


def _unchanged(value: dict[str, Any]) -> dict[str, Any]:
    """Return an object. json holds the event loop, also in a thread, until it calls Python."""
    return value


def digest_of(response: Response) -> str:
    return blake2b(response.body, digest_size=DIGEST_BYTES).hexdigest()


def _request(request: Request) -> str:
    method, path, query, headers, body, oversize, scheme, resumed, _ = request
    return (
        f'{{"method": "{method}", "path": {encode_basestring(path)}, "query": {encode_basestring(query)}, '
        f'"headers": {_headers(headers)}, "body": {_body(body) if body else EMPTY}, "oversize": {oversize}, '
        f'"scheme": "{scheme}", "resumed": {"true" if resumed else "false"}}}'
    )


EMPTY = '""'


def _body(body: bytes) -> str:
    written = text_of_body(body)
    return encode_basestring(written) if isinstance(written, str) else json.dumps(written)


def _response(response: Response) -> str:
    status, _, headers, token, has_base, why, way = response
    return (
        f'{{"status": {status}, "body": "", "headers": {_headers(headers)}, '
        f'"token": {"null" if token is None else token}, "has_base": {"true" if has_base else "false"}, '
        f"{_reasons(why, way)}}}"
    )


@lru_cache(COMMON_PARTS)
def _principal(principal: Principal | None) -> str:
    return json.dumps(principal and principal._asdict())


@lru_cache(COMMON_PARTS)
def _operation(operation: str | None) -> str:
    return json.dumps(operation)


@lru_cache(COMMON_PARTS)
def _headers(headers: Headers) -> str:
    return json.dumps([[name.decode("latin-1"), value.decode("latin-1")] for name, value in headers])


@lru_cache(COMMON_PARTS)
def _reasons(why: Why, way: Way | None) -> str:
    return f'"why": {json.dumps(why._asdict())}, "way": {json.dumps(way and way._asdict())}'
