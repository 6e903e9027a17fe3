"""Lets a world's faults happen: in the place of a call's work, or after it. Source: T1-T3."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote

from mockaxle.contract import Operation
from mockaxle.core.accounts import revoke
from mockaxle.core.errors import Refusal
from mockaxle.core.reference import Style
from mockaxle.core.state import State
from mockaxle.exchange import HELD, Exchange, Request, Response, Way
from mockaxle.faults import NETWORK, FacedCall, Fault, FaultKind, Taken, Timing, take, take_magic
from mockaxle.limits import MAX_LARGE_BODY
from mockaxle.magic_names import PREFIX, read_magic_name
from mockaxle.server.refusals import error_answer
from mockaxle.server.router import Route
from mockaxle.server.surface import Surface
from mockaxle.unpacking import unpacked
from mockaxle.world import Apply, World

TEXTS = {
    FaultKind.STATUS: "The mock was told to fail here",
    FaultKind.RATE_LIMIT: "Too many requests from this account",
}
MADE_BY = {FaultKind.REVOKE_TOKEN: (401,), FaultKind.METER_PROVIDER: (503, 504)}
"""The statuses that say, after work was done, that it is the fault which speaks."""

CALLED = ("mpan", "site_id", "asset_id", "external_id")


class Faulting:
    """Applies exchanges as the surface does, and lets the faults of the world happen to them. Pure, as it is."""

    def __init__(self, surface: Surface, apply: Apply) -> None:
        self._surface = surface
        self._apply = apply

    def apply(self, world: World, exchange: Exchange) -> tuple[World, Response]:
        request = exchange.request
        if request.resumed or not (world.faults.rules or _may_be_magic(request, world.state)):
            return self._apply(world, exchange)
        try:
            route = self._surface.reach(request)
        except Refusal:
            return self._apply(world, exchange)
        world, taken = _take(world, exchange, route)
        return self._apply(world, exchange) if taken is None else self._let(taken, world, exchange, route.operation)

    def _let(self, taken: Taken, world: World, exchange: Exchange, operation: Operation) -> tuple[World, Response]:
        """The fault happens."""
        fault = taken.fault
        if fault.kind is FaultKind.LATENCY and fault.moment is Timing.BEFORE:
            return world, Response(HELD, rules=("T1",), way=Way(taken.by, "", taken.latency_ms))
        world, response = self._worked(world, exchange, fault)
        if response is None or fault.kind in TEXTS:
            response, made = _told(taken, operation, world.state.reference.settings.style), True
        else:
            made = response.status in MADE_BY.get(fault.kind, ())
        return world, _on_its_way(response, taken, made=made)

    def _worked(self, world: World, exchange: Exchange, fault: Fault) -> tuple[World, Response | None]:
        """The world after as much of the work as the fault leaves, and its answer where any is done."""
        if fault.kind is FaultKind.METER_PROVIDER:
            return self._without_provider(world, exchange, fault)
        if fault.kind is FaultKind.REVOKE_TOKEN:
            return self._revoking(world, exchange, fault)
        return (world, None) if fault.moment is Timing.BEFORE else self._apply(world, exchange)

    def _without_provider(self, world: World, exchange: Exchange, fault: Fault) -> tuple[World, Response]:
        reference = world.state.reference
        down = world.state._replace(reference=replace(reference, provider=fault.answer))
        after, response = self._apply(world._replace(state=down), exchange)
        return after._replace(state=after.state._replace(reference=reference)), response

    def _revoking(self, world: World, exchange: Exchange, fault: Fault) -> tuple[World, Response]:
        """The token that the call presents, or that a log-in gives, is over before or after the work."""
        assert exchange.principal is not None, "what names no world is applied to none"
        number = exchange.principal.token
        if fault.moment is Timing.BEFORE:
            return self._apply(_without_token(world, number), exchange)
        world, response = self._apply(world, exchange)
        return _without_token(world, response.token if number is None else number), response


def _without_token(world: World, number: int | None) -> World:
    return world if number is None else world._replace(tokens=revoke(world.tokens, number))


def _take(world: World, exchange: Exchange, route: Route) -> tuple[World, Taken | None]:
    principal, request = exchange.principal, exchange.request
    assert principal is not None, "what names no world is applied to none"
    named = tuple(_named(request, route))
    sites = tuple(_sites(world.state, named)) if any(rule.site for rule in world.faults.rules) else ()
    call = FacedCall(route.operation.key, unquote(request.path), principal.username, principal.token, sites)
    plan, taken = take(world.faults, call, now=exchange.at, seed=world.state.seed)
    for name in _magic_names(named, route, world.state):
        if taken is None and (magic := read_magic_name(name)) is not None:
            plan, taken = take_magic(plan, name, fault=magic.fault, count=magic.times)
    return world._replace(faults=plan), taken


def _may_be_magic(request: Request, state: State) -> bool:
    """A quick look, before anything is read."""
    if PREFIX.encode() in request.body or PREFIX in request.path or "%" in request.path:
        return True
    segments = request.path.split("/", 5)
    if len(segments) < 5 or not segments[4].startswith("event"):
        return False
    asset = state.assets.get(segments[3])
    return asset is not None and asset.external_id.startswith(PREFIX)


def _magic_names(named: tuple[tuple[str, str], ...], route: Route, state: State) -> Iterator[str]:
    """External ids that a call names itself; below an asset's /event those that were made for it."""
    asset = state.assets.get(route.values.get("asset_id", ""))
    if asset is not None and "/event" in route.operation.path:
        magic = read_magic_name(asset.external_id)
        if magic is not None and magic.on_events:
            yield asset.external_id
    for key, text in named:
        magic = read_magic_name(text) if key == "external_id" else None
        if magic is not None and not magic.on_events:
            yield text


def _named(request: Request, route: Route) -> Iterator[tuple[str, str]]:
    """What a call is about: names and texts in its path, its query, and its body, packed or not."""
    yield from route.values.items()
    yield from ((key, value) for key, value in parse_qsl(request.query) if key in CALLED)
    try:
        yield from _texts(json.loads(unpacked(request, limit=MAX_LARGE_BODY).body or b"null"))
    except (ValueError, RecursionError, Refusal):
        return


def _texts(body: Any) -> Iterator[tuple[str, str]]:
    if isinstance(body, dict):
        yield from ((key, value) for key, value in body.items() if key in CALLED and isinstance(value, str))
    for inner in body.values() if isinstance(body, dict) else body if isinstance(body, list) else ():
        yield from _texts(inner)


def _sites(state: State, named: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """The ids and MPANs of the sites that a call is about, whether they exist or not."""
    for _, text in named:
        low = text.lower()
        yield low
        asset = state.assets.get(state.asset_ids.get(text) or low)
        site = state.sites.get(state.site_ids.get(text) or (asset.site_id if asset else low))
        if site is not None:
            yield from (site.id, site.mpan or site.id)


def _told(taken: Taken, operation: Operation, style: Style) -> Response:
    """The error that the fault answers with."""
    fault = taken.fault
    status = 429 if fault.kind is FaultKind.RATE_LIMIT else fault.status
    text = fault.detail or TEXTS.get(fault.kind, TEXTS[FaultKind.STATUS])
    return error_answer(status, text, operation=operation, style=style, retry_after=taken.retry_after_seconds)


def _on_its_way(response: Response, taken: Taken, *, made: bool) -> Response:
    """With what tells of the fault; `made` where the answer is its own and not the call's."""
    network = taken.fault.kind.value if taken.fault.kind in NETWORK else ""
    by_rule = "T3" if taken.fault.kind is FaultKind.RATE_LIMIT else "T1"
    return response._replace(
        rules=(*response.rules, "T2" if taken.by.startswith(PREFIX) else by_rule),
        hint=f"{taken.by} did this, as the world was told" if made else response.hint,
        way=Way(taken.by, network, taken.latency_ms),
    )
