"""What a control call of one world is, and who answers it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from mockaxle.control.access import Caller
from mockaxle.control.desk import Kept
from mockaxle.control.document import Described

MAX_BODY = 65_536


@dataclass(frozen=True, slots=True)
class Call:
    """An admitted call for one world."""

    request: Request
    body: bytes
    name: str
    kept: Kept
    caller: Caller


Handler = Callable[[Call], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Units: limit of the body in bytes."""

    described: Described
    handler: Handler
    limit: int = MAX_BODY
