"""What goes wrong in a world, and how awkward its answers are, told by a test."""

from starlette.responses import JSONResponse, Response

from mockaxle.commands.faults import describe_awkwardness, describe_faults
from mockaxle.contract import Operation
from mockaxle.control import fault_bodies as bodies
from mockaxle.control.desk import Desk
from mockaxle.control.document import Described
from mockaxle.control.endpoint import Call, Endpoint
from mockaxle.control.reading import read, refused
from mockaxle.nearest import nearest


class FaultHandlers:
    """The endpoints of a world's faults."""

    def __init__(self, desk: Desk, operations: tuple[Operation, ...]) -> None:
        self._desk = desk
        self._known = [operation.key for operation in operations]

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint(Described("/faults", "GET", "List the faults"), self.get_faults),
            Endpoint(Described("/faults", "POST", "Add a fault", bodies.FAULT), self.add_fault),
            Endpoint(Described("/faults", "DELETE", "Remove all faults"), self.remove_faults),
            Endpoint(Described("/faults/{id}", "DELETE", "Remove a fault"), self.remove_fault),
            Endpoint(Described("/awkwardness", "GET", "Read how awkward answers are"), self.get_awkwardness),
            Endpoint(Described("/awkwardness", "PUT", "Answer awkwardly", bodies.AWKWARDNESS), self.set_awkwardness),
            Endpoint(Described("/awkwardness", "DELETE", "Answer as ever again"), self.end_awkwardness),
            Endpoint(Described("/tokens/revoke", "POST", "End tokens now", bodies.REVOKE), self.revoke_tokens),
        ]

    async def get_faults(self, call: Call) -> Response:
        return JSONResponse(describe_faults(call.kept.world.faults))

    async def add_fault(self, call: Call) -> Response:
        body = read(call.body, bodies.FAULT)
        if body.operation is not None and body.operation not in self._known:
            return refused(422, f"operation: {nearest(body.operation, self._known, what='operation')}")
        return JSONResponse(await self._desk.command_aside(call.name, "add fault", arguments=body.arguments()))

    async def remove_faults(self, call: Call) -> Response:
        return JSONResponse(await self._desk.command_aside(call.name, "remove faults", arguments={}))

    async def remove_fault(self, call: Call) -> Response:
        arguments = {"id": call.request.path_params["id"]}
        return JSONResponse(await self._desk.command_aside(call.name, "remove fault", arguments=arguments))

    async def get_awkwardness(self, call: Call) -> Response:
        return JSONResponse(describe_awkwardness(call.kept.world.awkwardness))

    async def set_awkwardness(self, call: Call) -> Response:
        arguments = read(call.body, bodies.AWKWARDNESS).arguments()
        return JSONResponse(await self._desk.command_aside(call.name, "set awkwardness", arguments=arguments))

    async def end_awkwardness(self, call: Call) -> Response:
        arguments = {"kinds": [], "probability": "1"}
        return JSONResponse(await self._desk.command_aside(call.name, "set awkwardness", arguments=arguments))

    async def revoke_tokens(self, call: Call) -> Response:
        arguments = read(call.body, bodies.REVOKE).model_dump()
        return JSONResponse(await self._desk.command_aside(call.name, "revoke tokens", arguments=arguments))
