"""Journeys of products: charging, dispatch, prices, readings, money, meters."""

from mockaxle.harness.addresses import NEED_A_METER, NEED_AN_ADDRESS, POSTCODE
from mockaxle.harness.bodies import INTENT, SMART_CHARGING, home
from mockaxle.harness.journeys.homes import onboarded, onboarding
from mockaxle.harness.journeys.journey import Journey
from mockaxle.harness.json_values import JsonObject
from mockaxle.harness.names import CONSENTED, NOBODY
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


def first_look(go: Journey) -> None:
    """Read the own user, and examples of the vendor's calls."""
    who = go.step("read the own user", WHO, of="A5a")
    go.must_be(who, "username", expected=go.run.main.username, of="A5a")
    for operation in (DISPATCH_EXAMPLE, PROFILE_EXAMPLE):
        if operation in go.run.keys:
            go.step(f"see {operation.rpartition('/')[2]}", operation, of="V6a")


def component_token(go: Journey) -> None:
    """Get a token for a user's page, which reaches that user's site only."""
    site_id, _ = onboarded(go)
    form = {
        "external_user_id": go.name_for("user"),
        "allowed_origin": "https://app.example",
        CONSENTED: "2026-01-05T09:00:00Z",
    }
    given = go.step("get a component token", COMPONENT_TOKEN, form=form, of="A7a")
    own_id, token = go.id(given, "id"), go.id(given, "access_token")
    user = go.run.main.with_token(token)
    user.number = go.run.target.tokens
    go.step("read the user's site with it", READ_SITE, account=user, site_id=own_id, of="A7c")
    title = "read another site with it, which is not there"
    go.step(title, READ_SITE, account=user, site_id=site_id, status=404, of="A7g")
    go.end(own_id)
    go.end(site_id)


def address_look_up(go: Journey) -> None:
    """Find a meter by postcode and address, or by MPAN."""
    found = go.step("search the postcode", SEARCH_METERS, query={"postcode": POSTCODE}, of="Q9a")
    go.must(isinstance(found.json, list), found, of="Q9a", expected="a list of addresses")
    if found.json:
        _picked(go, go.id(found, 0, "ref"), address=_with_postcode(go.id(found, 0, "address")))
    else:
        go.run.without_data |= NEED_AN_ADDRESS
    mpan = go.run.homes.next()
    typed = go.step("read a typed MPAN's meter", METER_BY_MPAN, body={"mpan": mpan}, of="Q9b")
    go.must_be(typed, "mpan", expected=mpan, of="Q8a")
    if METER_BY_MPAN_OLDER in go.run.keys:
        go.step("read it the older way", METER_BY_MPAN_OLDER, mpan=mpan, of="G6a")


def _with_postcode(address: str) -> str:
    """Source: Q11."""
    return address if POSTCODE in address.upper() else f"{address}, {POSTCODE}"


def _picked(go: Journey, ref: str, *, address: str) -> None:
    meter = go.step("read the meter picked", METER_BY_REF, meter_ref=ref, of="Q9a", also=(202,))
    if meter.status == 202:
        go.run.without_data |= NEED_A_METER
        return  # no meter at this address, which is not a fault
    go.must(isinstance(meter.value("mpan"), str), meter, of="Q8a", expected="an mpan")
    for operation, query in ((METER_BY_REF_OLDER, None), (METER_BY_ADDRESS_OLDER, {"address": address})):
        if operation in go.run.keys:
            same = go.step(f"read it by {operation}", operation, of="G6a", query=query, meter_ref=ref)
            go.must_be(same, "mpan", expected=meter.value("mpan"), of="Q9a")
    if METER_BY_ADDRESS in go.run.keys:
        go.step("read it by its address", METER_BY_ADDRESS, body={"address": address}, of="Q9a")


def charging_session(go: Journey) -> None:
    """Plug in a car at a home in Smart Charging, set its ready-by time, and unplug it."""
    body = onboarding(go, go.run.homes.next()) | {"proposition": SMART_CHARGING}
    made = go.step("onboard the home", ONBOARD, body=body, of="L2a")
    site_id, asset_id = go.id(made, "site", "site_id"), go.id(made, "assets", 0, "asset_id")
    tariff = {"off_peak_times": "23:30-05:30", "timezone": "Europe/London"}
    events: tuple[tuple[str, str, JsonObject], ...] = (
        ("send the off-peak times", "/tariff-update", {"tariff": tariff}),
        ("plug the car in", "/plug-in", {"intent": INTENT}),
        ("send the driver's intent", "/intent", {"intent": INTENT}),
        ("charge at once", "/charge-now", {"end_at": "2026-01-20T23:00:00Z"}),
        ("cancel the charge-now", "/charge-now-deleted", {}),
        ("send the intent by the combined event", "", {"event_type": "intent_update", "intent": INTENT}),
    )
    for name, path, event in events:
        go.step(name, EVENT + path, body=event, asset_id=asset_id, of="C1a" if path else "C1b")
    read = go.step("read the intent", READ_INTENT, asset_id=asset_id, of="C4e")
    go.must_be(read, "intent.energy_required_kwh", expected=20, of="C4e")
    go.step("unplug the car", f"{EVENT}/plug-out", body={}, asset_id=asset_id, of="C1a")
    _called_back(go, asset_id)
    go.end(site_id)


def _called_back(go: Journey, asset_id: str) -> None:
    if CALL_BACK in go.run.keys:
        status: JsonObject = {"status": "RECEIVED", "timestamp": "2026-01-20T22:00:00Z", "asset_id_is_external": False}
        go.step("report on an event", CALL_BACK, body=status, asset_id=asset_id, event_id=NOBODY, of="C9d")


def virtual_power_plant(go: Journey) -> None:
    """Register a home with a battery for dispatch, consent to another method, and withdraw that consent."""
    battery: JsonObject = {"external_id": go.name_for("battery"), "type": "battery", "properties": {"capacity_kwh": 10}}
    body: JsonObject = {
        "site": home(go.run.homes.next()),
        "asset": battery,
        "dispatch_consent": {"dispatch_methods": ["vpp_limited_control"]},
    }
    made = go.step("register the home and the battery", REGISTER, body=body, of="U11a")
    site_id, asset_id = go.id(made, "site", "id"), go.id(made, "asset", "id")
    more = {"dispatch_methods": ["cm_infrequent_dispatch"]}
    consented = go.step("consent to the capacity market", CONSENT, body=more, site_id=site_id, of="L12a")
    go.must_hold(consented, "dispatch_methods", expected={"cm_infrequent_dispatch", "vpp_limited_control"}, of="L12a")
    left = go.step("withdraw that consent", DECONSENT, body=more, site_id=site_id, of="L12b")
    go.must_hold(left, "dispatch_methods", expected={"vpp_limited_control"}, of="L12b")
    if BATTERY_SCHEDULE in go.run.keys:
        go.step("read the battery's schedule", BATTERY_SCHEDULE, asset_id=asset_id, of="V5a")
    if TODAYS_SCHEDULE in go.run.keys:
        go.step("read today's dispatch schedule", TODAYS_SCHEDULE, asset_id=asset_id, of="G3a")
    _called_back(go, asset_id)
    go.end(site_id)


def prices(go: Journey) -> None:
    """Read the price curves of a home with a battery."""
    battery: JsonObject = {"external_id": go.name_for("battery"), "type": "battery", "properties": {"capacity_kwh": 10}}
    body = onboarding(go, go.run.homes.next(), charger=battery) | {"proposition": SMART_CHARGING}
    made = go.step("onboard the home", ONBOARD, body=body, of="Q4b")
    site_id, asset_id = go.id(made, "site", "site_id"), go.id(made, "assets", 0, "asset_id")
    go.step("read the site's prices", SITE_PRICES, site_id=site_id, of="P1a")
    go.step("read the battery's prices", ASSET_PRICES, asset_id=asset_id, of="P1a")
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
    answer = go.step("send three values of a register", SEND_READINGS, body={"readings": sent[:3]}, of="R1a")
    verdicts = [one.get("accepted") for one in answer.objects_at("responses")]
    go.must(verdicts[:2] == [True, True], answer, of="R2f", expected="two values accepted")
    go.must(verdicts == [True, True, False], answer, of="R2c", expected="accepted, accepted, not accepted")
    packed = go.step(
        "send another value, packed by gzip", SEND_READINGS, body={"readings": sent[1:2]}, of="R1b", packed=True
    )
    go.must_be(packed, "responses.0.accepted", expected=True, of="R1b")
    go.end(site_id)


def payments(go: Journey) -> None:
    """Read a user's balance, transactions and withdrawal page, which offboarding removes."""
    site_id, _ = onboarded(go)
    info = go.step("read the balance", BALANCE, site_id=site_id, of="W1a")
    balance = info.value("current_balance_pence")
    go.must(isinstance(balance, int | float), info, of="W1a", expected="a current_balance_pence")
    go.step("list the transactions", TRANSACTIONS, site_id=site_id, of="W2a")
    if FLEX_EVENTS in go.run.keys:
        go.step("list the flex events", FLEX_EVENTS, site_id=site_id, of="W4a")
    page = go.step("get a withdrawal page", WITHDRAWAL_PAGE, site_id=site_id, query={"redirect_uri": "x"}, of="W3a")
    url = page.value("balance_withdrawal_url")
    go.must(isinstance(url, str) and "/auth/ext/" in url, page, of="W3a", expected="a URL with /auth/ext/")
    go.step("offboard the site", OFFBOARD, site_id=site_id, of="L1e")
    go.step("read the balance, which is gone", BALANCE, site_id=site_id, status=404, of="L6c")
