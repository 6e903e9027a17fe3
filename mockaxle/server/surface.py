"""Axle's API as a pure function: authorises, reads, carries out and renders a call, in the order of E3."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from mockaxle.contract.document import Contract, Operation
from mockaxle.contract.request_schemas import RequestSchemas
from mockaxle.core.accounts import Grant, Role, authorise, role_for
from mockaxle.core.errors import Malformed, Refusal
from mockaxle.core.limits import MAX_LARGE_BODY
from mockaxle.core.reference import Style
from mockaxle.server import pages
from mockaxle.server.call import Call, Handler, Reply
from mockaxle.server.disruption.awkward import make_awkward
from mockaxle.server.disruption.faulting import happen, meet
from mockaxle.server.hints import Hints, mistyped
from mockaxle.server.operations import (
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
    price_curves,
    readings,
    rewards,
    sessions,
    sites,
    withdrawal_page,
)
from mockaxle.server.operations.components import confined
from mockaxle.server.reading import NOTHING_SENT, Sent, check_size, read_body, read_values
from mockaxle.server.refusals import refuse
from mockaxle.server.rendering import RecordTexts, render
from mockaxle.server.router import Router
from mockaxle.world.entries import Exchange, Held, Request, Response
from mockaxle.world.unpacking import unpacked
from mockaxle.world.value import Asked, Served, World, settled

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
    *withdrawal_page.HANDLERS,
    *components.HANDLERS,
    *linking.HANDLERS,
    *home_assistant.HANDLERS,
    *examples.HANDLERS,
    *price_curves.HANDLERS,
)


class Bound(NamedTuple):
    """The handler of an operation, and the role that the operation needs."""

    handler: Handler
    role: Role | None


class Surface:
    """Raises: ValueError at start if the document and the handlers do not match."""

    def __init__(self, contract: Contract, handlers: Iterable[Handler] = HANDLERS) -> None:
        by_key = {handler.key: handler for handler in handlers}
        operations = (*contract.operations, *pages.OPERATIONS)
        described = {operation.key for operation in operations}
        if described != by_key.keys():
            raise ValueError(
                f"operations without a handler: {sorted(described - by_key.keys())}; "
                f"handlers without an operation: {sorted(by_key.keys() - described)}"
            )
        self._document = contract.document
        self._texts = RecordTexts()
        self._operations = {operation.key: operation for operation in operations}
        self._bound = {one.key: Bound(by_key[one.key], role_for(one.verb, one.path)) for one in operations}
        self._hints = Hints(RequestSchemas(contract.document))
        self.find = Router(operations).find

    def serve(self, world: World, asked: Asked) -> Served:
        """Serve a call. Pure: the same world and call give the same result."""
        world = settled(world, asked.at)
        world, injected = meet(world, asked)
        if injected is not None:
            return happen(injected, world, asked=asked, answer=self._answer)
        return Served(*self._answer(world, asked))

    def repeat(self, world: World, entry: Exchange | Held) -> Served:
        """Serve a logged call again. Raises: KeyError if the operation is unknown."""
        at, real_at, principal, operation, request, _ = entry
        assert principal is not None, "an entry of a log has a principal"
        grant = None if principal.token is None else _grant_of(world, principal.token, at=at)
        return self.serve(world, Asked(at, real_at, principal, grant, self._operations[operation or ""], request))

    def _answer(self, world: World, asked: Asked) -> tuple[World, Response]:
        """Serve a call without a fault; make its answer awkward if that is set."""
        style = world.state.reference.settings.style
        try:
            reply = self._reply(world, asked, style=style)
        except Refusal as refusal:
            response = _refused(refusal, asked.operation, style=style)
        else:
            response = render(reply, style, texts=self._texts)
            if reply.state is not None or reply.tokens is not None:
                world = world._replace(state=reply.state or world.state, tokens=reply.tokens or world.tokens)
        if not world.awkwardness.kinds:
            return world, response
        return make_awkward(world, response, asked=asked, document=self._document)

    def _reply(self, world: World, asked: Asked, *, style: Style) -> Reply:
        handler, role = self._bound[asked.operation.key]
        if asked.principal.token is not None or asked.operation.secured:
            authorise(asked.grant, role, now=asked.at)
        request, ignored = asked.request, ""
        if request.oversize or handler.takes_gzip:
            request = plain(request, handler)
        try:
            values, sent = read(asked.operation, request, handler=handler, style=style)
            if sent.has_unknown_keys:
                ignored = self._hints.ignored(asked.operation, request.body)
            call = Call(world, asked.at, asked.principal, asked.grant, values, sent.component)
            reply = handler.run(confined(call, handler.key))
        except Refusal as refusal:
            refusal.hint = self._hints.of_refusal(refusal, asked.operation, body=request.body, ignored=ignored)
            raise
        slips = f"{mistyped(sent.component)} {ignored}".strip() if sent.component is not None else ""
        return reply._replace(hint=f"{reply.hint} {slips}".lstrip()) if slips else reply


def _grant_of(world: World, token: int, *, at: datetime) -> Grant | None:
    """Return a token's grant; that of a mailed link may have been issued between two entries. Source: B13."""
    return world.tokens.grants.get(token) or settled(world, at).tokens.grants.get(token)


def _refused(refusal: Refusal, operation: Operation, *, style: Style) -> Response:
    if operation.is_page:
        return pages.refused_page(refusal)
    return refuse(refusal, shape=operation.error_shape if style is Style.CONTRACT else "undeclared")


def plain(request: Request, handler: Handler) -> Request:
    """Unpack the body, if the operation accepts packed ones. Raises: BodyTooLarge, BrokenGzip."""
    check_size(request)
    return unpacked(request, limit=MAX_LARGE_BODY) if handler.takes_gzip else request


def read(operation: Operation, request: Request, *, handler: Handler, style: Style) -> tuple[dict[str, Any], Sent]:
    """Read the values of path and query, and the body. Raises: Malformed with all faults."""
    values, faults = read_values(operation, request)
    sent, hint = NOTHING_SENT, ""
    if handler.body is not None:
        try:
            sent = read_body(operation, request, model=handler.body, style=style)
        except Malformed as malformed:
            faults += malformed.faults
            hint = malformed.hint
    if faults:
        raise Malformed(tuple(faults), hint)
    return values, sent
