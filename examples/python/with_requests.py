"""Onboard a home and plug its car in, with requests: python with_requests.py http://127.0.0.1:2953"""

import sys
from typing import Any

import requests

HOME = {"mpan": "1000000000012", "postcode": "M1 1AE", "gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z"}
CHARGER = {"external_id": "wallbox-7", "type": "charger", "properties": {"power_kw": 7.4}}
NIGHT = [{"start_timestamp": "2026-01-20T22:00:00Z", "end_timestamp": "2026-01-21T06:00:00Z"}]


def post(axle: requests.Session, path: str, **sent: Any) -> Any:
    answer = axle.post(sys.argv[1] + path, timeout=30, **sent)
    answer.raise_for_status()
    return answer.json()


with requests.Session() as axle:
    token = post(axle, "/auth/token-form", data={"username": "with-requests", "password": "demo"})["access_token"]
    axle.headers["Authorization"] = f"Bearer {token}"
    body = {"site": HOME, "assets": [CHARGER], "proposition": "limited_pause"}
    onboarded = post(axle, "/entities/site/onboard", json=body)
    path = f"/entities/asset/{onboarded['assets'][0]['asset_id']}/event/plug-in-schedule"
    for block in post(axle, path, json={"charging_schedule": NIGHT})["modified_charging_schedule"]:
        print(block["start_timestamp"], "-", block["end_timestamp"])
