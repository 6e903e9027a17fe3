"""Makes the recording that later versions are held against: `python -m tests.recordings.kept`.

A long and mixed life: every operation, every control command, every kind of fault, both styles, good and bad requests.
"""

import subprocess
import sys
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from mockaxle.contract.document import load_contract
from mockaxle.testing.mock import MockAxle
from mockaxle.world.awkwardness import Awkward
from mockaxle.world.entries import Request
from tests.calling import NIGHT, onboarding
from tests.recordings.lives import Partner
from tests.schema_values import Draw
from tests.test_any_request import KNOWN, drawn

FILE = Path(__file__).parents[2] / "fixtures" / "recordings" / "mixed-life.jsonl"
USERNAME, READER, HOME_ASSISTANT = "kept", "kept-reader", "kept-home-assistant"
SUITES = ("journeys", "auth", "idempotency", "optimiser")
BEGINS_AT = "2030-01-20T12:00:00Z"
ONBOARD, WHO, SITES = "/entities/site/onboard", "/auth/users/me/", "/entities/site?limit=5"
FAULTS: list[dict[str, Any]] = [
    {"kind": "status", "status": 502, "detail": "Bad day", "retry_after_seconds": 3, "count": 1},
    {"kind": "status", "moment": "after", "operation": "GET /auth/users/me/", "count": 1},
    {"kind": "rate_limit", "calls": 1, "per_seconds": 60, "path": "/auth/*"},
    {"kind": "latency", "latency_ms": 1, "spread_ms": 2, "nth": 2, "count": 1},
    {"kind": "revoke_token", "moment": "after", "account": USERNAME, "count": 1},
    {"kind": "meter_provider", "answer": "provider_timeout", "count": 1},
    *({"kind": kind, "count": 1, "path": WHO} for kind in ("reset", "empty", "cut", "garbage")),
    {"kind": "dribble", "latency_ms": 1, "count": 1, "path": WHO},
]
PLUGS = [{"external_id": f"plug-{kind}", "type": kind} for kind in ("charger", "battery")]
WINDOW = {"from_time": "03:00", "to_time": "05:00", "timezone": "Europe/London", "price_gbp_per_mwh": 250.5}
ACCOUNT = {"action": "link", "name": "Ada", "sort_code": "10-00-10", "account_number": "12345678"}
SCENARIO = {"sites": [{"mpan": "1000000000012", "postcode": "M1 1AE"}], "settings": {"pause_minutes": 60}}


def make() -> str:
    """The recording's text."""
    with MockAxle(seed="kept", username=USERNAME) as axle, Partner(axle.base_url, USERNAME) as partner:
        for name, kind in ((READER, "read_only"), (HOME_ASSISTANT, "home_assistant")):
            partner.control("POST", "/accounts", {"username": name, "kind": kind})
        partner.control("PUT", "/clock", {"at": BEGINS_AT, "rate": 0})
        partner.log_in()
        check(axle.base_url)
        partner.log_in()
        for seed, style in enumerate(("contract", "wire")):
            partner.control("PATCH", "/settings", {"style": style})
            draw_requests(partner, seed)
            live_a_night(partner)
        earn_and_withdraw(partner)
        command(partner)
        fail(partner)
        answer_awkwardly(partner)
        go_back(partner)
        read_as_others(axle.base_url)
        return partner.recording()


def check(url: str) -> None:
    """The harness's suites, which have every operation; their expiry lets an hour pass."""
    advance = f"{sys.executable} -m mockaxle.cli advance 61m --url {url} --username {USERNAME}"
    words = [sys.executable, "-m", "mockaxle.cli", "check", url, "--username", USERNAME, "--limited-username", READER]
    words += ["--after-expiry", advance, "--recordings", "build/kept", "--seed", "1"]
    subprocess.run([*words, *(word for suite in SUITES for word in ("--suite", suite))], check=True)


def draw_requests(partner: Partner, seed: int) -> None:
    """To each operation some requests of the document's shape: some succeed, most fail."""
    made = partner.call("POST", ONBOARD, onboarding(site={"mpan": f"100000000003{seed}"}, assets=PLUGS)).json()
    ids = {**KNOWN, "site_id": [made["site"]["site_id"]], "asset_id": [one["asset_id"] for one in made["assets"]]}
    draw, token = Draw(seed, ids), partner.bearer["Authorization"].removeprefix("Bearer ")
    for operation in load_contract().operations * 8:
        send(partner, drawn(operation, draw, token))
    partner.log_in()


def send(partner: Partner, request: Request) -> None:
    url = request.path + (f"?{request.query}" if request.query else "")
    partner.client.request(request.method, url, content=request.body, headers=list(request.headers))


def live_a_night(partner: Partner) -> None:
    """A home is onboarded, its car charges, an hour passes, a pause earns, and it is offboarded."""
    answer = partner.call("POST", ONBOARD, onboarding()).json()
    site_id, asset_id = answer["site"]["site_id"], answer["assets"][0]["asset_id"]
    night = [{name: at.replace("2026", "2030") for name, at in block.items()} for block in NIGHT]
    partner.call("POST", f"/entities/asset/{asset_id}/event/plug-in-schedule", {"charging_schedule": night})
    partner.control("POST", "/clock/advance", {"by": "14h"})
    partner.log_in()
    for path in ("flex-events", "price-curve", "eligibility"):
        partner.call("GET", f"/entities/site/{site_id}/{path}")
    for path in ("info", "transactions", "url/balance?redirect_uri=https://app.example"):
        partner.call("GET", f"/rewards/{site_id}/{path}")
    partner.call("POST", f"/entities/site/{site_id}/offboard-site-and-assets")


def earn_and_withdraw(partner: Partner) -> None:
    """A pause is kept, then read as ignored; it is settled, and its money withdrawn, which fails."""
    answer = partner.call("POST", ONBOARD, onboarding()).json()
    site_id, asset_id = answer["site"]["site_id"], answer["assets"][0]["asset_id"]
    now = datetime.fromisoformat(partner.control("GET", "/clock").json()["now"])
    start = now.replace(hour=22, minute=0, second=0)
    block = {"start_timestamp": start.isoformat(), "end_timestamp": (start + timedelta(hours=8)).isoformat()}
    partner.control("PATCH", "/settings", {"minimum_withdrawal_pence": 1, "user_share": "0.6", "estimate_share": "0.9"})
    partner.call("POST", f"/entities/asset/{asset_id}/event/plug-in-schedule", {"charging_schedule": [block]})
    partner.control("POST", "/clock/advance", {"to": (start + timedelta(hours=9)).isoformat()})
    partner.log_in()
    url = partner.call("GET", f"/rewards/{site_id}/url/balance?redirect_uri=x").json()["balance_withdrawal_url"]
    for form in (ACCOUNT, {"action": "withdraw"}):
        partner.client.post(url, data=form)
    partner.client.get(url)
    for value, wait in ((0.5, "3d"), (3.7, "80d"), (0, "1h")):
        reading = {"asset_id": asset_id, "label": "charger_consumption_energy_kwh", "value": value}
        times = {"start_timestamp": start + timedelta(hours=3), "end_timestamp": start + timedelta(hours=3.5)}
        spelt = {name: at.isoformat() for name, at in times.items()}
        partner.call("POST", "/data/readings", {"readings": [{**reading, **spelt}]})
        partner.control("POST", "/clock/advance", {"by": wait})
        partner.log_in()
        for path in (f"/rewards/{site_id}/info", f"/rewards/{site_id}/transactions"):
            partner.call("GET", path)
        partner.call("GET", f"/entities/site/{site_id}/flex-events")
    partner.call("POST", f"/entities/site/{site_id}/offboard-site-and-assets")


def command(partner: Partner) -> None:
    """What control changes, and an answer after each change."""
    window = partner.control("POST", "/market/windows", WINDOW).json()["id"]
    partner.control("PATCH", f"/market/windows/{window}", {"price_gbp_per_mwh": 99})
    live_a_night(partner)
    partner.control("DELETE", f"/market/windows/{window}")
    partner.control("POST", "/market/prices", {"prices": [{"at": "2030-01-22T18:30:00Z", "price_gbp_per_mwh": -1.5}]})
    live_a_night(partner)
    partner.control("DELETE", "/market/prices")
    event = {"start_time": "2030-02-01T17:00:00Z", "end_time": "2030-02-01T17:30:00Z", "import_export": "export"}
    id = partner.control("POST", "/home-assistant-events", event).json()["id"]
    partner.control("PATCH", f"/home-assistant-events/{id}", {"opted_out": True})
    partner.control("DELETE", f"/home-assistant-events/{id}")
    partner.control("POST", "/tokens/revoke", {"username": READER})
    partner.control("PUT", "/scenario", SCENARIO)
    partner.call("GET", SITES)
    partner.control("POST", "/reset", {"what": ["state", "market", "settings", "faults"]})
    partner.call("GET", SITES)


def fail(partner: Partner) -> None:
    """Each kind of fault, and a magic name."""
    for fault in FAULTS:
        id = partner.control("POST", "/faults", fault).json()["id"]
        for path in (WHO, WHO, "/meter/search?postcode=SW1A+1AA"):
            reach(partner, path)
        partner.control("DELETE", f"/faults/{id}")
        partner.log_in()
    partner.control("DELETE", "/faults")
    for _ in range(2):
        partner.call("GET", "/entities/asset/external-id/mock-503-1x-wallbox")


def reach(partner: Partner, path: str) -> None:
    """A call whose connection may break."""
    with suppress(httpx.TransportError):
        partner.call("GET", path)


def answer_awkwardly(partner: Partner) -> None:
    partner.call("POST", ONBOARD, onboarding())
    for kind in Awkward:
        partner.control("PUT", "/awkwardness", {"kinds": [kind], "beyond_contract": True})
        partner.call("GET", SITES)
        partner.call("GET", "/entities/asset?limit=1")
    partner.control("DELETE", "/awkwardness")


def go_back(partner: Partner) -> None:
    """A snapshot is taken, restored and dropped, and an entry undone."""
    partner.control("POST", "/snapshots", {"name": "before"})
    for site in partner.call("GET", SITES).json()["sites"]:
        partner.call("POST", f"/entities/site/{site['id']}/offboard-site-and-assets")
    partner.control("POST", "/snapshots/before/restore")
    partner.call("GET", SITES)
    partner.control("DELETE", "/snapshots/before")
    partner.call("GET", WHO)
    newest = partner.control("GET", "/log?newest_first=true&limit=1").json()["entries"][0]["number"]
    partner.control("POST", "/rewind", {"before": newest})
    partner.call("GET", SITES)


def read_as_others(url: str) -> None:
    with Partner(url, HOME_ASSISTANT) as integration:
        integration.call("GET", "/vpp/home-assistant/event")
        integration.call("GET", WHO)
    with Partner(url, READER) as reader:
        reader.call("GET", SITES)
        reader.call("POST", ONBOARD, onboarding())


if __name__ == "__main__":
    FILE.write_text(make(), encoding="utf-8")
