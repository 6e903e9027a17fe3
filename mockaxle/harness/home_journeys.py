"""Journeys of homes: signing up, changes and leaving."""

from mockaxle.harness.bodies import LIMITED_PAUSE, NIGHT, home
from mockaxle.harness.journey import Journey
from mockaxle.harness.json_values import Json, JsonObject
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


def sign_up(go: Journey) -> None:
    """Check a user's home, onboard and enrol it in one call, and plug in its car."""
    mpan = go.run.homes.next()
    if VALIDATE_MPAN in go.run.keys:
        valid = go.step("validate the MPAN", VALIDATE_MPAN, body={"mpan": mpan}, rule="Q10", grade="M")
        go.must_be(valid, "isValid", expected=True, rule="Q10", grade="M")
    if CHECK_ELIGIBILITY in go.run.keys:
        checked = go.step("check eligibility", CHECK_ELIGIBILITY, body={"mpan": mpan}, rule="Q5")
        go.must(isinstance(checked.value("propositions"), list), checked, rule="Q5", expected="a list of propositions")
    made = go.step("onboard the home", ONBOARD, body=onboarding(go, mpan), rule="L1")
    site_id, asset_id = go.id(made, "site", "site_id"), go.id(made, "assets", 0, "asset_id")
    go.must_be(made, "site.site_created", expected=True, rule="U2")
    go.must_be(made, "enrolment.status", expected="enrolled", rule="L1")
    read = go.step("read the site", READ_SITE, site_id=site_id, rule="L13")
    go.must_hold(read, "dispatch_methods", expected={LIMITED_PAUSE}, rule="L13")
    if READ_ASSET in go.run.keys:
        go.step("read the charger", READ_ASSET, asset_id=asset_id, rule="L1")
    if LIST_SITES in go.run.keys:
        listed = go.step("find it in the list", LIST_SITES, query={"mpan": mpan}, rule="U12")
        go.must_be(listed, "sites.0.id", expected=site_id, rule="U12")
        go.must_be(listed, "page_number", expected=1, rule="U12", grade="M")
    if PLUG_IN_SCHEDULE in go.run.keys:
        answer = go.step(
            "plug the car in", PLUG_IN_SCHEDULE, body={"charging_schedule": NIGHT}, asset_id=asset_id, rule="F1"
        )
        blocks = answer.value("modified_charging_schedule")
        go.must(isinstance(blocks, list) and bool(blocks), answer, rule="F1", expected="a schedule")
    go.end(site_id)


def advanced_sign_up(go: Journey) -> None:
    """Initialise a home, read its eligibility, and enrol it when the user agrees."""
    site = home(go.run.homes.next())
    made = go.step("initialise the home", INITIALISE, body={"site": site, "assets": [go.charger()]}, rule="L1")
    site_id = go.id(made, "site", "site_id")
    read = go.step("read the site", READ_SITE, site_id=site_id, rule="L1")
    go.must_hold(read, "dispatch_methods", expected=set(), rule="L1")
    eligible = go.step("read its eligibility", ELIGIBILITY, site_id=site_id, rule="Q2")
    go.must(LIMITED_PAUSE in str(eligible.json), eligible, rule="Q2", expected=f"{LIMITED_PAUSE} in the answer")
    enrolled = go.step("enrol it", ENROL, body=PAUSE, site_id=site_id, rule="L1")
    go.must_be(enrolled, "status", expected="enrolled", rule="L1")
    go.end(site_id)


def opt_out_and_return(go: Journey) -> None:
    """Unenrol a home, and enrol it again after the refusal that asks for a confirmation."""
    site_id, _ = onboarded(go)
    left = go.step("unenrol the home", UNENROL, body=PAUSE, site_id=site_id, rule="L1")
    go.must_be(left, "status", expected="unenrolled", rule="L1")
    read = go.step("read the site, which stays", READ_SITE, site_id=site_id, rule="L3")
    go.must_hold(read, "dispatch_methods", expected=set(), rule="L3")
    go.step(
        "enrol it without an override, which is refused",
        ENROL,
        body=PAUSE,
        site_id=site_id,
        status=422,
        rule="L5",
    )
    overriding: JsonObject = {**PAUSE, "override_withdrawal": True}
    back = go.step("enrol it with override_withdrawal", ENROL, body=overriding, site_id=site_id, rule="L5")
    go.must_be(back, "status", expected="enrolled", rule="L5")
    go.end(site_id)


def add_a_battery(go: Journey) -> None:
    """Add a battery to an enrolled home, which stays enrolled."""
    site_id, _ = onboarded(go)
    battery = {"external_id": go.name_for("battery"), "type": "battery", "site_id": site_id}
    made = go.step("create the battery", CREATE_ASSET, body=battery, rule="L9")
    go.step("read it", READ_ASSET, asset_id=go.id(made, "id"), rule="L9")
    if FIND_ASSET in go.run.keys:
        name = str(battery["external_id"])
        found = go.step("find it by its external id", FIND_ASSET, external_id=name, rule="U5", grade="M")
        go.must_be(found, "id", expected=made.value("id"), rule="U5", grade="M")
    if LIST_ASSETS in go.run.keys:
        listed = go.step("list the assets", LIST_ASSETS, query={"limit": 5000}, rule="U12")
        ids = [one.get("id") for one in listed.objects_at("assets")]
        go.must(made.value("id") in ids, listed, rule="U12", expected=f"a list with {made.value('id')}")
    read = go.step("read the site", READ_SITE, site_id=site_id, rule="L9")
    go.must_hold(read, "dispatch_methods", expected={LIMITED_PAUSE}, rule="L9")
    go.must(len(read.texts_at("asset_ids")) == 2, read, rule="L9", expected="two asset_ids")
    go.end(site_id)


def swap_a_charger(go: Journey) -> None:
    """Create a new charger, delete the old one, and plug in at the new one."""
    site_id, old = onboarded(go)
    new = go.step("create the new charger", CREATE_ASSET, body={**go.charger(), "site_id": site_id}, rule="L9")
    new_id = go.id(new, "id")
    go.step("delete the old one", DELETE_ASSET, asset_id=old, status=204, rule="G7")
    if PLUG_IN_SCHEDULE in go.run.keys:
        schedule = {"charging_schedule": NIGHT}
        go.step("plug in at the new one", PLUG_IN_SCHEDULE, body=schedule, asset_id=new_id, rule="L9")
        go.step(
            "plug in at the old one, which is gone",
            PLUG_IN_SCHEDULE,
            body=schedule,
            asset_id=old,
            status=404,
            rule="F9",
        )
    read = go.step("read the site", READ_SITE, site_id=site_id, rule="L9")
    go.must_hold(read, "asset_ids", expected={new_id}, rule="L9")
    go.end(site_id)


def move_house(go: Journey) -> None:
    """Offboard a user's old home, and onboard the new one with the same charger."""
    charger = go.charger()
    site_id, _ = onboarded(go, charger=charger)
    go.step("offboard the old home", OFFBOARD, site_id=site_id, rule="L6")
    go.step("read it, which is gone", READ_SITE, site_id=site_id, status=404, rule="L6")
    body: JsonObject = {"site": home(go.run.homes.next()), "assets": [charger], **PAUSE}
    made = go.step("onboard the new home", ONBOARD, body=body, rule="U5", grade="M")
    go.must_be(made, "assets.0.asset_created", expected=True, rule="U5", grade="M")
    go.end(go.id(made, "site", "site_id"))


def new_occupant(go: Journey) -> None:
    """Offboard a home and onboard it for a new user, without traces of the old one."""
    mpan = go.run.homes.next()
    site_id, _ = onboarded(go, mpan=mpan)
    go.step("unenrol the old occupant", UNENROL, body=PAUSE, site_id=site_id, rule="L3")
    go.step("offboard the site", OFFBOARD, site_id=site_id, rule="L6")
    made = go.step("onboard the new occupant", ONBOARD, body=onboarding(go, mpan), rule="L7")
    go.must_be(made, "site.site_created", expected=True, rule="L7")
    fresh = go.id(made, "site", "site_id")
    go.must(fresh != site_id, made, rule="L7", expected="a fresh site_id")
    go.end(fresh)


def change_of_details(go: Journey) -> None:
    """Correct the postcode and the charger's power."""
    site_id, asset_id = onboarded(go)
    changed = go.step("change the postcode", CHANGE_SITE, body={"postcode": "LS1 4AP"}, site_id=site_id, rule="U14")
    stored = (changed.text_at("postcode") or "").replace(" ", "")
    go.must(stored == "LS14AP", changed, rule="U14", expected="postcode LS1 4AP")
    if CHANGE_ASSET in go.run.keys:
        power = {"properties": {"power_kw": 11}}
        changed = go.step("change the charger's power", CHANGE_ASSET, body=power, asset_id=asset_id, rule="U14")
        go.must_be(changed, "properties.power_kw", expected=11, rule="U14")
    go.end(site_id)


def site_by_hand(go: Journey) -> None:
    """Create a site without enrolling it, record its consent, link a device cloud, and delete it."""
    made = go.step("create the site", CREATE_SITE, body=home(go.run.homes.next()), rule="U10")
    site_id = go.id(made, "id")
    if ADVISE_OF_CONSENT in go.run.keys:
        consent = {"gave_boundary_meter_consent_at": "2026-02-02T09:00:00Z"}
        go.step("record the consent", ADVISE_OF_CONSENT, body=consent, site_id=site_id, rule="L0")
    if LINK in go.run.keys:
        linked = go.step("begin to link a cloud", LINK, site_id=site_id, provider="myenergi", rule="E7", grade="M")
        go.must(isinstance(linked.value("authorization_url"), str), linked, rule="U15", grade="M", expected="a URL")
    if HAND_OVER_TOKEN in go.run.keys:
        token = {"token_type": "bearer", "refresh_token": "from-the-cloud"}
        go.step("hand over a token", HAND_OVER_TOKEN, body=token, site_id=site_id, rule="U15")
    go.step("delete the site", DELETE_SITE, site_id=site_id, status=204, rule="L10")
    go.step("read it, which is gone", READ_SITE, site_id=site_id, status=404, rule="E4")


def onboarded(go: Journey, *, mpan: str | None = None, charger: JsonObject | None = None) -> tuple[str, str]:
    """Onboard a home into limited_pause; return the ids of its site and charger."""
    body = onboarding(go, mpan or go.run.homes.next(), charger=charger)
    made = go.step("onboard a home", ONBOARD, body=body, rule="L1")
    return go.id(made, "site", "site_id"), go.id(made, "assets", 0, "asset_id")


def onboarding(go: Journey, mpan: str, *, charger: JsonObject | None = None) -> dict[str, Json]:
    return {"site": home(mpan), "assets": [charger or go.charger()], **PAUSE}
