"""The calls of control on one world that are neither commands nor views."""

from asyncio import to_thread

from starlette.responses import JSONResponse, Response

from mockaxle.control import bodies
from mockaxle.control.endpoint import ControlCall, Endpoint
from mockaxle.control.reading import read, read_query, refused
from mockaxle.core.charging_profile import set_charging_profile
from mockaxle.core.limits import MAX_LARGE_BODY
from mockaxle.core.sessions import plan_in_force, why_unplanned
from mockaxle.scenarios.dumping import TooManySites, dump, spelt
from mockaxle.serving.worlds import Worlds
from mockaxle.world.commands.clock import describe_clock
from mockaxle.world.commands.row import JSON, TOML
from mockaxle.world.value import settled

ACCOUNT = {"username": "demo-reader", "kind": "read_only", "password": "secret"}


class WorldHandlers:
    """Handles the scenario of a world, plans of assets, new accounts and forks."""

    def __init__(self, worlds: Worlds) -> None:
        self._worlds = worlds

    def endpoints(self) -> list[Endpoint[ControlCall]]:
        return [
            Endpoint("GET /scenario", "Write the world as a scenario", self.get_scenario, query=bodies.ScenarioQuery),
            Endpoint("POST /accounts", "Add an account", self.add_account, bodies.ACCOUNT, example=ACCOUNT),
            Endpoint("POST /fork", "Start another world from the state", self.fork, bodies.FORK, example={}),
            Endpoint("GET /plans/{asset_id}", "Read an asset's charging plan", self.get_plan),
        ]

    async def get_scenario(self, call: ControlCall) -> Response:
        """Write the world as a scenario, which PUT accepts."""
        format = read_query(call.request, bodies.ScenarioQuery).format
        world = call.hosted.world
        now, clock = world.clock.now(self._worlds.now()), describe_clock(world.clock, self._worlds.now())
        section = {"at": clock["now"], "rate": str(world.clock.rate)} if clock["mode"] != "real" else None
        try:
            text = await to_thread(lambda: spelt(dump(settled(world, now).state, clock=section), format))
        except TooManySites as error:
            return refused(409, str(error))
        if len(text) > MAX_LARGE_BODY:
            return refused(409, f"The world takes {len(text)} bytes; a scenario has at most {MAX_LARGE_BODY}")
        return Response(text, media_type=TOML if format == "toml" else JSON)

    async def add_account(self, call: ControlCall) -> Response:
        section = read(call.body, bodies.ACCOUNT).section()
        call.caller.check_name(section.username)
        await self._worlds.add_account(call.name, section)
        return JSONResponse({"username": section.username, "roles": list(call.hosted.accounts[section.username].roles)})

    async def fork(self, call: ControlCall) -> Response:
        """Fork the world; answer the credentials of the new account."""
        body = read(call.body, bodies.FORK)
        if body.username is not None:
            call.caller.check_name(body.username)
        username, password = await self._worlds.fork(
            call.name, snapshot=body.snapshot, username=body.username, keeper=call.caller.keeper, peer=call.peer
        )
        return JSONResponse({"world": username, "username": username, "password": password})

    async def get_plan(self, call: ControlCall) -> Response:
        """Answer the last plan of Smart Charging, as a request to the charger. Source: C6, C8."""
        world, asset_id = call.hosted.world, call.path["asset_id"]
        plan = plan_in_force(world.state, asset_id, now=call.hosted.instant(self._worlds.now()))
        if plan is None:
            return refused(404, f"Asset {asset_id:.60} has no plan: {why_unplanned(world.state, asset_id)}")
        return JSONResponse(set_charging_profile(plan, style=world.state.reference.settings.style))
