"""What a control call of one world is, and who answers it."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from mockaxle.control.access import Caller
from mockaxle.control.document import Described
from mockaxle.slot import Slot


@dataclass(frozen=True, slots=True)
class Call:
    """An admitted call for one world. Shape: peer is the caller's address."""

    request: Request
    body: bytes
    name: str
    slot: Slot
    caller: Caller
    peer: str

    @property
    def path(self) -> dict[str, str]:
        """The values in the call's path, without the world's name."""
        return {name: value for name, value in self.request.path_params.items() if name != "world"}


Handler = Callable[[Call], Coroutine[Any, Any, Response]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Units: limit of the body in bytes; the server's where it has none of its own."""

    described: Described
    handler: Handler
    limit: int | None = None
