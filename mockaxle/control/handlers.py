"""What a test may do in one world that Axle cannot."""

from asyncio import to_thread
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from mockaxle.commands.clock import describe_clock
from mockaxle.commands.market import describe_market
from mockaxle.commands.refusals import OtherWorld
from mockaxle.control import bodies
from mockaxle.control.desk import Desk, Kept
from mockaxle.control.document import Described
from mockaxle.control.endpoint import Call, Endpoint
from mockaxle.control.reading import read, read_query, refused
from mockaxle.core.charging_profile import set_charging_profile
from mockaxle.core.rewards import settle
from mockaxle.core.sessions import plan_in_force, why_unplanned
from mockaxle.core.state import State
from mockaxle.limits import MAX_LARGE_BODY
from mockaxle.scenarios.dumping import TooManySites, dump, spelt
from mockaxle.scenarios.lines import Format
from mockaxle.scenarios.reading import read_scenario
from mockaxle.scenarios.sections import Scenario

JSON, TOML = "application/json", "application/toml"


class WorldHandlers:
    """The endpoints of a world: `/world/...` for one's own, `/worlds/{world}/...` by name."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def endpoints(self) -> list[Endpoint]:
        return [*self._of_the_world(), *self._of_time_and_market(), *self._to_read()]

    def _of_the_world(self) -> list[Endpoint]:
        return [
            Endpoint(Described("", "GET", "Describe the world"), self.describe),
            Endpoint(Described("/reset", "POST", "Bring back the beginning", bodies.RESET), self.reset),
            Endpoint(
                Described("/scenario", "GET", "Write the world as a scenario", query=bodies.ScenarioQuery),
                self.get_scenario,
            ),
            Endpoint(
                Described("/scenario", "PUT", "Begin anew from a scenario", bodies.SCENARIO, media=(JSON, TOML)),
                self.load_scenario,
                limit=MAX_LARGE_BODY,
            ),
            Endpoint(Described("/settings", "GET", "Read the settings"), self.get_settings),
            Endpoint(Described("/settings", "PATCH", "Change settings", bodies.SETTINGS), self.change_settings),
            Endpoint(Described("/accounts", "GET", "List the accounts"), self.get_accounts),
            Endpoint(Described("/accounts", "POST", "Add an account", bodies.ACCOUNT), self.add_account),
        ]

    def _of_time_and_market(self) -> list[Endpoint]:
        return [
            Endpoint(Described("/clock", "GET", "Read the clock"), self.get_clock),
            Endpoint(Described("/clock", "PUT", "Freeze the clock or set its rate", bodies.CLOCK), self.set_clock),
            Endpoint(Described("/clock/advance", "POST", "Set the clock forward", bodies.ADVANCE), self.advance),
            Endpoint(Described("/market", "GET", "List the flex windows"), self.get_market),
            Endpoint(Described("/market/windows", "POST", "Add a flex window", bodies.WINDOW), self.add_window),
            Endpoint(
                Described("/market/windows/{id}", "PATCH", "Change a flex window's price", bodies.PRICE),
                self.price_window,
            ),
            Endpoint(Described("/market/windows/{id}", "DELETE", "Remove a flex window"), self.remove_window),
            Endpoint(Described("/market/prices", "POST", "Set prices of half-hours", bodies.PRICES), self.set_prices),
            Endpoint(Described("/market/prices", "DELETE", "Clear the prices of half-hours"), self.clear_prices),
        ]

    def _to_read(self) -> list[Endpoint]:
        return [
            Endpoint(Described("/plans/{asset_id}", "GET", "Read an asset's charging plan"), self.get_plan),
        ]

    async def describe(self, call: Call) -> Response:
        return JSONResponse(self.summary(call.name, call.kept))

    async def reset(self, call: Call) -> Response:
        """The named parts as they were at the beginning, whatever the world's size; tokens stay."""
        body = read(call.body, bodies.RESET)
        what = list(body.what)
        forgetting = "log" in body.what
        done = await self._desk.command_aside(call.name, "reset", arguments={"what": what}, forgetting=forgetting)
        return JSONResponse(done)

    async def get_scenario(self, call: Call) -> Response:
        """The world as it stands; what it gives, PUT takes."""
        format = read_query(call.request, bodies.ScenarioQuery).format
        world = call.kept.world
        now, clock = world.clock.now(self._desk.now()), describe_clock(world.clock, self._desk.now())
        section = {"at": clock["now"], "rate": str(world.clock.rate)} if clock["mode"] != "real" else None
        try:
            text = await to_thread(_written, settle(world.state, now=now), section, format)
        except TooManySites as error:
            return refused(409, str(error))
        if len(text) > MAX_LARGE_BODY:
            return refused(409, f"The world takes {len(text)} bytes; a scenario holds {MAX_LARGE_BODY}")
        return Response(text, media_type=TOML if format == "toml" else JSON)

    async def load_scenario(self, call: Call) -> Response:
        """The world begun anew from a scenario; its accounts are added, and tokens stay."""
        format = _format(call.request)
        if format is None:
            return refused(415, f"Send Content-Type: {TOML} or {JSON}")
        scenario = await to_thread(read_scenario, call.body, name="scenario", format=format)
        self._check_home(call, scenario)
        arguments = scenario.model_dump(mode="json", exclude={"accounts"}, exclude_defaults=True)
        done = await self._desk.command_aside(
            call.name, "load scenario", arguments={"scenario": arguments}, accounts=scenario.accounts
        )
        return JSONResponse(done)

    async def get_clock(self, call: Call) -> Response:
        return JSONResponse(describe_clock(call.kept.world.clock, self._desk.now()))

    async def set_clock(self, call: Call) -> Response:
        body = read(call.body, bodies.CLOCK)
        return await self._command(call, "set clock", arguments=body.arguments())

    async def advance(self, call: Call) -> Response:
        body = read(call.body, bodies.ADVANCE)
        return await self._command(call, "advance", arguments=body.arguments())

    async def get_settings(self, call: Call) -> Response:
        return JSONResponse(asdict(call.kept.world.state.reference.settings))

    async def change_settings(self, call: Call) -> Response:
        body = read(call.body, bodies.SETTINGS)
        arguments = body.model_dump(mode="json", exclude_none=True)
        await self._desk.command_aside(call.name, "change settings", arguments=arguments)
        return await self.get_settings(call)

    async def get_accounts(self, call: Call) -> Response:
        accounts = sorted(call.kept.accounts.values(), key=lambda account: account.username)
        return JSONResponse({"accounts": [{"username": a.username, "roles": list(a.roles)} for a in accounts]})

    async def add_account(self, call: Call) -> Response:
        section = read(call.body, bodies.ACCOUNT).section()
        call.caller.check_name(section.username)
        await self._desk.add_account(call.name, section)
        return JSONResponse({"username": section.username, "roles": list(call.kept.accounts[section.username].roles)})

    async def get_market(self, call: Call) -> Response:
        return JSONResponse(describe_market(call.kept.world.state.reference.market))

    async def add_window(self, call: Call) -> Response:
        body = read(call.body, bodies.WINDOW)
        return await self._command(call, "add window", arguments=bodies.window_arguments(body))

    async def price_window(self, call: Call) -> Response:
        body = read(call.body, bodies.PRICE)
        id = call.request.path_params["id"]
        return await self._command(
            call, "price window", arguments={"id": id, "price_gbp_per_mwh": str(body.price_gbp_per_mwh)}
        )

    async def remove_window(self, call: Call) -> Response:
        return await self._command(call, "remove window", arguments={"id": call.request.path_params["id"]})

    async def set_prices(self, call: Call) -> Response:
        body = read(call.body, bodies.PRICES)
        return await self._command(call, "set prices", arguments=body.arguments())

    async def clear_prices(self, call: Call) -> Response:
        return await self._command(call, "clear prices", arguments={})

    async def get_plan(self, call: Call) -> Response:
        """The last plan of Smart Charging as it would be set on the charger. Source: C6, C8."""
        world, asset_id = call.kept.world, call.request.path_params["asset_id"]
        plan = plan_in_force(world.state, asset_id, now=world.clock.now(self._desk.now()))
        if plan is None:
            return refused(404, f"Asset {asset_id:.60} has no plan: {why_unplanned(world.state, asset_id)}")
        return JSONResponse(set_charging_profile(plan, style=world.state.reference.settings.style))

    async def _command(self, call: Call, command: str, *, arguments: dict[str, Any]) -> Response:
        return JSONResponse(await self._desk.command_aside(call.name, command, arguments=arguments))

    def _check_home(self, call: Call, scenario: Scenario) -> None:
        """Raises: ForeignName, OtherWorld where an account is of another world than the one that begins anew."""
        for account in scenario.accounts:
            if account.username in call.kept.accounts:
                continue
            call.caller.check_name(account.username)
            if (account.world or call.name) != call.name:
                raise OtherWorld(f"The account {account.username!r:.60} is of the world {account.world!r:.60}")

    def summary(self, name: str, kept: Kept) -> dict[str, Any]:
        state = kept.world.state
        return {
            "world": name,
            "accounts": sorted(kept.accounts),
            "sites": len(state.sites),
            "assets": len(state.assets),
            "tokens": len(kept.world.tokens.grants),
            "entries": len(kept.log),
            "clock": describe_clock(kept.world.clock, self._desk.now()),
        }


def _written(state: State, clock: dict[str, Any] | None, format: Format) -> bytes:
    return spelt(dump(state, clock=clock), format)


def _format(request: Request) -> Format | None:
    formats: dict[str, Format] = {TOML: "toml", JSON: "json"}
    return formats.get(request.headers.get("content-type", "").partition(";")[0].strip().lower())
