"""Acts on messages: gives the devices their orders, and reports the stages of each dispatch."""

import logging
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from anyio import create_task_group

from ev_partner import clock
from ev_partner.axle import Axle, AxleFailed, Status
from ev_partner.devices import Device
from ev_partner.fleet import Fleet
from ev_partner.inbox import Inbox
from ev_partner.messages import Dispatch
from ev_partner.plans import Plan
from ev_partner.tasks import Tasks

log = logging.getLogger(__name__)


class Operator:
    """Runs a fleet by Axle's messages."""

    def __init__(self, axle: Axle, fleet: Fleet, *, inbox: Inbox, tasks: Tasks) -> None:
        self._axle = axle
        self._fleet = fleet
        self._inbox = inbox
        self._tasks = tasks

    async def take_up(self, order: Dispatch) -> None:
        """Give a dispatch to the devices, and report its receipt. The rest is done in the background.

        Assets that are not ours are left out. The orders come before the reports: a dispatch may start in a moment.
        """
        if not self._inbox.is_new_event(order.event_id):
            return
        devices = await self._fleet.find(order.power_kw)
        for device in devices:
            device.dispatch(order, received_at=clock.now())
        self._fleet.changed.set()
        await self.report(order, devices, status=Status.RECEIVED)
        self._tasks.start(self._see_through(order, devices))

    async def follow(self, plan: Plan, name: str, *, created_at: datetime | None = None) -> None:
        """Give a plan to a device, unless a newer one came before. Without an instant, the last to arrive holds."""
        device = await self._fleet.find_one(name)
        if device is None:
            return
        if created_at is None or self._inbox.is_newest_plan(device.asset.id, created_at):
            device.follow(plan, received_at=clock.now())
            self._fleet.changed.set()

    async def report(self, order: Dispatch, devices: Iterable[Device], *, status: Status) -> None:
        """Report a status for each device."""
        at = clock.now()
        async with create_task_group() as group:
            for device in devices:
                group.start_soon(partial(self._report, order, device, status=status, at=at))

    async def _see_through(self, order: Dispatch, devices: list[Device]) -> None:
        if order.end_at <= clock.now():
            await self.report(order, devices, status=Status.REJECTED)
            return
        await self.report(order, devices, status=Status.ACCEPTED)
        await clock.sleep_until(order.end_at)
        able = [device for device in devices if device.can_follow(order)]
        unable = [device for device in devices if not device.can_follow(order)]
        await self.report(order, able, status=Status.EXECUTED)
        await self.report(order, unable, status=Status.FAILED)

    async def _report(self, order: Dispatch, device: Device, *, status: Status, at: datetime) -> None:
        """Report one status. A failure is logged, and holds up neither the other reports nor the dispatch."""
        try:
            await self._axle.report(device.asset.id, order.event_id, status=status, at=at)
        except AxleFailed as error:
            log.warning("%s not reported: %s", status, error)
