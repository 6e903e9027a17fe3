"""Journeys of products: charging, dispatch, prices, readings, money, meters."""

from mockaxle.harness.auth import NOBODY
from mockaxle.harness.bodies import SMART_CHARGING, home
from mockaxle.harness.home_journeys import onboarded, onboarding
from mockaxle.harness.journey import Journey
from mockaxle.harness.json_values import JsonObject
from mockaxle.harness.operations import (
    ASSET_PRICES,
    BALANCE,
    BATTERY_SCHEDULE,
    CALL_BACK,
    COMPONENT_TOKEN,
    CONSENT,
    DECONSENT,
    DISPATCH_EXAMPLE,
    EVENT,
    FLEX_EVENTS,
    METER_BY_ADDRESS,
    METER_BY_ADDRESS_OLDER,
    METER_BY_MPAN,
    METER_BY_MPAN_OLDER,
    METER_BY_REF,
    METER_BY_REF_OLDER,
    OFFBOARD,
    ONBOARD,
    PROFILE_EXAMPLE,
    READ_INTENT,
    READ_SITE,
    REGISTER,
    SEARCH_METERS,
    SEND_READINGS,
    SITE_PRICES,
    TODAYS_SCHEDULE,
    TRANSACTIONS,
    WHO,
    WITHDRAWAL_PAGE,
)

POSTCODE = "SW1A 1AA"


def first_look(go: Journey) -> None:
    """Read the own user, and examples of the vendor's calls."""
    who = go.step("read the own user", WHO, rule="A5")
    go.must_be(who, "username", expected=go.run.main.username, rule="A5")
    for operation in (DISPATCH_EXAMPLE, PROFILE_EXAMPLE):
        if operation in go.run.keys:
            go.step(f"see {operation.rpartition('/')[2]}", operation, rule="V6")


def component_token(go: Journey) -> None:
    """Get a token for a user's page, which reaches that user's site only."""
    site_id, _ = onboarded(go)
    form = {
        "external_user_id": go.name_for("user"),
        "allowed_origin": "https://app.example",
        "gave_boundary_meter_consent_at": "2026-01-05T09:00:00Z",
    }
    given = go.step("get a component token", COMPONENT_TOKEN, form=form, rule="A7")
    own_id, token = go.id(given, "id"), go.id(given, "access_token")
    user = go.run.main.with_token(token)
    user.number = go.run.target.tokens
    go.step("read the user's site with it", READ_SITE, account=user, site_id=own_id, rule="A7", grade="M")
    title = "read another site with it, which is not there"
    go.step(title, READ_SITE, account=user, site_id=site_id, status=404, rule="A7", grade="M")
    go.end(own_id)
    go.end(site_id)


def address_look_up(go: Journey) -> None:
    """Find a meter by postcode and address, or by MPAN."""
    found = go.step("search the postcode", SEARCH_METERS, query={"postcode": POSTCODE}, rule="Q9")
    go.must(isinstance(found.json, list), found, rule="Q9", expected="a list of addresses")
    if found.json:
        _picked(go, go.id(found, 0, "ref"), address=_with_postcode(go.id(found, 0, "address")))
    mpan = go.run.homes.next()
    typed = go.step("read a typed MPAN's meter", METER_BY_MPAN, body={"mpan": mpan}, rule="Q9")
    go.must_be(typed, "mpan", expected=mpan, rule="Q8")
    if METER_BY_MPAN_OLDER in go.run.keys:
        go.step("read it the older way", METER_BY_MPAN_OLDER, mpan=mpan, rule="G6")


def _with_postcode(address: str) -> str:
    """Source: Q11."""
    return address if POSTCODE in address.upper() else f"{address}, {POSTCODE}"


def _picked(go: Journey, ref: str, *, address: str) -> None:
    meter = go.step("read the meter picked", METER_BY_REF, meter_ref=ref, rule="Q9", also=(202,))
    if meter.status == 202:
        return  # no meter at this address, which is not a fault
    go.must(isinstance(meter.value("mpan"), str), meter, rule="Q8", expected="an mpan")
    for operation, query in ((METER_BY_REF_OLDER, None), (METER_BY_ADDRESS_OLDER, {"address": address})):
        if operation in go.run.keys:
            same = go.step(f"read it by {operation}", operation, rule="G6", query=query, meter_ref=ref)
            go.must_be(same, "mpan", expected=meter.value("mpan"), rule="Q9")
    if METER_BY_ADDRESS in go.run.keys:
        go.step("read it by its address", METER_BY_ADDRESS, body={"address": address}, rule="Q9")


def charging_session(go: Journey) -> None:
    """Plug in a car at a home in Smart Charging, set its ready-by time, and unplug it."""
    body = onboarding(go, go.run.homes.next()) | {"proposition": SMART_CHARGING}
    made = go.step("onboard the home", ONBOARD, body=body, rule="L2")
    site_id, asset_id = go.id(made, "site", "site_id"), go.id(made, "assets", 0, "asset_id")
    intent: JsonObject = {"energy_required_kwh": 20, "ready_by": "2026-01-21T07:00:00Z"}
    tariff = {"off_peak_times": "23:30-05:30", "timezone": "Europe/London"}
    events: tuple[tuple[str, str, JsonObject], ...] = (
        ("send the off-peak times", "/tariff-update", {"tariff": tariff}),
        ("plug the car in", "/plug-in", {"intent": intent}),
        ("send the driver's intent", "/intent", {"intent": intent}),
        ("charge at once", "/charge-now", {"end_at": "2026-01-20T23:00:00Z"}),
        ("cancel the charge-now", "/charge-now-deleted", {}),
        ("send the intent by the combined event", "", {"event_type": "intent_update", "intent": intent}),
    )
    for name, path, event in events:
        go.step(name, EVENT + path, body=event, asset_id=asset_id, rule="C1")
    read = go.step("read the intent", READ_INTENT, asset_id=asset_id, rule="C4")
    go.must_be(read, "intent.energy_required_kwh", expected=20, rule="C4")
    go.step("unplug the car", f"{EVENT}/plug-out", body={}, asset_id=asset_id, rule="C1")
    _called_back(go, asset_id)
    go.end(site_id)


def _called_back(go: Journey, asset_id: str) -> None:
    if CALL_BACK in go.run.keys:
        status: JsonObject = {"status": "RECEIVED", "timestamp": "2026-01-20T22:00:00Z", "asset_id_is_external": False}
        go.step("report on an event", CALL_BACK, body=status, asset_id=asset_id, event_id=NOBODY, rule="C9", grade="M")


def virtual_power_plant(go: Journey) -> None:
    """Register a home with a battery for dispatch, consent to another method, and withdraw that consent."""
    battery: JsonObject = {"external_id": go.name_for("battery"), "type": "battery", "properties": {"capacity_kwh": 10}}
    body: JsonObject = {
        "site": home(go.run.homes.next()),
        "asset": battery,
        "dispatch_consent": {"dispatch_methods": ["vpp_limited_control"]},
    }
    made = go.step("register the home and the battery", REGISTER, body=body, rule="U11")
    site_id, asset_id = go.id(made, "site", "id"), go.id(made, "asset", "id")
    more = {"dispatch_methods": ["cm_infrequent_dispatch"]}
    consented = go.step("consent to the capacity market", CONSENT, body=more, site_id=site_id, rule="L12")
    go.must_hold(consented, "dispatch_methods", expected={"cm_infrequent_dispatch", "vpp_limited_control"}, rule="L13")
    left = go.step("withdraw that consent", DECONSENT, body=more, site_id=site_id, rule="L12")
    go.must_hold(left, "dispatch_methods", expected={"vpp_limited_control"}, rule="L12")
    if BATTERY_SCHEDULE in go.run.keys:
        go.step("read the battery's schedule", BATTERY_SCHEDULE, asset_id=asset_id, rule="V5")
    if TODAYS_SCHEDULE in go.run.keys:
        go.step("read today's dispatch schedule", TODAYS_SCHEDULE, asset_id=asset_id, rule="G3")
    _called_back(go, asset_id)
    go.end(site_id)


def prices(go: Journey) -> None:
    """Read the price curves of a home with a battery."""
    battery: JsonObject = {"external_id": go.name_for("battery"), "type": "battery", "properties": {"capacity_kwh": 10}}
    body = onboarding(go, go.run.homes.next(), charger=battery) | {"proposition": SMART_CHARGING}
    made = go.step("onboard the home", ONBOARD, body=body, rule="Q4", grade="M")
    site_id, asset_id = go.id(made, "site", "site_id"), go.id(made, "assets", 0, "asset_id")
    go.step("read the site's prices", SITE_PRICES, site_id=site_id, rule="P1")
    go.step("read the battery's prices", ASSET_PRICES, asset_id=asset_id, rule="P1")
    go.end(site_id)


def readings(go: Journey) -> None:
    """Send a charger's readings. Each gets a verdict, and a register never decreases."""
    site_id, asset_id = onboarded(go)
    label = "charger_lifetime_consumption_energy_kwh"
    sent: list[JsonObject] = [
        {
            "asset_id": asset_id,
            "label": label,
            "value": value,
            "start_timestamp": f"2026-01-20T{hour}:00:00Z",
            "end_timestamp": f"2026-01-20T{hour}:30:00Z",
        }
        for hour, value in (("12", 100), ("13", 103), ("14", 90), ("15", 110))
    ]
    answer = go.step("send three values of a register", SEND_READINGS, body={"readings": sent[:3]}, rule="R1")
    verdicts = [one.get("accepted") for one in answer.objects_at("responses")]
    go.must(verdicts[:2] == [True, True], answer, rule="R1", expected="two values accepted")
    go.must(verdicts == [True, True, False], answer, rule="R2", grade="M", expected="accepted, accepted, not accepted")
    packed = go.step(
        "send another value, packed by gzip", SEND_READINGS, body={"readings": sent[1:2]}, rule="R1", packed=True
    )
    go.must_be(packed, "responses.0.accepted", expected=True, rule="R1")
    go.end(site_id)


def payments(go: Journey) -> None:
    """Read a user's balance, transactions and withdrawal page, which offboarding removes."""
    site_id, _ = onboarded(go)
    info = go.step("read the balance", BALANCE, site_id=site_id, rule="W1")
    balance = info.value("current_balance_pence")
    go.must(isinstance(balance, int | float), info, rule="W1", expected="a current_balance_pence")
    go.step("list the transactions", TRANSACTIONS, site_id=site_id, rule="W2")
    if FLEX_EVENTS in go.run.keys:
        go.step("list the flex events", FLEX_EVENTS, site_id=site_id, rule="W4")
    page = go.step("get a withdrawal page", WITHDRAWAL_PAGE, site_id=site_id, query={"redirect_uri": "x"}, rule="W3")
    url = page.value("balance_withdrawal_url")
    go.must(isinstance(url, str) and "/auth/ext/" in url, page, rule="W3", expected="a URL with /auth/ext/")
    go.step("offboard the site", OFFBOARD, site_id=site_id, rule="L6")
    go.step("read the balance, which is gone", BALANCE, site_id=site_id, status=404, rule="L6")
