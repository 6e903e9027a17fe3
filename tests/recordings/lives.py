"""Calls over HTTP from sign-up to offboarding, to be recorded."""

from typing import Any

import httpx

from tests.calling import NIGHT, onboarding

READING = {
    "start_timestamp": "2026-01-20T12:00:00Z",
    "end_timestamp": "2026-01-20T12:30:00Z",
    "value": 3,
    "label": "charger_consumption_energy_kwh",
}


class Partner:
    """A partner's client, with the control of its own world."""

    def __init__(self, url: str, username: str = "acme") -> None:
        self.client = httpx.Client(base_url=url, trust_env=False)
        self.username = username
        self.bearer: dict[str, str] = {}

    def __enter__(self) -> "Partner":
        self.log_in()
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def log_in(self) -> None:
        form = {"username": self.username, "password": "demo"}
        self.bearer = {
            "Authorization": f"Bearer {self.client.post('/auth/token-form', data=form).json()['access_token']}"
        }

    def call(self, verb: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        return self.client.request(verb, path, json=body, headers=self.bearer, **more)

    def control(self, verb: str, path: str, body: Any = None) -> httpx.Response:
        answer = self.call(verb, f"/__mockaxle/world{path}", {} if body is None and verb == "POST" else body)
        assert answer.status_code == 200, answer.text
        return answer

    def recording(self, format: str = "jsonl") -> str:
        return self.control("GET", f"/recording?format={format}").text

    def live(self) -> str:
        """Onboards, plugs in, reads, fails and leaves, on a clock that stands; the site's id."""
        self.control("PUT", "/clock", {"at": "2030-01-20T12:00:00Z", "rate": 0})
        self.log_in()
        window = {"from_time": "03:00", "to_time": "05:00", "timezone": "UTC", "price_gbp_per_mwh": 250.5}
        self.control("POST", "/market/windows", window)
        event = {"start_time": "2030-01-20T13:00:00Z", "end_time": "2030-01-20T14:00:00Z", "import_export": "import"}
        id = self.control("POST", "/home-assistant-events", event).json()["id"]
        self.control("PATCH", f"/home-assistant-events/{id}", {"opted_out": True})
        self.control("DELETE", f"/home-assistant-events/{id}")
        onboarded = self.call("POST", "/entities/site/onboard", onboarding()).json()
        site_id, asset_id = onboarded["site"]["site_id"], onboarded["assets"][0]["asset_id"]
        self.call("POST", f"/entities/asset/{asset_id}/event/plug-in-schedule", {"charging_schedule": NIGHT})
        self.call("POST", "/data/readings", {"readings": [{**READING, "asset_id": asset_id}]})
        ref = self.call("GET", "/meter/search?postcode=SW1A+1AA").json()[0]["ref"]
        self.call("GET", f"/meter/by-ref/{ref}")
        self.call("POST", "/entities/site/onboard", {"site": "it's broken"})
        self.client.request("POST", "/entities/site/onboard", content=b"\xff{", headers=self.bearer)
        self.control("POST", "/clock/advance", {"by": "61m"})
        assert self.call("GET", f"/entities/site/{site_id}").status_code == 401
        self.log_in()
        self.control("POST", "/faults", {"kind": "status", "operation": "GET /entities/site", "count": 1})
        self.call("GET", "/entities/site?limit=5")
        self.call("GET", "/entities/site?limit=5")
        self.call("GET", f"/rewards/{site_id}/url/balance?redirect_uri=https://app.example")
        self.call("GET", "/examples/dispatch-event")
        self.call("POST", f"/entities/site/{site_id}/offboard-site-and-assets")
        return str(site_id)
