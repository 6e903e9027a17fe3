"""Carries out a world's faults: instead of a call's work, or after it. Source: T1-T3."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote

from mockaxle.contract.document import Operation
from mockaxle.core.accounts import revoke
from mockaxle.core.errors import Refusal
from mockaxle.core.limits import MAX_LARGE_BODY
from mockaxle.core.records import Asset
from mockaxle.core.reference import Style
from mockaxle.core.state import State
from mockaxle.server.disruption.magic_names import PREFIX, read_magic_name
from mockaxle.server.refusals import error_answer
from mockaxle.server.router import path_values
from mockaxle.world.entries import Request, Response, Wait, Way
from mockaxle.world.fault_kinds import KINDS
from mockaxle.world.faults import CallFacts, Fault, FaultKind, Injection, Timing, take, take_magic
from mockaxle.world.json_bodies import sent_in
from mockaxle.world.unpacking import unpacked
from mockaxle.world.value import Asked, Served, World

CALLED = ("mpan", "site_id", "asset_id", "external_id")
PREFIX_BYTES, EVENT = PREFIX.encode(), "/event"


Answer = Callable[[World, Asked], tuple[World, Response]]
"""Does a call's work and answers it, without a fault."""


def meet(world: World, asked: Asked) -> tuple[World, Injection | None]:
    """Match a call with the world's rules; return the fault that it meets, if any. Source: T1-T3."""
    if asked.request.resumed or not (world.faults.rules or _may_be_magic(asked.request, world.state)):
        return world, None
    values = path_values(asked.operation, asked.request.path)
    named = tuple(_named(asked.request, values))
    sites = tuple(_sites(world.state, named)) if any(rule.site for rule in world.faults.rules) else ()
    who = asked.principal
    call = CallFacts(asked.operation.key, unquote(asked.request.path), who.username, who.token, sites)
    plan, injected = take(world.faults, call, now=asked.at, seed=world.state.seed)
    for name in _magic_names(named, asked.operation, asset=world.state.assets.get(values.get("asset_id", ""))):
        if injected is None and (magic := read_magic_name(name)) is not None:
            plan, injected = take_magic(plan, name, fault=magic.fault, count=magic.times)
    return world._replace(faults=plan), injected


def happen(injected: Injection, world: World, *, asked: Asked, answer: Answer) -> Served:
    """Carry out a fault, instead of a call's work or after it. Source: T1-T3."""
    fault = injected.fault
    if fault.kind is FaultKind.LATENCY and fault.moment is Timing.BEFORE:
        return Served(world, Wait(injected.by, injected.latency_ms, _rule_of(injected)))
    world, response = _worked(world, asked, fault, answer=answer)
    if response is None or KINDS[fault.kind].says:
        response, made = _injected_error(injected, asked.operation, world.state.reference.settings.style), True
    else:
        made = response.status in KINDS[fault.kind].statuses
    return Served(world, _on_its_way(response, injected, made=made))


def _worked(world: World, asked: Asked, fault: Fault, *, answer: Answer) -> tuple[World, Response | None]:
    """Do as much of the work as the fault allows, and return its answer, if any."""
    if fault.kind is FaultKind.METER_PROVIDER:
        return _without_provider(world, asked, fault, answer=answer)
    if fault.kind is FaultKind.REVOKE_TOKEN:
        return _revoking(world, asked, fault, answer=answer)
    return (world, None) if fault.moment is Timing.BEFORE else answer(world, asked)


def _without_provider(world: World, asked: Asked, fault: Fault, *, answer: Answer) -> tuple[World, Response]:
    reference = world.state.reference
    faulted = world.state._replace(reference=replace(reference, provider=fault.answer))
    after, response = answer(world._replace(state=faulted), asked)
    return after._replace(state=after.state._replace(reference=reference)), response


def _revoking(world: World, asked: Asked, fault: Fault, *, answer: Answer) -> tuple[World, Response]:
    """Revoke the token that the call sends, or that a log-in gives, before or after the work."""
    number = asked.principal.token
    if fault.moment is Timing.BEFORE:
        return answer(_without_token(world, number), asked._replace(grant=None))
    world, response = answer(world, asked)
    return _without_token(world, response.token if number is None else number), response


def _without_token(world: World, number: int | None) -> World:
    return world if number is None else world._replace(tokens=revoke(world.tokens, number))


def _may_be_magic(request: Request, state: State) -> bool:
    """Check quickly, before anything is parsed."""
    path = request.path
    if PREFIX_BYTES in request.body or PREFIX in path or "%" in path:
        return True
    segments = path.split("/", 4) if EVENT in path else ()
    asset = state.assets.get(segments[3]) if len(segments) > 4 else None
    return asset is not None and asset.external_id.startswith(PREFIX)


def _magic_names(named: tuple[tuple[str, str], ...], operation: Operation, *, asset: Asset | None) -> Iterator[str]:
    """Yield the external ids that a call names; below an asset's /event, those of event faults."""
    if asset is not None and EVENT in operation.path:
        magic = read_magic_name(asset.external_id)
        if magic is not None and magic.on_events:
            yield asset.external_id
    for key, text in named:
        magic = read_magic_name(text) if key == "external_id" else None
        if magic is not None and not magic.on_events:
            yield text


def _named(request: Request, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield names and texts of a call's path, query and body, packed or not."""
    yield from values.items()
    yield from ((key, value) for key, value in parse_qsl(request.query) if key in CALLED)
    try:
        yield from _texts(sent_in(unpacked(request, limit=MAX_LARGE_BODY).body))
    except Refusal:
        return


def _texts(body: Any) -> Iterator[tuple[str, str]]:
    if isinstance(body, dict):
        yield from ((key, value) for key, value in body.items() if key in CALLED and isinstance(value, str))
    for inner in body.values() if isinstance(body, dict) else body if isinstance(body, list) else ():
        yield from _texts(inner)


def _sites(state: State, named: tuple[tuple[str, str], ...]) -> Iterator[str]:
    """Yield the ids and MPANs of the sites that a call names, existing or not."""
    for _, text in named:
        low = text.lower()
        yield low
        asset = state.assets.get(state.asset_ids.get(text) or low)
        site = state.sites.get(state.site_ids.get(text) or (asset.site_id if asset else low))
        if site is not None:
            yield from (site.id, site.mpan or site.id)


def _injected_error(injected: Injection, operation: Operation, style: Style) -> Response:
    """Make the error that the fault answers."""
    fault = injected.fault
    kind = KINDS[fault.kind]
    text, status = fault.detail or kind.says or KINDS[FaultKind.STATUS].says, kind.status or fault.status
    return error_answer(status, text, operation=operation, style=style, retry_after=injected.retry_after_seconds)


def _on_its_way(response: Response, injected: Injection, *, made: bool) -> Response:
    """Complete the response of a call that met a fault; `made` if the response is the fault's own."""
    network = injected.fault.kind.value if KINDS[injected.fault.kind].breaks else ""
    why = response.why._replace(
        rules=(*response.why.rules, _rule_of(injected)),
        hint=f"Injected by fault {injected.by}" if made else response.why.hint,
    )
    return response._replace(why=why, way=Way(injected.by, network, injected.latency_ms))


def _rule_of(injected: Injection) -> str:
    if injected.by.startswith(PREFIX):
        return "T2"
    return "T3" if injected.fault.kind is FaultKind.RATE_LIMIT else "T1"
