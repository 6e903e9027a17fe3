"""Calls of the lifecycle and of lists: homes, their upserts, sites made by hand, and lists."""

from typing import Any

from tests.mutants.caller import ASSET, CONSENT_AT, LATER, PAUSE, SITE, SITES, SMART, Caller, methods, without

FURTHER = ("cm_infrequent_dispatch", "vpp_limited_control")
TARIFF = {"tariff_type": "dual_rate", "tariff_cheap_start_time": "23:30:00", "tariff_cheap_end_time": "05:30:00"}
DETAILS: dict[str, Any] = {
    "properties": {"power_kw": 7.4, "capacity_kwh": 10},
    "asset_model": "zappi",
    "installation_date": "2025-11-03",
}
CHANGES: tuple[dict[str, Any], ...] = (
    {"properties": {"power_kw": 3.6}},
    {"properties": {"capacity_kwh": 5}},
    {"asset_model": "basic_charger"},
    {"installation_date": "2025-12-03"},
)
PAGES = ("", "?limit=0", "?limit=5001", "?limit=5000", "?offset=-1", "?offset=1", "?limit=2", "?limit=5&offset=5")


async def homes(caller: Caller) -> None:
    """A home is onboarded, opts out and returns, takes further methods, and leaves."""
    site_id, asset_id, body = await caller.onboard()
    site, found = f"{SITE}/{site_id}", f"{SITES}mpan={body['site']['mpan']}"
    for _ in range(2):
        await caller.post(f"{SITE}/onboard", body)
    await caller.get(site, found, f"{ASSET}/{asset_id}", ASSET, f"{site}/eligibility")
    await caller.call("PATCH", site, {"postcode": "M1 1AF"})
    for path, sent in (("enrol", PAUSE), ("enrol", PAUSE | LATER), ("unenrol", PAUSE), ("unenrol", PAUSE)):
        await caller.post(f"{site}/{path}", sent)
    await caller.get(site, f"{ASSET}/{asset_id}", f"/rewards/{site_id}/info", f"{SITES}limit=3")
    await caller.call("PATCH", site, {"postcode": "LS1 4AP"})
    await caller.post(f"{site}/enrol", PAUSE)
    await caller.post(f"{SITE}/onboard", {**body, "site": {**body["site"], "street_address": "7 Canal Row"}})
    await _further(caller, site)
    await caller.post(f"{site}/meter-consent", LATER)
    await caller.get(site, found)
    await caller.call("DELETE", site)
    await _left(caller, site_id, asset_id, body=body)


async def _further(caller: Caller, site: str) -> None:
    for sent in (PAUSE | {"override_withdrawal": True}, SMART, SMART, {"proposition": FURTHER[0]}):
        await caller.post(f"{site}/enrol", sent)
        await caller.get(site)
    for path, named in (
        ("dispatch-consent", FURTHER),
        ("dispatch-consent", FURTHER[1:]),
        ("dispatch-consent", ()),
        ("dispatch-deconsent", FURTHER[:1]),
        ("dispatch-deconsent", ("limited_pause", "full_asset_schedule_control")),
    ):
        await caller.post(f"{site}/{path}", methods(*named))
        await caller.get(site)


async def _left(caller: Caller, site_id: str, asset_id: str, *, body: Any) -> None:
    """A home that is offboarded, what remains of it, and its return."""
    site, asset = f"{SITE}/{site_id}", f"{ASSET}/{asset_id}"
    await caller.get(site)
    for _ in range(2):
        await caller.post(f"{site}/offboard-site-and-assets")
    await caller.get(f"{ASSET}/external-id/{body['assets'][0]['external_id']}")
    await caller.get(site, SITE, ASSET, asset, f"/rewards/{site_id}/info")
    await caller.call("PATCH", asset, {"properties": {"power_kw": 3}})
    await caller.post(f"{asset}/event/plug-in-schedule", {"charging_schedule": []})
    again = await caller.post(f"{SITE}/onboard", body)
    await caller.get(f"{SITE}/{again['site']['site_id']}")
    await caller.offboard(again["site"]["site_id"])


async def upserts(caller: Caller) -> None:
    """A home is initialised and filled in; then assets and homes that are refused."""
    home, asset = caller.home(), {"type": "charger", "external_id": "Bare"}
    battery = {"type": "battery", "external_id": "Second", "properties": {"capacity_kwh": 10}}
    first = await caller.post(f"{SITE}/initialise", {"site": home, "assets": [asset]})
    site = f"{SITE}/{first['site']['site_id']}"
    filled = {**home, "street_address": "1 High Street", "email": "ada@example.org", "postcode": "LS1 4AP"}
    for path, more in (("initialise", {}), ("onboard", PAUSE)):
        await caller.post(f"{SITE}/{path}", {"site": filled, "assets": [asset | DETAILS, battery], **more})
        await caller.get(site)
    await caller.get(f"{site}/eligibility")
    for changed in ([{**asset, "type": "battery"}], [asset, asset]):
        await caller.post(f"{SITE}/initialise", {"site": home, "assets": changed})
    await caller.post(f"{SITE}/initialise", {"site": caller.home(), "assets": [asset]})
    for home, sent, to in (
        (caller.home(), {"external_id": "Pump", "type": "heat pump"}, PAUSE),
        (caller.home(), {"external_id": "Pot", "type": "hot water tank"}, SMART),
        (caller.home(email="nobody"), caller.charger(), PAUSE),
        (without(caller.home(), *CONSENT_AT), caller.charger(), PAUSE),
        (caller.home(street_address="5 Low Street"), caller.charger(asset_model="basic_charger"), PAUSE),
        (caller.home(mpan="1200000000020"), caller.charger(asset_model="basic_charger"), PAUSE),
        (caller.home(surprise=1), caller.charger(), PAUSE),
    ):
        await caller.post(f"{SITE}/onboard", {"site": home, "assets": [sent], **to})
    await _registered(caller)


async def _registered(caller: Caller) -> None:
    path, consent = f"{SITE}/onboard-site-and-asset", {"dispatch_consent": methods(*FURTHER)}
    body = {"site": caller.home(street_address="8 Canal Row"), "asset": caller.charger(), **consent}
    made = await caller.post(path, body)
    await caller.post(path, body)
    await caller.post(path, {**body, "site": caller.home()})
    await caller.post(path, {"site": caller.home(), "asset": caller.charger(), "dispatch_consent": methods()})
    await caller.get(f"{SITE}/{made['site']['id']}")
    await caller.offboard(made["site"]["id"])


async def sites(caller: Caller) -> None:
    """A site is created, changed field by field, gets assets of each type, and a device cloud."""
    home = caller.home(street_address="9 Canal Row", email="ada@example.org")
    made = await caller.post(SITE, home)
    site = f"{SITE}/{made['id']}"
    for refused in ({**home, "mpan": caller.mpan()}, caller.home(email="nobody"), caller.home(mpan=home["mpan"])):
        await caller.post(SITE, refused)
    await caller.get(site)
    for change in (
        {"address": "10 Canal Row"},
        {"postcode": "LS1 4AP"},
        {"tariff": TARIFF},
        {"tariff": {"tariff_type": "smart"}},
        {"mpan": caller.mpan()},
        {"email": "bob@example.org"},
        {"surprise": 1},
        {"mpan": "1"},
    ):
        await caller.call("PATCH", site, change)
        await caller.get(site, f"{SITES}limit=5000")
    await caller.post(f"{site}/enrol", PAUSE)
    await _assets(caller, made["id"])
    for sent in ({"token_type": "bearer"}, {"token_type": "API_KEY"}, {"refresh_token": "r"}):
        await caller.post(f"{site}/token", sent)
    await caller.get(f"{site}/oauth/myenergi/initiate")
    await _deleted(caller)


async def _assets(caller: Caller, site_id: str) -> None:
    site = f"{SITE}/{site_id}"
    asset = {"external_id": "By-hand", "type": "battery", "site_id": site_id, "serial_number": "S1"}
    battery = await caller.post(ASSET, {**asset, **DETAILS})
    for kind in ("electric_vehicle", "hot water tank", "heat pump", "pv inverter"):
        other = {"external_id": f"By-hand-{kind}", "type": kind, "properties": {"power_kw": 2.5}}
        await caller.post(ASSET, {**asset, **other})
    await caller.post(ASSET, asset)
    path = f"{ASSET}/{battery['id']}"
    for change in CHANGES:
        await caller.call("PATCH", path, change)
        await caller.get(path, f"{ASSET}/external-id/By-hand", ASSET)
    await caller.get(f"{site}/eligibility", site, SITE)
    await caller.call("DELETE", path)
    await caller.get(site, SITE)


async def _deleted(caller: Caller) -> None:
    """Sites without consent: one is deleted, one has a method and no asset left."""
    bare = await caller.post(SITE, without(caller.home(), *CONSENT_AT))
    site = f"{SITE}/{bare['id']}"
    await caller.get(site)
    await caller.post(f"{site}/meter-consent", CONSENT_AT)
    await caller.call("DELETE", site)
    other = await caller.post(SITE, without(caller.home(), *CONSENT_AT))
    site = f"{SITE}/{other['id']}"
    charger = await caller.post(ASSET, caller.charger(site_id=other["id"]))
    await caller.post(f"{site}/enrol", PAUSE)
    await caller.get(f"{site}/eligibility")
    await caller.post(f"{site}/enrol", PAUSE | LATER)
    await caller.call("DELETE", f"{ASSET}/{charger['id']}")
    await caller.call("DELETE", site)
    await caller.post(f"{site}/offboard-site-and-assets")


async def pages(caller: Caller) -> None:
    for _ in range(13):
        await caller.onboard()
    _, _, odd = await caller.onboard(site=caller.home(postcode="LS1 4AP"))
    mpan = odd["site"]["mpan"]
    await caller.get(*(path + page for path in (SITE, ASSET) for page in PAGES))
    for query in ("postcode=LS1+4AP", f"mpan={mpan}", f"mpan={mpan}&postcode=M1+1AE"):
        await caller.get(*[f"{SITES}{query}"] * 3)


async def again(caller: Caller) -> None:
    """Operations that take a home once, as often as it takes for what happens once in ten times."""
    for _ in range(7):
        await caller.post(SITE, caller.home())
        home = caller.home(street_address=f"{caller.count} Ring Road")
        body = {"site": home, "asset": caller.charger(), "dispatch_consent": methods()}
        made = await caller.post(f"{SITE}/onboard-site-and-asset", body)
        await caller.offboard(made["site"]["id"])
