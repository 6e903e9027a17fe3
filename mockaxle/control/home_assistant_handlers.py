"""The events of the Home Assistant integration: published, changed and withdrawn while the world runs."""

from typing import Any, Literal

from pydantic import StrictBool, TypeAdapter
from starlette.responses import JSONResponse, Response

from mockaxle.commands.home_assistant import describe_events
from mockaxle.control.desk import Desk
from mockaxle.control.document import Described
from mockaxle.control.endpoint import Call, Endpoint
from mockaxle.control.reading import read
from mockaxle.scenarios.fields import Instant, Section

PATH = "/home-assistant-events"


class HomeAssistantEventBody(Section):
    """An event to come or running."""

    start_time: Instant
    end_time: Instant
    import_export: Literal["import", "export"]

    def arguments(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


class HomeAssistantChangeBody(Section):
    """What changes of an event; null is no value of any field."""

    start_time: Instant | None = None
    end_time: Instant | None = None
    import_export: Literal["import", "export"] | None = None
    opted_out: StrictBool | None = None

    def arguments(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_none=True)


PUBLISH = TypeAdapter(HomeAssistantEventBody)
CHANGE = TypeAdapter(HomeAssistantChangeBody)


class HomeAssistantHandlers:
    """The endpoints of a world's Home Assistant events."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def endpoints(self) -> list[Endpoint]:
        one = f"{PATH}/{{id}}"
        return [
            Endpoint(Described(PATH, "GET", "List the Home Assistant events"), self.get_events),
            Endpoint(Described(PATH, "POST", "Publish a Home Assistant event", PUBLISH), self.publish),
            Endpoint(Described(one, "PATCH", "Change a Home Assistant event", CHANGE), self.change),
            Endpoint(Described(one, "DELETE", "Withdraw a Home Assistant event"), self.withdraw),
        ]

    async def get_events(self, call: Call) -> Response:
        return JSONResponse(describe_events(call.kept.world.state.reference.home_assistant))

    async def publish(self, call: Call) -> Response:
        return await self._command(call, "publish event", read(call.body, PUBLISH).arguments())

    async def change(self, call: Call) -> Response:
        changes = read(call.body, CHANGE).arguments()
        return await self._command(call, "change event", {"id": call.request.path_params["id"], **changes})

    async def withdraw(self, call: Call) -> Response:
        return await self._command(call, "withdraw event", {"id": call.request.path_params["id"]})

    async def _command(self, call: Call, command: str, arguments: dict[str, Any]) -> Response:
        return JSONResponse(await self._desk.command_aside(call.name, command, arguments=arguments))
