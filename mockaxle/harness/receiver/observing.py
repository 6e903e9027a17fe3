"""The rows that need what the partner's system did to the mock: it must be pointed at it. Source: N22.

Everything is set going at once, and judged when the dispatches have ended.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic, sleep

from mockaxle.harness.receiver.black_box import UNMADE, is_taken
from mockaxle.harness.receiver.evidence import Evidence, Metered
from mockaxle.harness.receiver.rows import Case
from mockaxle.harness.receiver.stage import (
    BATTERIES,
    CAR_KW,
    CARS,
    PLANS,
    POWER_KW,
    DrivenMock,
    MadeAttempt,
    SaidMessage,
)

PLAIN, TWICE, AGAIN, BATCH = BATTERIES[1:5]
OLD_CAR, NEW_CAR = CARS
NEAR = 0.25
"""How far a reading may be from the power that is expected, as a share of it."""

FINAL = ("EXECUTED", "FAILED")
FIRST = ("RECEIVED", "ACCEPTED")
LOOK_SECONDS = 0.25
NOTHING = "nothing came; is your system pointed at the mock?"


@dataclass
class Observation:
    """Shape: `events` has the ids of the dispatches by battery; `ids` those of the assets by name. Units: seconds."""

    stage: DrivenMock
    evidence: Evidence
    pace: float
    report: Callable[[str], None]
    ids: dict[str, str] = field(default_factory=dict)
    events: dict[str, str] = field(default_factory=dict)
    registered: MadeAttempt | None = None

    def run(self) -> None:
        """Make dispatches and plans, and wait until the partner's system has acted on them."""
        self.stage.run_clock()
        self.ids = {name: self.stage.asset_id(name) for name in (*BATTERIES, *CARS)}
        self._register()
        self._plan_out_of_order()
        self._plan_twice()
        self.start_at = self._in(self.pace)
        self.end_at = self.start_at + timedelta(seconds=self.pace)
        self._dispatch()
        self._wait()

    def _in(self, seconds: float) -> datetime:
        """Return an instant in so many seconds, as a whole second."""
        return (self.stage.now() + timedelta(seconds=seconds + 1)).replace(microsecond=0)

    def _register(self) -> None:
        """Create a battery, which is said to the receiver."""
        before = len(self.stage.messages())
        site_id = self.stage.api("GET", f"/entities/asset/{self.ids[PLAIN]}")["site_id"]
        battery = {"external_id": "check-battery-new", "type": "battery", "properties": {"capacity_kwh": 10}}
        self.stage.api("POST", "/entities/asset", body={**battery, "site_id": site_id})
        attempts = self.stage.attempts(self.stage.messages()[before].id)
        self.registered = attempts[0] if attempts else None

    def _plan_out_of_order(self) -> None:
        """Say a plan to charge at full power after the newer one to charge nothing."""
        self._plug_in(OLD_CAR)
        self.stage.awkward("out_of_order")
        self._charge_now(OLD_CAR)
        second = self.stage.now().replace(microsecond=0)
        while self.stage.now().replace(microsecond=0) == second:
            sleep(LOOK_SECONDS)
        self.stage.api("POST", f"/entities/asset/{self.ids[OLD_CAR]}/event/charge-now-deleted", body={})

    def _plan_twice(self) -> None:
        """Say a plan to charge nothing, and one to charge at full power in its place."""
        if self.stage.schedules is not None:
            self.stage.receive(PLANS, self.stage.schedules, kind="schedules")
        self._plug_in(NEW_CAR)
        self._settle()
        self._charge_now(NEW_CAR)

    def _plug_in(self, car: str) -> None:
        """Plug a car in whose tariff has its cheap hour half a day from now, so that its plan is not to charge."""
        at = self.stage.now() + timedelta(hours=11)
        tariff = {"off_peak_times": f"{at:%H}:00-{at + timedelta(hours=1):%H}:00", "timezone": "UTC"}
        self.stage.api("POST", f"/entities/asset/{self.ids[car]}/event/tariff-update", body={"tariff": tariff})
        self.stage.api("POST", f"/entities/asset/{self.ids[car]}/event/plug-in", body={})
        self._settle()

    def _charge_now(self, car: str) -> None:
        end_at = self.stage.now() + timedelta(hours=1)
        path = f"/entities/asset/{self.ids[car]}/event/charge-now"
        self.stage.api("POST", path, body={"end_at": end_at.isoformat()})

    def _settle(self) -> None:
        """Wait until no message is to be sent now."""
        until = monotonic() + self.pace
        while monotonic() < until and any(not one.attempts for one in self._waiting()):
            sleep(LOOK_SECONDS)

    def _waiting(self) -> Iterator[SaidMessage]:
        return (message for message in self.stage.messages() if message.status == "waiting")

    def _dispatch(self) -> None:
        for battery, kind in ((PLAIN, ""), (TWICE, "twice"), (AGAIN, ""), (BATCH, "unknown_asset")):
            if kind:
                self.stage.awkward(kind)
            lasts = self.end_at - self.start_at
            self.events[battery] = self.stage.dispatch(battery, start_at=self.start_at, lasts=lasts).event_id
            if battery is AGAIN:
                self.stage.again()

    def _wait(self) -> None:
        """Wait for the final callbacks, and for readings after the end."""
        until = self.end_at + timedelta(seconds=2 * self.pace)
        while (now := self.stage.now()) < until:
            left = (until - now).total_seconds()
            self.report(f"observing your system, for {left:.0f} s at most")
            if now > self.end_at and self._has_ended():
                break
            sleep(LOOK_SECONDS)
        self.evidence.look()

    def _has_ended(self) -> bool:
        ended = (self.evidence.callbacks(event_id) for event_id in self.events.values())
        if not all(any(status in FINAL for _, status in found) for found in ended):
            return False
        self.evidence.look()
        return bool(self._after()) and all(self.evidence.metered(self.ids[car]) for car in CARS)

    def _after(self) -> list[Metered]:
        return [one for one in self.evidence.metered(self.ids[PLAIN]) if one.start_at >= self.end_at]

    def once(self, battery: str) -> list[Case]:
        """Judge that a dispatch was acted on once."""
        found = self.evidence.callbacks(self.events[battery])
        often = ", ".join(f"{status} {count} times" for (_, status), count in found.items() if count > 1)
        return [Case("observed: callbacks", bool(found) and not often, often or ("each once" if found else NOTHING))]

    def the_others(self) -> list[Case]:
        said = self.evidence.callbacks(self.events[BATCH])
        found = [status for asset_id, status in said if asset_id == self.ids[BATCH]]
        return [Case("observed: callbacks of the known asset", bool(found), ", ".join(found) or NOTHING)]

    def newest_plan(self) -> list[Case]:
        return [self._charges(OLD_CAR, 0.0, "observed: nothing is charged, as the newest plan says")]

    def last_plan(self) -> list[Case]:
        return [self._charges(NEW_CAR, CAR_KW, "observed: the power of the last plan")]

    def _charges(self, car: str, power_kw: float, what: str) -> Case:
        """Judge the last reading of a car."""
        found = self.evidence.metered(self.ids[car])
        if not found:
            return Case(what, False, f"no reading of {car} came")
        return Case(what, _is_near(found[-1].power_kw, power_kw), f"{found[-1].power_kw:.1f} kW")

    def in_its_time(self) -> list[Case]:
        found = self.evidence.metered(self.ids[PLAIN])
        before = [one for one in found if one.end_at <= self.start_at]
        within = [one for one in found if one.start_at >= self.start_at and one.end_at <= self.end_at]
        early = [one for one in before if _is_near(one.power_kw, POWER_KW)]
        reached = [one for one in within if _is_near(one.power_kw, POWER_KW)]
        return [
            Case("observed: readings before start_time", not early, _powers(early or before)),
            Case("observed: readings from start_time on", bool(reached), _powers(reached or within)),
        ]

    def back(self) -> list[Case]:
        found = [one for one in self.evidence.metered(self.ids[PLAIN]) if one.end_at <= self.start_at]
        earlier = [one for one in found if not _is_near(one.power_kw, POWER_KW)]
        usual = earlier[0].power_kw if earlier else 0.0
        after = self._after()
        is_back = bool(after) and _is_near(after[-1].power_kw, usual)
        return [Case("observed: readings after end_time", is_back, _powers(after))]

    def callbacks(self) -> list[Case]:
        found = [status for _, status in self.evidence.callbacks(self.events[PLAIN])]
        came = ", ".join(found) or NOTHING
        return [
            Case("observed: RECEIVED or ACCEPTED", any(one in FIRST for one in found), came),
            Case("observed: EXECUTED or FAILED", any(one in FINAL for one in found), came),
        ]

    def calls_meanwhile(self) -> list[Case]:
        """Judge a delivery about which the receiver may ask; nothing can be said of one that never asks."""
        attempt, count = self.registered or UNMADE, self.evidence.calls_during_deliveries()
        if is_taken(attempt.status) and not count:
            return []
        came = f"{attempt.status or attempt.error}, {count} calls while it was called"
        return [Case("observed: a new battery, which the receiver may ask about", is_taken(attempt.status), came)]

    def echoes(self) -> list[Case]:
        if not self.evidence.has_calls:
            return []
        says = self.evidence.says(self.stage.secret)
        return [Case("observed: its calls", not says, "they have the secret" if says else "without the secret")]

    def cases(self) -> Mapping[int, list[Case]]:
        """Judge everything. Shape: by the numbers of the rows."""
        return {
            7: self.once(TWICE),
            8: self.once(AGAIN),
            9: self.newest_plan(),
            10: self.the_others(),
            15: self.in_its_time(),
            16: self.back(),
            17: self.callbacks(),
            18: self.last_plan(),
            19: self.calls_meanwhile(),
            20: self.echoes(),
        }


def _is_near(power_kw: float, expected: float) -> bool:
    return abs(power_kw - expected) <= NEAR * max(abs(expected), 1.0)


def _powers(readings: list[Metered]) -> str:
    return ", ".join(f"{one.power_kw:.1f} kW" for one in readings[-3:]) or "no readings"
