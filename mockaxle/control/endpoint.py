"""The calls of control as endpoints, with their handlers."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from mockaxle.control.access import Caller
from mockaxle.serving.hosted_world import HostedWorld
from mockaxle.world.commands.row import JSON


@dataclass(frozen=True, slots=True)
class ControlCall:
    """An admitted call for one world.

    Shape: peer is the caller's address; path has the values in the call's path, without the world's name.
    """

    request: Request
    body: bytes
    name: str
    hosted: HostedWorld
    caller: Caller
    peer: str
    path: Mapping[str, str]

    def with_parts(self, body: bytes, *, path: Mapping[str, str]) -> "ControlCall":
        """Return the same caller's call with another body and other values in its path."""
        return replace(self, body=body, path=path)


AnyCall = TypeVar("AnyCall")


@dataclass(frozen=True)
class Endpoint(Generic[AnyCall]):
    """A call of control with its handler.

    Shape: key as `GET /log/{number}`, below the path of a world, or below the prefix for the admin. The example is a
    body that works in a new world. Units: limit of the body in bytes; the server's by default.
    """

    key: str
    summary: str
    handler: Callable[[AnyCall], Coroutine[Any, Any, Response]]
    body: TypeAdapter[Any] | None = None
    query: type[BaseModel] | None = None
    media: tuple[str, ...] = (JSON,)
    example: Mapping[str, Any] | None = None
    limit: int | None = None

    @property
    def verb(self) -> str:
        return self.key.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.key.partition(" ")[2]


ControlEndpoints = Mapping[str, Endpoint[ControlCall]]
"""The endpoints of a world by their keys."""
