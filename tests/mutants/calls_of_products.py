"""Calls of products: schedules, sessions, meters, readings, money, and objects that are missing."""

import gzip
import json
from typing import Any
from urllib.parse import urlencode

from tests.mutants.caller import ASSET, LATER, PAUSE, SITE, SMART, ZERO, Caller, methods, without

NIGHT = ("2026-01-20T22:00:00Z", "2026-01-21T06:00:00Z")
DAY = ("2026-01-20T08:00:00Z", "2026-01-20T12:00:00Z")
EVENING = ("2026-01-20T16:00:00Z", "2026-01-20T20:00:00Z")
MANY = tuple((f"2026-01-20T{hour:02}:00:00Z", f"2026-01-20T{hour:02}:45:00Z") for hour in range(6))
SCHEDULES = ((NIGHT,), (EVENING, NIGHT), ((EVENING[0], NIGHT[1]),), (DAY,), (DAY, NIGHT), MANY, (NIGHT[::-1],))

TARIFF = {"off_peak_times": "23:30-05:30", "timezone": "Europe/London"}
OTHER_TIMES = ("00:30-24:00", "01:00-02:00,13:00-14:00", "25:00-26:00", "Mon 01:00-02:00")
TARIFFS = (
    TARIFF,
    {**TARIFF, "timezone": "UTC"},
    {**TARIFF, "timezone": "Nowhere"},
    *({**TARIFF, "off_peak_times": times} for times in OTHER_TIMES),
)
INTENT = {"energy_required_kwh": 20.4, "ready_by": "2026-01-21T07:00:00Z"}
OTHER_INTENT = {"energy_required_kwh": 5, "ready_by": "2026-01-22T07:00:00Z"}
INTENTS = (
    INTENT,
    {**INTENT, "may_charge_peak": True, "ready_by": "2026-01-23T08:00:00Z"},
    without(INTENT, "ready_by"),
    without(INTENT, "energy_required_kwh"),
)
EVENTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/charge-now", {"end_at": "2026-01-20T23:00:00Z"}),
    ("/charge-now", {}),
    ("/charge-now-deleted", {}),
    ("/tariff-update", {}),
    ("", {"intent": INTENT}),
    ("", {"event_type": "plug_in", "intent": INTENT}),
    ("", {"event_type": "intent_update", "intent": INTENT}),
    ("", {"event_type": "charge_now", "end_at": "2026-01-20T23:00:00Z"}),
    ("", {"event_type": "charge_now_deleted"}),
    ("", {"event_type": "plug_out"}),
    ("/plug-out", {}),
)
NAMED = ZERO.replace("0", "a")
ADDRESSES = ("2 Mall Cottages, London, SW1A 1AA", "1 Mall Cottages, London, SW1A 1AA", "2 Mall Cottages, London")
MPANS = ("1000000000012", "1200000000020", "1900000000087", "1600000000047", "1000000000013", "12", "1400000000039")
CHECKED: tuple[dict[str, str], ...] = (
    {"mpan": "1000000000012"},
    {"mpan": "1200000000020"},
    {"mpan": "1200000000020", "asset_model": "zappi"},
    {"mpan": "1200000000020", "asset_model": "basic_charger"},
    {"mpan": "1000000000012", "asset_model": "what"},
    {"mpan": "1400000000039", "asset_model": "zappi"},
)
JUDGED: tuple[tuple[str, dict[str, str]], ...] = (
    ("1200000000020", {"asset_model": "zappi", "installation_date": "2025-11-03"}),
    ("1200000000020", {"asset_model": "zappi"}),
    ("1200000000020", {"asset_model": "basic_charger"}),
    ("1200000000020", {}),
    ("1400000000039", {}),
    ("1000000000012", {"asset_model": "what"}),
    ("1000000000012", {"type": "battery"}),
    ("1000000000012", {"type": "heat pump"}),
)
VALUES = (
    ("solar_power_kw", -1),
    ("solar_power_kw", 0),
    ("battery_stored_energy_kwh", -1),
    ("charger_consumption_energy_kwh", -1),
    ("battery_state_of_charge_pct", 101),
    ("battery_state_of_charge_pct", -1),
    ("battery_state_of_charge_pct", 100),
    ("battery_inverter_import_kw", -2),
    ("charger_lifetime_consumption_energy_kwh", 100),
)


def schedule(*pairs: tuple[str, ...]) -> dict[str, Any]:
    return {"charging_schedule": [{"start_timestamp": start, "end_timestamp": end} for start, end in pairs]}


async def schedules(caller: Caller) -> None:
    site_id, asset_id, _ = await caller.onboard()
    path = f"{ASSET}/{asset_id}/event/plug-in-schedule"
    for pairs in SCHEDULES:
        for _ in range(2):
            await caller.post(path, schedule(*pairs))
    added = await caller.post(ASSET, caller.charger(site_id=site_id))
    battery = await caller.post(ASSET, {"external_id": "Stack", "type": "battery", "site_id": site_id})
    for id in (added["id"], battery["id"], ZERO):
        await caller.post(f"{ASSET}/{id}/event/plug-in-schedule", schedule(NIGHT))
    await caller.post(f"{SITE}/{site_id}/unenrol", PAUSE)
    await caller.post(path, schedule(NIGHT))


async def sessions(caller: Caller) -> None:
    """Two chargers in Smart Charging, with tariffs, intents and events; a battery and a heat pump beside one."""
    _, other_id, _ = await caller.onboard(to=SMART)
    site_id, asset_id, _ = await caller.onboard(to=SMART)
    asset, other = f"{ASSET}/{asset_id}", f"{ASSET}/{other_id}"
    await caller.get(f"{asset}/intent")
    for tariff in TARIFFS:
        await caller.post(f"{asset}/event/tariff-update", {"tariff": tariff})
    await caller.post(f"{asset}/event/plug-in", {"intent": INTENT, "tariff": TARIFF})
    await caller.post(f"{asset}/event/plug-in", {"tariff": {**TARIFF, "timezone": "Nowhere"}})
    await caller.post(f"{other}/event/intent", {"intent": OTHER_INTENT})
    for intent in INTENTS:
        await caller.get(f"{other}/intent", f"{asset}/intent")
        await caller.post(f"{asset}/event/intent", {"intent": intent})
    await caller.get(f"{asset}/intent")
    for path, event in EVENTS:
        await caller.post(f"{asset}/event{path}", event)
    await _called_back(caller, asset_id)
    battery = await caller.post(ASSET, {"external_id": "Wall", "type": "battery", "site_id": site_id})
    pump = await caller.post(ASSET, {"external_id": "Warm", "type": "heat pump", "site_id": site_id})
    plans = ("battery-schedule", "todays-dispatch-schedule", "price-curve")
    await caller.get(*(f"{ASSET}/{id}/{path}" for id in (battery["id"], asset_id, pump["id"]) for path in plans))
    await caller.post(f"{SITE}/{site_id}/unenrol", SMART)
    await caller.get(f"{ASSET}/{battery['id']}/battery-schedule", f"{SITE}/{site_id}/price-curve")


async def _called_back(caller: Caller, asset_id: str) -> None:
    when = {"timestamp": "2026-01-20T22:00:00Z"}
    for status in ("RECEIVED", "ACCEPTED", "REJECTED", "FAILED", "EXECUTED", "LOST"):
        await caller.post(f"{ASSET}/{asset_id}/callback/{ZERO}", {"status": status, **when})
    await caller.onboard(assets=[{"external_id": NAMED, "type": "charger"}])
    await caller.post(f"{ASSET}/{NAMED}/callback/{ZERO}?asset_id_is_external=true", {"status": "RECEIVED", **when})
    await caller.post(f"{ASSET}/{ZERO}/callback/{ZERO}", {"status": "RECEIVED", **when})


async def meters(caller: Caller) -> None:
    found = await caller.get("/meter/search?postcode=SW1A+1AA")
    for one in found:
        await caller.get(f"/meter/by-ref/{one['ref']}", f"/meter/{one['ref']}/mpan")
    for address in ADDRESSES:
        await caller.post("/meter/by-address", {"address": address})
        await caller.get(f"/meter/?{urlencode({'address': address})}")
    for mpan in MPANS:
        await caller.post("/meter/by-mpan", {"mpan": mpan})
        await caller.get(f"/meter/{mpan}")
        await caller.post("/validation/mpan", {"mpan": mpan})
    for body in CHECKED:
        await caller.post(f"{SITE}/check-eligibility", body)
    for mpan, details in JUDGED:
        home = {"site": caller.home(mpan=mpan), "assets": [caller.charger(**details)]}
        site_id = (await caller.post(f"{SITE}/initialise", home))["site"]["site_id"]
        await caller.get(f"{SITE}/{site_id}/eligibility")
        await caller.post(f"{SITE}/{site_id}/enrol", PAUSE)
        await caller.offboard(site_id)


async def readings(caller: Caller) -> None:
    _, asset_id, _ = await caller.onboard()
    _, other_id, _ = await caller.onboard()
    times = {"start_timestamp": "2026-01-20T12:00:00Z", "end_timestamp": "2026-01-20T12:30:00Z"}
    later = {"start_timestamp": "2026-01-20T13:00:00Z", "end_timestamp": "2026-01-20T13:30:00Z"}
    sent = [{"asset_id": asset_id, "label": label, "value": value, **times} for label, value in VALUES]
    decreased = {**sent[-1], **later, "value": 90}
    unknown = {**sent[0], "label": "nothing"}
    for body in ([*sent, decreased], [{**sent[0], "asset_id": other_id}, sent[1]], [unknown], []):
        await caller.post("/data/readings", {"readings": body})
    await caller.post("/data/readings", gzip.compress(json.dumps({"readings": sent[:1]}).encode()), packed=True)


async def money(caller: Caller) -> None:
    site_id, asset_id, _ = await caller.onboard()
    site, rewards = f"{SITE}/{site_id}", f"/rewards/{site_id}"
    await caller.get(f"{rewards}/info", f"{rewards}/transactions")
    await caller.get(f"{rewards}/url/balance?redirect_uri=x", f"{rewards}/url/balance")
    await caller.get(f"{site}/flex-events", f"{site}/price-curve", f"{ASSET}/{asset_id}/price-curve")
    body = {"site": caller.home(), "assets": [caller.charger(type="heat pump")]}
    said = await caller.post(f"{SITE}/initialise", body)
    await caller.get(f"{SITE}/{said['site']['site_id']}/price-curve")
    await caller.get("/vpp/home-assistant/event", "/examples/dispatch-event", "/examples/ocpp-charging-profile")
    await caller.get("/auth/users/me/")


async def missing(caller: Caller) -> None:
    """Every operation on a site or an asset that is not there."""
    site, asset, rewards = f"{SITE}/{ZERO}", f"{ASSET}/{ZERO}", f"/rewards/{ZERO}"
    await caller.get(*(site + path for path in ("", "/eligibility", "/flex-events", "/price-curve")))
    await caller.get(*(asset + path for path in ("", "/intent", "/battery-schedule", "/price-curve")))
    await caller.get(f"{rewards}/info", f"{rewards}/transactions", f"{rewards}/url/balance?redirect_uri=x")
    await caller.get(f"{ASSET}/external-id/nobody")
    for path in (site, asset):
        await caller.call("PATCH", path, {})
        await caller.call("DELETE", path)
    for path, body in (
        ("/enrol", PAUSE),
        ("/unenrol", PAUSE),
        ("/dispatch-consent", methods("limited_pause")),
        ("/dispatch-deconsent", methods("limited_pause")),
        ("/meter-consent", LATER),
        ("/token", {"refresh_token": "r"}),
        ("/offboard-site-and-assets", None),
    ):
        await caller.post(site + path, body)
    for path, event in (
        *EVENTS,
        ("/plug-in", {}),
        ("/intent", {"intent": INTENT}),
        ("/tariff-update", {"tariff": TARIFF}),
    ):
        await caller.post(f"{asset}/event{path}", event)
