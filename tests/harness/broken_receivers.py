"""The example receiver, broken in one way each, by a switch."""

import asyncio
import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ev_partner import fields
from ev_partner.app import Receiver, create_app
from ev_partner.axle import Status
from ev_partner.devices import Device
from ev_partner.inbox import Inbox
from ev_partner.messages import DISPATCH, PLAN, Dispatch, Envelope
from ev_partner.operations import Operator
from ev_partner.plans import Plan
from ev_partner.settings import Settings
from ev_partner.signatures import SignatureCheck, Signed
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

KNOWN = (DISPATCH, PLAN, "vpp:asset:registered", "user:onboarding:complete")
SECRET = "whsec_checked"


class RefusesWhileItWarmsUp(Receiver):
    _came = 0

    async def _answer(self, request: Request, take: Any) -> Response:
        self._came += 1
        return Response(status_code=503) if self._came == 2 else await super()._answer(request, take)


class IsSlowAtTimes(Receiver):
    _came = 0

    async def _answer(self, request: Request, take: Any) -> Response:
        self._came += 1
        if self._came in (10, 15):
            await asyncio.sleep(2.1)
        return await super()._answer(request, take)


class AcceptsAnySignature(SignatureCheck):
    def is_right(self, signed: Signed, body: bytes) -> bool:
        return True


class AcceptsAnyInstant(SignatureCheck):
    def is_recent(self, seconds: int) -> bool:
        return True


class RefusesTheEdge(SignatureCheck):
    def is_recent(self, seconds: int) -> bool:
        return abs(self._now() - seconds) < 290


class ReadsTheBodyBeforeItChecks(SignatureCheck):
    def accepts(self, header: str, body: bytes) -> bool:
        try:
            written = json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":")).encode()
        except ValueError:
            return False
        return super().accepts(header, written)


class ReadsTheFirstSignature(SignatureCheck):
    def parse(self, header: str) -> Signed | None:
        signed = super().parse(header)
        return signed and signed._replace(signatures=signed.signatures[:1])


class ActsOnDuplicates(Inbox):
    _again = False

    def is_new(self, envelope_id: str) -> bool:
        self._again = not super().is_new(envelope_id)
        return True

    def is_new_event(self, event_id: str) -> bool:
        return super().is_new_event(event_id) or self._again


class ActsOnEachEnvelope(Inbox):
    def is_new_event(self, event_id: str) -> bool:
        return True


class LetsTheLastToArriveHold(Inbox):
    def is_newest_plan(self, asset_id: str, created_at: datetime) -> bool:
        return True


class DropsBatchesWithUnknownAssets(Operator):
    async def take_up(self, order: Dispatch) -> None:
        devices = await self._fleet.find(order.power_kw)
        if len(devices) == len(order.power_kw):
            await super().take_up(order)


class RefusesUnknownTypes(Receiver):
    def work(self, envelope: Envelope) -> Callable[[], Any]:
        if envelope.event_type not in KNOWN:
            raise fields.Unreadable("it is of no known type")
        return super().work(envelope)


class BreaksAtBrokenJson(Receiver):
    def refuse_body(self, why: fields.Unreadable) -> Response:
        return PlainTextResponse("oh", 500)


class HasALowLimit(Receiver):
    async def take(self, body: bytes) -> None:
        if len(body) > 100_000:
            raise fields.Unreadable("it is too long")
        await super().take(body)


class TakesFewAtOnce(Receiver):
    _now = 0

    async def _answer(self, request: Request, take: Any) -> Response:
        self._now += 1
        try:
            if self._now > 5:
                return Response(status_code=503)
            await asyncio.sleep(0.05)
            return await super()._answer(request, take)
        finally:
            self._now -= 1


class ActsAtReceipt(Device):
    def dispatch(self, order: Dispatch, *, received_at: datetime) -> None:
        super().dispatch(replace(order, start_at=received_at), received_at=received_at)


class NeverGoesBack(Device):
    def dispatch(self, order: Dispatch, *, received_at: datetime) -> None:
        super().dispatch(replace(order, end_at=order.end_at + timedelta(days=1)), received_at=received_at)


class ReportsNoEnd(Operator):
    async def report(self, order: Dispatch, devices: Iterable[Device], *, status: Status) -> None:
        if status not in (Status.EXECUTED, Status.FAILED):
            await super().report(order, devices, status=status)


class KeepsTheFirstPlan(Device):
    _has_one = False

    def follow(self, plan: Plan, *, received_at: datetime) -> None:
        if not self._has_one:
            super().follow(plan, received_at=received_at)
        self._has_one = True


class WaitsForItself(Receiver):
    async def take(self, body: bytes) -> None:
        if b'"vpp:asset:registered"' in body:
            await asyncio.Event().wait()
        await super().take(body)


class EchoesItsSecret(Receiver):
    def acknowledge(self) -> Response:
        return PlainTextResponse(f"verified by {SECRET}\n")


BLACK_BOX: dict[str, tuple[int, dict[str, Any]]] = {
    "refuses while it warms up": (1, {"receiver": RefusesWhileItWarmsUp}),
    "is slow at times": (2, {"receiver": IsSlowAtTimes}),
    "accepts any signature": (3, {"check": AcceptsAnySignature(SECRET)}),
    "accepts any instant": (4, {"check": AcceptsAnyInstant(SECRET)}),
    "refuses what is 299 s old": (4, {"check": RefusesTheEdge(SECRET)}),
    "verifies JSON that it has written itself": (5, {"check": ReadsTheBodyBeforeItChecks(SECRET)}),
    "reads the first signature only": (6, {"check": ReadsTheFirstSignature(SECRET)}),
    "refuses unknown types": (11, {"receiver": RefusesUnknownTypes}),
    "breaks at broken JSON": (12, {"receiver": BreaksAtBrokenJson}),
    "has a low limit": (13, {"receiver": HasALowLimit}),
    "takes few at once": (14, {"receiver": TakesFewAtOnce}),
    "echoes its secret": (20, {"receiver": EchoesItsSecret}),
}
OBSERVED: dict[str, tuple[int, dict[str, Any]]] = {
    "acts on duplicates": (7, {"inbox": ActsOnDuplicates}),
    "acts on each envelope": (8, {"inbox": ActsOnEachEnvelope}),
    "lets the last plan to arrive hold": (9, {"inbox": LetsTheLastToArriveHold}),
    "drops batches with unknown assets": (10, {"operator": DropsBatchesWithUnknownAssets}),
    "acts at receipt": (15, {"device": ActsAtReceipt}),
    "never goes back": (16, {"device": NeverGoesBack}),
    "reports no end": (17, {"operator": ReportsNoEnd}),
    "keeps the first plan": (18, {"device": KeepsTheFirstPlan}),
    "waits for itself": (19, {"receiver": WaitsForItself}),
}
"""Switches with the row that each fails, and the part of the example that it replaces."""


def receiver_of(parts: dict[str, Any], *, axle_url: str) -> Starlette:
    """The example with other parts. An inbox is made anew."""
    made = {name: part() if name == "inbox" else part for name, part in parts.items()}
    return create_app(Settings(SECRET, axle_url=axle_url, report_seconds=0.5), **made)
