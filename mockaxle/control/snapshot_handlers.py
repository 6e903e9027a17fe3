"""A world's state kept by name and brought back, forked into another world, or rewound."""

from typing import Annotated

from pydantic import AfterValidator, Field, StrictInt, TypeAdapter
from starlette.responses import JSONResponse, Response

from mockaxle.commands.snapshots import describe_snapshots
from mockaxle.control.desk import Desk
from mockaxle.control.document import Described
from mockaxle.control.endpoint import Call, Endpoint
from mockaxle.control.reading import read
from mockaxle.scenarios.fields import Section, Username


def _name(text: str) -> str:
    if "/" in text or text in (".", ".."):
        raise ValueError("a name is part of a path: without a slash, and neither . nor ..")
    return text


Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_name)]


class SnapshotBody(Section):
    """The name under which the state is kept."""

    name: Name


class ForkBody(Section):
    """The snapshot to begin with, or today's state; the new account's username, or one that is made."""

    snapshot: str | None = None
    username: Username | None = None


class RewindBody(Section):
    """The number of the first entry to undo."""

    before: Annotated[StrictInt, Field(ge=1)]


SNAPSHOT = TypeAdapter(SnapshotBody)
FORK = TypeAdapter(ForkBody)
REWIND = TypeAdapter(RewindBody)


class SnapshotHandlers:
    """The endpoints of a world's snapshots."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(Described("/snapshots", "GET", "List the snapshots"), self.list_all),
            Endpoint(Described("/snapshots", "POST", "Keep the state under a name", SNAPSHOT), self.take),
            Endpoint(Described("/snapshots/{name}/restore", "POST", "Bring a snapshot back"), self.restore),
            Endpoint(Described("/snapshots/{name}", "DELETE", "Remove a snapshot"), self.drop),
            Endpoint(Described("/fork", "POST", "Begin another world with the state", FORK), self.fork),
            Endpoint(Described("/rewind", "POST", "Go back to before an entry of the log", REWIND), self.rewind),
        ]

    async def list_all(self, call: Call) -> Response:
        return JSONResponse(describe_snapshots(call.kept.world))

    async def take(self, call: Call) -> Response:
        return await self._command(call, "take snapshot", read(call.body, SNAPSHOT).name)

    async def restore(self, call: Call) -> Response:
        return await self._command(call, "restore snapshot", call.request.path_params["name"])

    async def drop(self, call: Call) -> Response:
        return await self._command(call, "drop snapshot", call.request.path_params["name"])

    async def fork(self, call: Call) -> Response:
        """The credentials of the new world's account."""
        body = read(call.body, FORK)
        if body.username is not None:
            call.caller.check_name(body.username)
        username, password = await self._desk.fork(
            call.name, snapshot=body.snapshot, username=body.username, keeper=call.caller.keeper, peer=call.peer
        )
        return JSONResponse({"world": username, "username": username, "password": password})

    async def rewind(self, call: Call) -> Response:
        return JSONResponse(await self._desk.rewind_aside(call.name, read(call.body, REWIND).before))

    async def _command(self, call: Call, command: str, name: str) -> Response:
        return JSONResponse(await self._desk.command_aside(call.name, command, arguments={"name": name}))
