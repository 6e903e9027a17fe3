"""The mock that check-receiver drives over control: batteries and cars, whose messages go to the receiver."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from typing import Any, NamedTuple

from mockaxle.client.client import Client
from mockaxle.client.control import ControlSession

TIMEOUT_MS = 10_000
LOOK_SECONDS = 0.02
HOOK, PLANS = "check-receiver", "check-receiver-plans"
FAR_AHEAD = timedelta(hours=20)
POWER_KW = -2.0
BATTERIES = tuple(f"check-battery-{number}" for number in range(1, 7))
CARS = ("check-car-1", "check-car-2")
CAR_KW = 7.4
BATTERY_SITE, CAR_SITE = "1000000000012", "1000000000021"

SCENARIO: Mapping[str, object] = {
    "sites": [
        {"mpan": BATTERY_SITE, "postcode": "M1 1AE", "dispatch_methods": {"vpp_limited_control": "in"}},
        {"mpan": CAR_SITE, "postcode": "M1 1AE", "dispatch_methods": {"full_asset_schedule_control": "in"}},
    ],
    "assets": [
        *({"site": BATTERY_SITE, "external_id": name, "type": "battery", "capacity_kwh": 10} for name in BATTERIES),
        *({"site": CAR_SITE, "external_id": name, "type": "charger", "power_kw": CAR_KW} for name in CARS),
    ],
}
"""What the mock's worlds start with."""


@dataclass(frozen=True)
class DrivenMock:
    """Shape: `api` calls the mock's surface as the account, `control` its control."""

    control: ControlSession
    client: Client
    headers: Mapping[str, str]
    url: str
    schedules: str | None
    secret: str

    def begin(self) -> None:
        """Freeze the clock, so that what fails is not tried again, and add the receiver. Raises: ControlFailed."""
        self.control.call("PUT", "/clock", body={"rate": 0})
        if self.schedules is not None:  # it gets plans later, but its URL is judged now
            self.receive(PLANS, self.schedules, kind="schedules")
            self.control.call("DELETE", f"/receivers/{PLANS}")
        self.receive(HOOK, self.url, kind="webhooks")

    def receive(self, name: str, url: str, *, kind: str) -> None:
        """Add a receiver. Raises: ControlFailed."""
        body = {"url": url, "kind": kind, "secret": self.secret, "timeout_ms": TIMEOUT_MS}
        self.control.call("PUT", f"/receivers/{name}", body=body)

    def run_clock(self) -> None:
        """Let the clock show the machine's time, when that has passed its own, and give up what was not accepted."""
        self.control.call("DELETE", f"/receivers/{HOOK}")
        stood_at = self.now()
        while datetime.now(UTC) < stood_at:
            sleep(LOOK_SECONDS)
        self.control.call("PUT", "/clock", body={"at": datetime.now(UTC).isoformat(), "rate": 1})
        self.receive(HOOK, self.url, kind="webhooks")

    def api(self, verb: str, path: str, *, body: object = None) -> Mapping[str, object]:
        """Call the API as the partner would, and return the answer's JSON."""
        sent: dict[str, Any] = {} if body is None else {"json": body}
        answer = self.client.call(verb, path, headers=self.headers, **sent)
        assert answer.status < 300, f"{verb} {path}: {answer.status} {answer.text}"
        found = answer.json()
        return found if isinstance(found, dict) else {}

    def asset_id(self, name: str) -> str:
        return str(self.api("GET", f"/entities/asset/external-id/{name}")["id"])

    def dispatch(
        self, battery: str, *, start_at: datetime | None = None, lasts: timedelta = timedelta(hours=1)
    ) -> "MadeDispatch":
        """Dispatch a battery, by default in some hours."""
        start_at = start_at or self.now() + FAR_AHEAD
        span = {"start_time": start_at.isoformat(), "end_time": (start_at + lasts).isoformat(), "short_notice": True}
        assets = [{"asset_id": self.asset_id(battery), "power_kw": POWER_KW}]
        made = self.control.call("POST", "/dispatches", body={**span, "assets": assets})
        return MadeDispatch(made["event_id"], tuple(made["messages"]))

    def now(self) -> datetime:
        """Return the world's instant."""
        return datetime.fromisoformat(self.control.call("GET", "/clock")["now"])

    def again(self) -> str:
        """Say the latest dispatch in a new envelope; return the message's id."""
        said = {"type": "vpp:dispatch:requested", "receiver": HOOK}
        return str(self.control.call("POST", "/messages", body=said)["id"])

    def awkward(self, kind: str) -> None:
        """Make the next message awkward."""
        self.control.call("PUT", "/awkward-deliveries", body={"kinds": [kind], "count": 1})

    def attempts(self, *ids: str, least: int = 1) -> list["MadeAttempt"]:
        """Wait until each message was attempted so often, and return all their attempts."""
        until, found = monotonic() + 2 * least * TIMEOUT_MS / 1000, list[SaidMessage]()
        while monotonic() < until:
            found = [message for message in self.messages() if message.id in ids]
            if found and all(len(message.attempts) >= least for message in found):
                break
            sleep(LOOK_SECONDS)
        return [attempt for message in found for attempt in message.attempts]

    def messages(self) -> list["SaidMessage"]:
        return [_message(one) for one in self.control.call("GET", "/messages")["messages"]]


class MadeDispatch(NamedTuple):
    """Shape: the ids of the event and of its messages."""

    event_id: str
    messages: tuple[str, ...]


class MadeAttempt(NamedTuple):
    """An attempt at a delivery, as control shows it. Units: ms."""

    number: int
    status: int | None
    error: str
    ms: int
    awkward: str | None


class SaidMessage(NamedTuple):
    """A message, as control shows it."""

    id: str
    status: str
    attempts: tuple[MadeAttempt, ...]


def _message(shown: Mapping[str, Any]) -> SaidMessage:
    attempts = (
        MadeAttempt(one["attempt"], one["status"], one["error"] or "", one["ms"], one["awkward"])
        for one in shown["attempts"]
    )
    return SaidMessage(shown["id"], shown["status"], tuple(attempts))
