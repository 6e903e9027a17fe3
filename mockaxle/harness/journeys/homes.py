"""Journeys of homes: signing up, changes and leaving."""

from mockaxle.harness.bodies import LIMITED_PAUSE, NIGHT, home
from mockaxle.harness.journeys.journey import Journey
from mockaxle.harness.json_values import Json, JsonObject
from mockaxle.harness.names import CONSENTED
from mockaxle.harness.operations import (
    ADVISE_OF_CONSENT,
    CHANGE_ASSET,
    CHANGE_SITE,
    CHECK_ELIGIBILITY,
    CREATE_ASSET,
    CREATE_SITE,
    DELETE_ASSET,
    DELETE_SITE,
    ELIGIBILITY,
    ENROL,
    FIND_ASSET,
    HAND_OVER_TOKEN,
    INITIALISE,
    LINK,
    LIST_ASSETS,
    LIST_SITES,
    OFFBOARD,
    ONBOARD,
    PLUG_IN_SCHEDULE,
    READ_ASSET,
    READ_SITE,
    UNENROL,
    VALIDATE_MPAN,
)

PAUSE = {"proposition": LIMITED_PAUSE}
PAGE, MOST_PAGES = 5_000, 20
"""The largest page of a list, and how many are read. Source: U12."""


def sign_up(go: Journey) -> None:
    """Check a user's home, onboard and enrol it in one call, and plug in its car."""
    mpan = go.run.homes.next()
    if VALIDATE_MPAN in go.run.keys:
        valid = go.step("validate the MPAN", VALIDATE_MPAN, body={"mpan": mpan}, of="Q10a")
        go.must_be(valid, "isValid", expected=True, of="Q10a")
    if CHECK_ELIGIBILITY in go.run.keys:
        checked = go.step("check eligibility", CHECK_ELIGIBILITY, body={"mpan": mpan}, of="Q5c")
        go.must(isinstance(checked.value("propositions"), list), checked, of="Q5c", expected="a list of propositions")
    made = go.step("onboard the home", ONBOARD, body=onboarding(go, mpan), of="L1a")
    site_id, asset_id = go.id(made, "site", "site_id"), go.id(made, "assets", 0, "asset_id")
    go.must_be(made, "site.site_created", expected=True, of="U2b")
    go.must_be(made, "enrolment.status", expected="enrolled", of="L1a")
    read = go.step("read the site", READ_SITE, site_id=site_id, of="L13a")
    go.must_hold(read, "dispatch_methods", expected={LIMITED_PAUSE}, of="L13a")
    if READ_ASSET in go.run.keys:
        go.step("read the charger", READ_ASSET, asset_id=asset_id, of="L1a")
    if LIST_SITES in go.run.keys:
        listed = go.step("find it in the list", LIST_SITES, query={"mpan": mpan}, of="U12e")
        go.must_be(listed, "sites.0.id", expected=site_id, of="U12e")
        go.must_be(listed, "page_number", expected=1, of="U12g")
    if PLUG_IN_SCHEDULE in go.run.keys:
        answer = go.step(
            "plug the car in", PLUG_IN_SCHEDULE, body={"charging_schedule": NIGHT}, asset_id=asset_id, of="F1a"
        )
        blocks = answer.value("modified_charging_schedule")
        go.must(isinstance(blocks, list) and bool(blocks), answer, of="F1a", expected="a schedule")
    go.end(site_id)


def advanced_sign_up(go: Journey) -> None:
    """Initialise a home, read its eligibility, and enrol it when the user agrees."""
    site = home(go.run.homes.next())
    made = go.step("initialise the home", INITIALISE, body={"site": site, "assets": [go.charger()]}, of="L1b")
    site_id = go.id(made, "site", "site_id")
    read = go.step("read the site", READ_SITE, site_id=site_id, of="L1b")
    go.must_hold(read, "dispatch_methods", expected=set(), of="L1b")
    eligible = go.step("read its eligibility", ELIGIBILITY, site_id=site_id, of="Q1a")
    go.must(LIMITED_PAUSE in str(eligible.json), eligible, of="Q1a", expected=f"{LIMITED_PAUSE} in the answer")
    enrolled = go.step("enrol it", ENROL, body=PAUSE, site_id=site_id, of="L1c")
    go.must_be(enrolled, "status", expected="enrolled", of="L1c")
    go.end(site_id)


def opt_out_and_return(go: Journey) -> None:
    """Unenrol a home, and enrol it again after the refusal that asks for a confirmation."""
    site_id, _ = onboarded(go)
    left = go.step("unenrol the home", UNENROL, body=PAUSE, site_id=site_id, of="L1d")
    go.must_be(left, "status", expected="unenrolled", of="L1d")
    read = go.step("read the site, which stays", READ_SITE, site_id=site_id, of="L3b")
    go.must_hold(read, "dispatch_methods", expected=set(), of="L3c")
    if go.run.settings.withdrawal_memory:
        title = "enrol it without an override, which is refused"
        go.step(title, ENROL, body=PAUSE, site_id=site_id, status=422, of="L5a")
    overriding: JsonObject = {**PAUSE, "override_withdrawal": True}
    back = go.step("enrol it with override_withdrawal", ENROL, body=overriding, site_id=site_id, of="L5b")
    go.must_be(back, "status", expected="enrolled", of="L5b")
    go.end(site_id)


def add_a_battery(go: Journey) -> None:
    """Add a battery to an enrolled home, which stays enrolled."""
    site_id, _ = onboarded(go)
    battery = {"external_id": go.name_for("battery"), "type": "battery", "site_id": site_id}
    made = go.step("create the battery", CREATE_ASSET, body=battery, of="L9a")
    go.step("read it", READ_ASSET, asset_id=go.id(made, "id"), of="L9a")
    if FIND_ASSET in go.run.keys:
        name = str(battery["external_id"])
        found = go.step("find it by its external id", FIND_ASSET, external_id=name, of="U5a")
        go.must_be(found, "id", expected=made.value("id"), of="U5a")
    if LIST_ASSETS in go.run.keys:
        _listed(go, go.id(made, "id"))
    read = go.step("read the site", READ_SITE, site_id=site_id, of="L9a")
    go.must_hold(read, "dispatch_methods", expected={LIMITED_PAUSE}, of="L9a")
    go.must(len(read.texts_at("asset_ids")) == 2, read, of="L9a", expected="two asset_ids")
    go.end(site_id)


def _listed(go: Journey, asset_id: str) -> None:
    """Check that a page of the list has an asset."""
    for number in range(MOST_PAGES):
        query: dict[str, str | int] = {"limit": PAGE, "offset": number * PAGE}
        listed = go.step("list the assets", LIST_ASSETS, query=query, of="U12f")
        ids = [one.get("id") for one in listed.objects_at("assets")]
        if asset_id in ids or len(ids) < PAGE:
            break
    go.must(asset_id in ids, listed, of="U12f", expected=f"a list with {asset_id}")


def swap_a_charger(go: Journey) -> None:
    """Create a new charger, delete the old one, and plug in at the new one."""
    site_id, old = onboarded(go)
    new = go.step("create the new charger", CREATE_ASSET, body={**go.charger(), "site_id": site_id}, of="L9b")
    new_id = go.id(new, "id")
    go.step("delete the old one", DELETE_ASSET, asset_id=old, status=204, of="G7b")
    if PLUG_IN_SCHEDULE in go.run.keys:
        schedule = {"charging_schedule": NIGHT}
        go.step("plug in at the new one", PLUG_IN_SCHEDULE, body=schedule, asset_id=new_id, of="L9b")
        go.step(
            "plug in at the old one, which is gone",
            PLUG_IN_SCHEDULE,
            body=schedule,
            asset_id=old,
            status=404,
            of="F9b",
        )
    read = go.step("read the site", READ_SITE, site_id=site_id, of="L9b")
    go.must_hold(read, "asset_ids", expected={new_id}, of="L9b")
    go.end(site_id)


def move_house(go: Journey) -> None:
    """Offboard a user's old home, and onboard the new one with the same charger."""
    charger = go.charger()
    site_id, _ = onboarded(go, charger=charger)
    go.step("offboard the old home", OFFBOARD, site_id=site_id, of="L1e")
    go.step("read it, which is gone", READ_SITE, site_id=site_id, status=404, of="L6a")
    body: JsonObject = {"site": home(go.run.homes.next()), "assets": [charger], **PAUSE}
    made = go.step("onboard the new home", ONBOARD, body=body, of="L11a")
    go.must_be(made, "assets.0.asset_created", expected=True, of="L11a")
    go.end(go.id(made, "site", "site_id"))


def new_occupant(go: Journey) -> None:
    """Offboard a home and onboard it for a new user, without traces of the old one."""
    mpan = go.run.homes.next()
    site_id, _ = onboarded(go, mpan=mpan)
    go.step("unenrol the old occupant", UNENROL, body=PAUSE, site_id=site_id, of="L1d")
    go.step("offboard the site", OFFBOARD, site_id=site_id, of="L1e")
    made = go.step("onboard the new occupant", ONBOARD, body=onboarding(go, mpan), of="L7a")
    go.must_be(made, "site.site_created", expected=True, of="L7a")
    fresh = go.id(made, "site", "site_id")
    go.must(fresh != site_id, made, of="L11b", expected="a fresh site_id")
    go.end(fresh)


def change_of_details(go: Journey) -> None:
    """Correct the postcode and the charger's power."""
    site_id, asset_id = onboarded(go)
    changed = go.step("change the postcode", CHANGE_SITE, body={"postcode": "LS1 4AP"}, site_id=site_id, of="U14a")
    stored = (changed.text_at("postcode") or "").replace(" ", "")
    go.must(stored == "LS14AP", changed, of="U14a", expected="postcode LS1 4AP")
    if CHANGE_ASSET in go.run.keys:
        power = {"properties": {"power_kw": 11}}
        changed = go.step("change the charger's power", CHANGE_ASSET, body=power, asset_id=asset_id, of="U14a")
        go.must_be(changed, "properties.power_kw", expected=11, of="U14a")
    go.end(site_id)


def site_by_hand(go: Journey) -> None:
    """Create a site without enrolling it, record its consent, link a device cloud, and delete it."""
    made = go.step("create the site", CREATE_SITE, body=home(go.run.homes.next()), of="U10f")
    site_id = go.id(made, "id")
    if ADVISE_OF_CONSENT in go.run.keys:
        consent = {CONSENTED: "2026-02-02T09:00:00Z"}
        go.step("record the consent", ADVISE_OF_CONSENT, body=consent, site_id=site_id, of="L0q")
    if LINK in go.run.keys:
        linked = go.step("begin to link a cloud", LINK, site_id=site_id, provider="myenergi", of="U15d")
        is_url = str(linked.value("authorization_url")).startswith(("https://", "http://"))
        go.must(is_url, linked, of="U15d", expected="authorization_url with a scheme and a host")
    if HAND_OVER_TOKEN in go.run.keys:
        token = {"token_type": "bearer", "refresh_token": "from-the-cloud"}
        go.step("hand over a token", HAND_OVER_TOKEN, body=token, site_id=site_id, of="U15a")
    go.step("delete the site", DELETE_SITE, site_id=site_id, status=204, of="L10a")
    go.step("read it, which is gone", READ_SITE, site_id=site_id, status=404, of="E4b")


def onboarded(go: Journey, *, mpan: str | None = None, charger: JsonObject | None = None) -> tuple[str, str]:
    """Onboard a home into limited_pause; return the ids of its site and charger."""
    body = onboarding(go, mpan or go.run.homes.next(), charger=charger)
    made = go.step("onboard a home", ONBOARD, body=body, of="L1a")
    return go.id(made, "site", "site_id"), go.id(made, "assets", 0, "asset_id")


def onboarding(go: Journey, mpan: str, *, charger: JsonObject | None = None) -> dict[str, Json]:
    return {"site": home(mpan), "assets": [charger or go.charger()], **PAUSE}
