"""The HTTP side: checks, reads and acknowledges messages."""

import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from functools import partial
from typing import Any

from anyio import move_on_after
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ev_partner import clock, fields
from ev_partner.axle import Axle
from ev_partner.devices import Device
from ev_partner.fleet import Fleet
from ev_partner.inbox import Inbox
from ev_partner.messages import DISPATCH, PLAN, Envelope, read_dispatch, read_envelope
from ev_partner.meter import Meter
from ev_partner.operations import Operator
from ev_partner.plans import read_plan
from ev_partner.settings import Settings
from ev_partner.signatures import SignatureCheck
from ev_partner.tasks import Tasks

BODY_LIMIT = 10_000_000
PATIENCE_SECONDS = 1.0

Work = Coroutine[Any, Any, None]

log = logging.getLogger(__name__)


class Receiver:
    """Answers Axle. An answer says that a message was taken; what follows from it is done in the background."""

    def __init__(self, check: SignatureCheck, operator: Operator, *, inbox: Inbox, tasks: Tasks) -> None:
        self._check = check
        self._operator = operator
        self._inbox = inbox
        self._tasks = tasks

    async def post_envelope(self, request: Request) -> Response:
        """POST /axle"""
        return await self._answer(request, self.take)

    async def post_plan(self, request: Request) -> Response:
        """POST /chargers/{asset_id}"""
        name: str = request.path_params["asset_id"]
        return await self._answer(request, lambda body: self.take_plan(name, body))

    async def take(self, body: bytes) -> None:
        """Read an envelope, and act on it unless it came before. Raises: fields.Unreadable."""
        envelope = read_envelope(body)
        work = self.work(envelope)
        if self._inbox.is_new(envelope.id):
            log.info("%a %a", envelope.event_type, envelope.id)
            await self._begin(work())

    async def take_plan(self, name: str, body: bytes) -> None:
        """Give a plan to the device with an id or external id. Raises: fields.Unreadable."""
        plan = read_plan(fields.parse(body), received_at=clock.now())
        await self._begin(self._operator.follow(plan, name))

    def work(self, envelope: Envelope) -> Callable[[], Work]:
        """Return what to do about an envelope. Raises: fields.Unreadable."""
        if envelope.event_type == DISPATCH:
            return partial(self._operator.take_up, read_dispatch(envelope.payload))
        if envelope.event_type == PLAN:
            plan = read_plan(fields.mapping(envelope.payload, "set_charging_profile"), received_at=clock.now())
            name = fields.text(envelope.payload, "asset_id")
            return partial(self._operator.follow, plan, name, created_at=envelope.created_at)
        return partial(self.ignore, envelope)

    async def ignore(self, envelope: Envelope) -> None:
        """Do nothing: it is a type that the app has no use for."""

    def acknowledge(self) -> Response:
        return PlainTextResponse("taken\n")

    def refuse_signature(self) -> Response:
        return PlainTextResponse("the signature is not accepted\n", 400)

    def refuse_body(self, why: fields.Unreadable) -> Response:
        return PlainTextResponse(f"{why}\n", 400)

    async def _answer(self, request: Request, take: Callable[[bytes], Work]) -> Response:
        body = await _body(request)
        if not self._check.accepts(request.headers.get("x-axle-sig", ""), body):
            return self.refuse_signature()
        try:
            await take(body)
        except fields.Unreadable as why:
            return self.refuse_body(why)
        return self.acknowledge()

    async def _begin(self, work: Work) -> None:
        """Start work, and wait for it for a moment. It calls Axle, which is itself waiting for the answer."""
        done = self._tasks.start(work)
        with move_on_after(PATIENCE_SECONDS):
            await done.wait()


def create_app(
    settings: Settings,
    *,
    check: SignatureCheck | None = None,
    inbox: Inbox | None = None,
    axle: Axle | None = None,
    device: type[Device] = Device,
    operator: type[Operator] = Operator,
    receiver: type[Receiver] = Receiver,
) -> Starlette:
    """Put the app together. A test may replace any part."""
    check, inbox, axle = check or SignatureCheck(settings.secret), inbox or Inbox(), axle or Axle(settings)
    tasks, fleet = Tasks(), Fleet(axle, device=device)
    takes = receiver(check, operator(axle, fleet, inbox=inbox, tasks=tasks), inbox=inbox, tasks=tasks)
    meter = Meter(axle, fleet, report_seconds=settings.report_seconds)
    routes = [
        Route("/axle", takes.post_envelope, methods=["POST"]),
        Route("/chargers/{asset_id}", takes.post_plan, methods=["POST"]),
    ]

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with aclosing(axle), tasks:
            tasks.start(meter.run())
            yield

    return Starlette(routes=routes, lifespan=lifespan, exception_handlers={ClientDisconnect: _gone})


async def _body(request: Request) -> bytes:
    """Return the raw body. Raises: HTTPException if it is too large."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise HTTPException(413)
    return bytes(body)


async def _gone(_request: Request, _error: Exception) -> Response:
    """Answer a client that hung up, and will not read it."""
    return Response(status_code=400)
