"""The example receiver in Python leaves nothing half done when it stops."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from anyio import CancelScope, Event, lowlevel
from ev_partner.axle import Status
from ev_partner.devices import Asset, Device
from ev_partner.fleet import Fleet
from ev_partner.inbox import Inbox
from ev_partner.messages import Dispatch
from ev_partner.operations import Operator
from ev_partner.tasks import Tasks

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CONNECTIONS = 5
CARS = 3


class ClosesConnections:
    """Closes connections one by one when it is called, which httpx protects from being cancelled."""

    def __init__(self) -> None:
        self.closed = 0
        self.began = Event()

    async def report(self, asset_id: str, event_id: str, *, status: Status, at: datetime) -> None:
        with CancelScope(shield=True):
            self.began.set()
            for _ in range(CONNECTIONS):
                await lowlevel.checkpoint()
                self.closed += 1


def test_an_app_that_stops_closes_all_connections_that_it_was_closing() -> None:
    """Those that were left open were found by the garbage collector, or never."""

    async def stopped() -> int:
        axle: Any = ClosesConnections()
        order = Dispatch("evt", NOW, NOW, NOW + timedelta(hours=1), {})
        cars = [Device(Asset(f"car-{n}", f"car {n}", "ev_charger"), on_at=NOW) for n in range(CARS)]
        async with Tasks() as tasks:
            operator = Operator(axle, Fleet(axle), inbox=Inbox(), tasks=tasks)
            tasks.start(operator.report(order, cars, status=Status.RECEIVED))
            await axle.began.wait()
        return int(axle.closed)

    assert asyncio.run(stopped()) == CARS * CONNECTIONS
