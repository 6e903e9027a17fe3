"""Onboard a home and plug its car in, with httpx: python with_httpx.py http://127.0.0.1:2953"""

import sys

import httpx

HOME = {"mpan": "1000000000012", "postcode": "M1 1AE", "gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z"}
CHARGER = {"external_id": "wallbox-7", "type": "charger", "properties": {"power_kw": 7.4}}
NIGHT = [{"start_timestamp": "2026-01-20T22:00:00Z", "end_timestamp": "2026-01-21T06:00:00Z"}]

with httpx.Client(base_url=sys.argv[1]) as axle:
    form = {"username": "with-httpx", "password": "demo"}
    token = axle.post("/auth/token-form", data=form).raise_for_status().json()["access_token"]
    axle.headers["Authorization"] = f"Bearer {token}"
    body = {"site": HOME, "assets": [CHARGER], "proposition": "limited_pause"}
    onboarded = axle.post("/entities/site/onboard", json=body).raise_for_status().json()
    charger_id = onboarded["assets"][0]["asset_id"]
    path = f"/entities/asset/{charger_id}/event/plug-in-schedule"
    answer = axle.post(path, json={"charging_schedule": NIGHT}).raise_for_status().json()
    for block in answer["modified_charging_schedule"]:
        print(block["start_timestamp"], "-", block["end_timestamp"])
