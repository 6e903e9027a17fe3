"""The demo's calls, each with the expected status and state."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from mockaxle.client.client import Client
from mockaxle.client.log_in import bearer, read_token, send_log_in
from mockaxle.client.response import ClientResponse

UNSEEN, INACTIVE, ACTIVE, DELETED = "Unseen", "Inactive", "Active", "Deleted"
SITE = {"mpan": "1000000000012", "postcode": "M1 1AE", "gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z"}
CHARGER = {"external_id": "demo-wallbox", "type": "charger", "properties": {"power_kw": 7.4}}
LIMITED_PAUSE = {"proposition": "limited_pause"}


@dataclass(frozen=True)
class DemoCall:
    """A call with the expected status, and the expected state of the site after it."""

    why: str
    verb: str
    path: str
    status: int
    state: str
    body: Any = None


@dataclass
class DemoJourney:
    """Makes the calls as one account. Shape: `ids` has site_id and asset_id once they are known."""

    client: Client
    ids: dict[str, str] = field(default_factory=dict)
    state: str = UNSEEN
    _bearer: dict[str, str] = field(default_factory=dict)

    def log_in(self, username: str, password: str) -> ClientResponse:
        """Raises: LogInRefused, Unanswered."""
        response = send_log_in(self.client, username, password=password)
        self._bearer = bearer(read_token(response))
        return response

    def make(self, call: DemoCall) -> ClientResponse:
        """Make a call, then read the site's state. Raises: Unanswered, and as `_ids_of`."""
        body = {} if call.body is None else {"json": call.body}
        response = self.client.call(call.verb, self.path(call), headers=self._bearer, **body)
        if not self.ids and response.status == 200:
            self.ids = _ids_of(response.json())
        self.state = self._look()
        return response

    def path(self, call: DemoCall) -> str:
        return call.path.format(**{name: quote(id, safe="") for name, id in self.ids.items()})

    def _look(self) -> str:
        if not self.ids:
            return UNSEEN
        response = self.client.call(
            "GET", f"/entities/site/{quote(self.ids['site_id'], safe='')}", headers=self._bearer
        )
        if response.status == 404:
            return DELETED
        return ACTIVE if response.field("dispatch_methods") else INACTIVE


def _ids_of(registered: Any) -> dict[str, str]:
    """Raises: LookupError, TypeError if the answer has no ids."""
    return {"site_id": str(registered["site"]["site_id"]), "asset_id": str(registered["assets"][0]["asset_id"])}


def calls(schedule: list[dict[str, str]]) -> list[DemoCall]:
    """One call for each arrow of the lifecycle's diagram, with a charging schedule in between."""
    site, plug_in = "/entities/site/{site_id}", "/entities/asset/{asset_id}/event/plug-in-schedule"
    charging, override = {"charging_schedule": schedule}, {**LIMITED_PAUSE, "override_withdrawal": True}
    start = {"site": SITE, "assets": [CHARGER]}
    return [
        DemoCall("register the site and its charger", "POST", "/entities/site/initialise", 200, INACTIVE, start),
        DemoCall("check eligibility", "GET", f"{site}/eligibility", 200, INACTIVE),
        DemoCall("enrol the site in Flex Lite", "POST", f"{site}/enrol", 200, ACTIVE, LIMITED_PAUSE),
        DemoCall("the car is plugged in; send its schedule", "POST", plug_in, 200, ACTIVE, charging),
        DemoCall("the user opts out", "POST", f"{site}/unenrol", 200, INACTIVE, LIMITED_PAUSE),
        DemoCall("schedules are now refused", "POST", plug_in, 403, INACTIVE, charging),
        DemoCall("a plain enrol is refused after a withdrawal", "POST", f"{site}/enrol", 422, INACTIVE, LIMITED_PAUSE),
        DemoCall("enrol again, overriding the withdrawal", "POST", f"{site}/enrol", 200, ACTIVE, override),
        DemoCall("the user moves out; offboard the site", "POST", f"{site}/offboard-site-and-assets", 200, DELETED),
    ]
