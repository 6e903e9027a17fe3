"""Axle's surface, pure: a request is routed, authorised, read, stepped and rendered, in the order of E3."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from pydantic_core import to_json

from mockaxle.contract import Contract
from mockaxle.core.accounts import authorise, grant_of, role_for
from mockaxle.core.errors import Malformed, Refusal
from mockaxle.core.reference import Style
from mockaxle.core.rewards import settle
from mockaxle.exchange import Exchange, Principal, Request, Response
from mockaxle.limits import MAX_LARGE_BODY
from mockaxle.request_schemas import RequestSchemas
from mockaxle.server import (
    accounts,
    assets,
    charging,
    components,
    dispatch,
    eligibility,
    enrolment,
    examples,
    home_assistant,
    linking,
    meters,
    pages,
    price_curves,
    readings,
    rewards,
    sessions,
    sites,
)
from mockaxle.server.call import NULL, Call, Handler, Null, Page, Reply, Verbatim
from mockaxle.server.components import confined
from mockaxle.server.hints import Hints, mistyped
from mockaxle.server.reading import NOTHING_SENT, Sent, check_size, read_body, read_values
from mockaxle.server.refusals import JSON, refuse
from mockaxle.server.router import Route, Router
from mockaxle.unpacking import unpacked
from mockaxle.wire.shape import Component
from mockaxle.world import World

HANDLERS = (
    *accounts.HANDLERS,
    *sites.HANDLERS,
    *enrolment.HANDLERS,
    *eligibility.HANDLERS,
    *assets.HANDLERS,
    *charging.HANDLERS,
    *dispatch.HANDLERS,
    *meters.HANDLERS,
    *sessions.HANDLERS,
    *readings.HANDLERS,
    *rewards.HANDLERS,
    *components.HANDLERS,
    *linking.HANDLERS,
    *home_assistant.HANDLERS,
    *examples.HANDLERS,
    *price_curves.HANDLERS,
)


class Surface:
    """Raises: ValueError at start where the document and the handlers do not match."""

    def __init__(self, contract: Contract, handlers: Iterable[Handler] = HANDLERS) -> None:
        self._handlers = {handler.key: handler for handler in handlers}
        operations = (*contract.operations, *pages.OPERATIONS)
        described = {operation.key for operation in operations}
        if described != set(self._handlers):
            raise ValueError(
                f"operations without a handler: {sorted(described - set(self._handlers))}; "
                f"handlers without an operation: {sorted(set(self._handlers) - described)}"
            )
        self._router = Router(operations)
        self._hints = Hints(RequestSchemas(contract.document))
        self._roles = {o.key: role_for(o.verb, o.path) for o in operations}

    def reach(self, request: Request) -> Route:
        """The operation that a request is for, and the values in its path. Raises: Unrouted."""
        return self._router.find(request.method, request.path)

    def apply(self, world: World, exchange: Exchange) -> tuple[World, Response]:
        """The world after an exchange, and the answer. Pure: the same for the same world and request."""
        request, principal = exchange.request, exchange.principal
        settled = settle(world.state, now=exchange.at)
        if settled is not world.state:
            world = world._replace(state=settled)
        assert principal is not None, "what names no world is applied to none"
        try:
            route = self._router.find(request.method, request.path)
        except Refusal as refusal:
            return world, refuse(refusal, query=request.query)
        try:
            reply = self._serve(world, route, exchange, principal)
        except Refusal as refusal:
            if route.operation.is_page:
                return world, pages.refused_page(refusal)
            shape = route.operation.error_shape if _style(world) is Style.CONTRACT else "undeclared"
            return world, refuse(refusal, shape=shape)
        return _after(world, reply), render(reply, _style(world))

    def _serve(self, world: World, route: Route, exchange: Exchange, principal: Principal) -> Reply:
        key = route.operation.key
        handler = self._handlers[key]
        grant = None
        if principal.token is not None:
            grant = grant_of(world.tokens, principal.token, now=exchange.at)
            authorise(grant, self._roles[key])
        request, ignored = plain(exchange.request, handler), ""
        try:
            values, sent = read(route, request, handler=handler, style=_style(world))
            if sent.has_unknown_keys:
                ignored = self._hints.ignored(route.operation, request.body)
            reply = handler.run(confined(Call(world, exchange.at, principal, grant, values, sent.component), key))
        except Refusal as refusal:
            refusal.hint = self._hints.of_refusal(refusal, route.operation, body=request.body, ignored=ignored)
            raise
        slips = f"{mistyped(sent.component)} {ignored}".strip() if sent.component is not None else ""
        return replace(reply, hint=f"{reply.hint} {slips}".lstrip()) if slips else reply


def _style(world: World) -> Style:
    return world.state.reference.settings.style


def plain(request: Request, handler: Handler) -> Request:
    """The request with its body unpacked, where its operation takes packed ones. Raises: BodyTooLarge, BrokenGzip."""
    check_size(request)
    return unpacked(request, limit=MAX_LARGE_BODY) if handler.takes_gzip else request


def read(route: Route, request: Request, *, handler: Handler, style: Style) -> tuple[dict[str, Any], Sent]:
    """The values of path and query, and the body. Raises: Malformed with all faults."""
    values, faults = read_values(route.operation, route.values, query=request.query)
    sent, hint = NOTHING_SENT, ""
    if handler.body is not None:
        try:
            sent = read_body(route.operation, request, model=handler.body, style=style)
        except Malformed as malformed:
            faults += malformed.faults
            hint = malformed.hint
    if faults:
        raise Malformed(tuple(faults), hint)
    return values, sent


def render(reply: Reply, style: Style) -> Response:
    """What is not set is left out in `contract` style, and null in `wire` style. Source: G9."""
    body = reply.body
    if body is None:
        return Response(204, rules=reply.rules, hint=reply.hint)
    if isinstance(body, Page):
        return Response(200, body.html.encode(), pages.HTML, reply.token, reply.rules, reply.hint)
    text = to_json(body.value) if isinstance(body, Verbatim) else _written(body, exclude_none=style is Style.CONTRACT)
    return Response(200, text, JSON, reply.token, reply.rules, reply.hint, has_base=reply.has_base)


def _written(body: Component | Sequence[Component] | Null, *, exclude_none: bool) -> bytes:
    if body is NULL:
        return b"null"
    if isinstance(body, Component):
        return body.__pydantic_serializer__.to_json(body, exclude_none=exclude_none)
    return b"[" + b",".join(_written(item, exclude_none=exclude_none) for item in body) + b"]"


def _after(world: World, reply: Reply) -> World:
    if reply.tokens is not None:
        world = world._replace(tokens=reply.tokens)
    if reply.state is not None and reply.state is not world.state:
        world = world._replace(state=reply.state)
    return world
