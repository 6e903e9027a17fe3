"""A partner's server on a free port of loopback, which answers as a test says."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from werkzeug import Request, Response

from tests.calling import CHARGER, onboarding
from tests.control.controlling import Controller

FULL = "full_asset_schedule_control"
TEN = "2040-01-20T22:00:00Z"
SECRET = "whsec_test"


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Partner:
    """Answers each request by the next status, the last one for ever. `meanwhile` is called before an answer."""

    url: str
    statuses: list[int] = field(default_factory=lambda: [200])
    headers: dict[str, str] = field(default_factory=dict)
    received: list[Received] = field(default_factory=list)
    meanwhile: Callable[[], Any] = lambda: None

    def answer(self, request: Request) -> Response:
        sent = {name.lower(): value for name, value in request.headers}
        self.received.append(Received(request.environ["RAW_URI"], sent, request.get_data()))
        self.meanwhile()
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        return Response(status=status, headers=self.headers)


class Evening:
    """A home in Smart Charging at ten in the evening on a clock that stands, and its partner's receiver."""

    def __init__(self, controller: Controller, partner: Partner) -> None:
        self.controller, self.partner = controller, partner
        controller.done("PUT", "/clock", {"at": TEN, "rate": 0})
        controller.log_in()
        made = controller.call("POST", "/entities/site/onboard", onboarding(proposition=FULL)).json()
        self.site_id, self.asset_id = made["site"]["site_id"], made["assets"][0]["asset_id"]

    def receive(self, *, name: str = "partner", kind: str = "schedules", place: str = "", **more: Any) -> Any:
        place = place or ("/{external_id}" if kind == "schedules" else "/hook")
        body = {"url": self.partner.url + place, "kind": kind, "secret": SECRET, **more}
        return self.controller.done("PUT", f"/receivers/{name}", body)

    def event(self, name: str = "plug-in", body: Any = None) -> None:
        answer = self.controller.call("POST", f"/entities/asset/{self.asset_id}/event/{name}", body or {})
        assert answer.status_code == 200, answer.text

    def advance(self, by: str = "0s", **more: Any) -> Any:
        """Advance the clock, and wait for the deliveries that are due."""
        return self.controller.done("POST", "/clock/advance", {"by": by, **more})

    def said(self, query: str = "") -> list[Any]:
        found: list[Any] = self.controller.done("GET", f"/messages{query}")["messages"]
        return found

    def statuses(self) -> list[str]:
        return [message["status"] for message in self.said()]

    def logged(self) -> list[Any]:
        entries = self.controller.done("GET", "/log?limit=1000")["entries"]
        return [entry for entry in entries if "delivery" in entry]


NAME = str(CHARGER["external_id"])
