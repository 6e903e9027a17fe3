"""Sends the devices' readings to Axle."""

import asyncio
import contextlib
import logging
from collections import deque
from datetime import datetime, timedelta

from ev_partner import clock
from ev_partner.axle import Axle, AxleRefused, AxleSilent
from ev_partner.devices import Reading
from ev_partner.fleet import Fleet

READINGS_A_CALL = 1000
UNSENT_AT_MOST = 100_000

log = logging.getLogger(__name__)


class Meter:
    """Reports each interval at its end: when the power changes, and otherwise after a number of seconds."""

    def __init__(self, axle: Axle, fleet: Fleet, *, report_seconds: float) -> None:
        self._axle = axle
        self._fleet = fleet
        self._every = timedelta(seconds=report_seconds)
        self._unsent: deque[Reading] = deque(maxlen=UNSENT_AT_MOST)

    async def run(self) -> None:
        """Report until cancelled."""
        while True:
            await self._wait()
            await self.report()

    async def report(self) -> None:
        """Send all readings up to now. Those that do not arrive are sent the next time; refused ones are dropped."""
        until = clock.now()
        for device in self._fleet.devices():
            self._unsent.extend(device.take_readings(until))
        try:
            while self._unsent:
                await self._send_some()
        except AxleSilent as error:
            log.warning("%d readings wait: %s", len(self._unsent), error)

    async def _send_some(self) -> None:
        some = [self._unsent.popleft() for _ in range(min(READINGS_A_CALL, len(self._unsent)))]
        try:
            await self._axle.send_readings(some)
        except AxleRefused as error:
            log.warning("%d readings refused: %s", len(some), error)
        except AxleSilent:
            self._unsent.extendleft(reversed(some))
            raise

    async def _wait(self) -> None:
        """Return at the next change, when it is time to report, or at once after a new order."""
        due_at = self._due_at()
        while not self._fleet.changed.is_set() and (left := (due_at - clock.now()).total_seconds()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._fleet.changed.wait(), left)
        self._fleet.changed.clear()

    def _due_at(self) -> datetime:
        now = clock.now()
        return min([now + self._every, *(device.next_change(now) for device in self._fleet.devices())])
