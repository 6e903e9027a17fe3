"""Views of a world as it is now, by path."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from starlette.responses import JSONResponse, Response

from mockaxle.control.endpoint import ControlCall, Endpoint
from mockaxle.serving.slot import Slot
from mockaxle.serving.worlds import Worlds
from mockaxle.world.commands.clock import describe_clock
from mockaxle.world.commands.faults import describe_awkwardness, describe_faults
from mockaxle.world.commands.home_assistant import describe_events
from mockaxle.world.commands.market import describe_market
from mockaxle.world.commands.snapshots import describe_snapshots


class View(NamedTuple):
    """Shape: path below a world's; show gives JSON of the world at an instant of the machine's clock."""

    path: str
    summary: str
    show: Callable[[Slot, datetime], Any]


def describe_world(slot: Slot, real: datetime) -> dict[str, Any]:
    world = slot.world
    return {
        "world": world.name,
        "accounts": sorted(slot.accounts),
        "sites": len(world.state.sites),
        "assets": len(world.state.assets),
        "tokens": len(world.tokens.grants),
        "entries": len(slot.log),
        "clock": describe_clock(world.clock, real),
    }


def describe_accounts(slot: Slot, real: datetime) -> dict[str, Any]:
    accounts = sorted(slot.accounts.values(), key=lambda account: account.username)
    return {"accounts": [{"username": one.username, "roles": list(one.roles)} for one in accounts]}


VIEWS = (
    View("", "Describe the world", describe_world),
    View("/settings", "Read the settings", lambda slot, _: asdict(slot.world.state.reference.settings)),
    View("/accounts", "List the accounts", describe_accounts),
    View("/clock", "Read the clock", lambda slot, real: describe_clock(slot.world.clock, real)),
    View("/market", "List the flex windows", lambda slot, _: describe_market(slot.world.state.reference.market)),
    View(
        "/home-assistant-events",
        "List the Home Assistant events",
        lambda slot, _: describe_events(slot.world.state.reference.home_assistant),
    ),
    View("/faults", "List the faults", lambda slot, _: describe_faults(slot.world.faults)),
    View("/awkwardness", "Read how awkward answers are", lambda slot, _: describe_awkwardness(slot.world.awkwardness)),
    View("/snapshots", "List the snapshots", lambda slot, _: describe_snapshots(slot.world)),
)


def view_endpoints(worlds: Worlds) -> list[Endpoint[ControlCall]]:
    return [Endpoint(f"GET {view.path}", view.summary, partial(_shown, worlds, view)) for view in VIEWS]


async def _shown(worlds: Worlds, view: View, call: ControlCall) -> Response:
    return JSONResponse(view.show(call.slot, worlds.now()))
