"""The calls that are sent as load."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

from benchmarks.load import Call
from benchmarks.servers import Account

SITES, READINGS = 1_000, 1_000
NIGHT = [{"start_timestamp": "2026-01-20T22:00:00Z", "end_timestamp": "2026-01-21T06:00:00Z"}]
ONBOARD = "/entities/site/onboard"
FIXED = Call("GET", "/")


def calls_of(account: Account, *, sites: int = SITES) -> dict[str, Call]:
    """Onboard homes, at least 10, and return calls of an account that concern them."""
    numbers = tuple(f"{number:013}" for number in range(sites))
    onboarded = [account.send("POST", ONBOARD, _onboarding("home", number)) for number in numbers]
    site_ids = tuple(one["site"]["site_id"] for one in onboarded)
    assets = tuple(one["assets"][0]["asset_id"] for one in onboarded)
    bearer = {"Authorization": f"Bearer {account.token}"}
    sent = {**bearer, "Content-Type": "application/json"}
    schedule = json.dumps({"charging_schedule": NIGHT}).encode()
    readings = gzip.compress(json.dumps({"readings": list(_readings(assets))}).encode(), mtime=0)
    return {
        "GET a site": Call("GET", "/entities/site/@id@", ids=site_ids, headers=bearer),
        "list of 100 sites": Call("GET", "/entities/site?limit=100", headers=bearer),
        "plug-in-schedule": Call(
            "POST", "/entities/asset/@id@/event/plug-in-schedule", schedule, ids=assets, headers=sent
        ),
        "onboard of a new site": Call("POST", ONBOARD, _onboarding("new", "@number@"), headers=sent),
        "onboard of a known site": Call("POST", ONBOARD, _onboarding("home", "@id@"), ids=numbers, headers=sent),
        "1,000 readings, gzipped": Call(
            "POST", "/data/readings", readings, headers={**sent, "Content-Encoding": "gzip"}
        ),
    }


def _onboarding(kind: str, number: str) -> bytes:
    """Build the body that onboards a home. Shape: its MPAN is the number, of 13 digits."""
    home = {
        "mpan": number,
        "postcode": "M1 1AE",
        "street_address": f"{kind} {number}",
        "gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z",
    }
    charger = {"external_id": f"{kind}-{number}", "type": "charger", "properties": {"power_kw": 7.4}}
    return json.dumps({"site": home, "assets": [charger], "proposition": "limited_pause"}).encode()


def _readings(assets: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for number in range(READINGS):
        at = f"2026-01-20T{number // 60 % 24:02}:{number % 60:02}:00Z"
        ends = {"start_timestamp": at, "end_timestamp": at}
        yield {"asset_id": assets[number % 10], **ends, "value": number % 7, "label": "boundary_import_kw"}
