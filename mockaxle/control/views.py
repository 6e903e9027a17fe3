"""Views of a world's present state, by path."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from starlette.responses import JSONResponse, Response

from mockaxle.control.endpoint import ControlCall, Endpoint
from mockaxle.core.timestamps import spell_utc
from mockaxle.serving.catching_up import catch_up
from mockaxle.serving.hosted_world import HostedWorld
from mockaxle.serving.worlds import Worlds
from mockaxle.world.commands.awkward_deliveries import describe_awkward_deliveries
from mockaxle.world.commands.clock import describe_clock
from mockaxle.world.commands.dispatches import describe_dispatches
from mockaxle.world.commands.faults import describe_awkwardness, describe_faults
from mockaxle.world.commands.home_assistant import describe_events
from mockaxle.world.commands.market import describe_market
from mockaxle.world.commands.receivers import describe_receivers
from mockaxle.world.commands.snapshots import describe_snapshots
from mockaxle.world.commands.withdrawals import describe_withdrawals


class View(NamedTuple):
    """Shape: path below a world's; show returns JSON of the world at an instant of the machine's clock."""

    path: str
    summary: str
    show: Callable[[HostedWorld, datetime], Any]


def describe_world(hosted: HostedWorld, real: datetime) -> dict[str, Any]:
    world = hosted.world
    return {
        "world": world.name,
        "accounts": sorted(hosted.accounts),
        "sites": len(world.state.sites),
        "assets": len(world.state.assets),
        "tokens": len(world.tokens.grants),
        "entries": len(hosted.log),
        "clock": {**describe_clock(world.clock, real), "now": spell_utc(hosted.instant(real))},
    }


def describe_named(worlds: Worlds, name: str) -> dict[str, Any]:
    """Describe a world that may be in the journal only; then only its name."""
    hosted = worlds.in_memory(name)
    return {"world": name, "in_memory": False} if hosted is None else describe_world(hosted, worlds.now())


def describe_accounts(hosted: HostedWorld, real: datetime) -> dict[str, Any]:
    accounts = sorted(hosted.accounts.values(), key=lambda account: account.username)
    return {"accounts": [{"username": one.username, "roles": list(one.roles)} for one in accounts]}


def show_clock(hosted: HostedWorld, real: datetime) -> dict[str, Any]:
    """Describe a world's clock, and the instant to which it is advancing step by step, if it is."""
    now, to = hosted.shown_at(real), hosted.advances_to
    clock = describe_clock(hosted.world.clock, real)
    return {**clock, "now": spell_utc(now), "advancing_to": spell_utc(to) if to else None}


VIEWS = (
    View("", "Describe the world", describe_world),
    View("/settings", "Read the settings", lambda one, _: one.world.state.reference.settings.data()),
    View("/accounts", "List the accounts", describe_accounts),
    View("/clock", "Read the clock", lambda one, real: show_clock(one, real)),
    View("/market", "List the flex windows", lambda one, _: describe_market(one.world.state.reference.market)),
    View(
        "/home-assistant-events",
        "List the Home Assistant events",
        lambda one, _: describe_events(one.world.state.reference.home_assistant),
    ),
    View("/dispatches", "List the dispatches", lambda one, _: describe_dispatches(one.world.state)),
    View("/receivers", "List the receivers", lambda one, _: describe_receivers(one.world.state)),
    View(
        "/withdrawals",
        "List the withdrawals",
        lambda one, _: describe_withdrawals(one.world.state),
    ),
    View("/faults", "List the faults", lambda one, _: describe_faults(one.world.faults)),
    View("/awkwardness", "Read the awkward answers", lambda one, _: describe_awkwardness(one.world.awkwardness)),
    View(
        "/awkward-deliveries",
        "Read the awkward deliveries",
        lambda one, _: describe_awkward_deliveries(one.world.state.reference.awkward_deliveries),
    ),
    View("/snapshots", "List the snapshots", lambda one, _: describe_snapshots(one.world)),
)


def view_endpoints(worlds: Worlds) -> list[Endpoint[ControlCall]]:
    return [Endpoint(f"GET {view.path}", view.summary, partial(_shown, worlds, view)) for view in VIEWS]


async def _shown(worlds: Worlds, view: View, call: ControlCall) -> Response:
    await catch_up(call.hosted, now=call.hosted.instant(worlds.now()))
    return JSONResponse(view.show(call.hosted, worlds.now()))
