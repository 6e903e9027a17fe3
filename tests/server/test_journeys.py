"""The common scenarios of a site's life, one test each."""

import pytest

from tests.calling import CHARGER, HOME, NIGHT, Answer, Caller

PAUSE = {"proposition": "limited_pause"}


def onboard(caller: Caller) -> tuple[str, str]:
    body = caller.onboard().json
    return body["site"]["site_id"], body["assets"][0]["asset_id"]


def state_of(caller: Caller, site_id: str) -> str:
    """As the vendor's diagram names it."""
    answer = caller.get(f"/entities/site/{site_id}")
    if answer.status == 404:
        return "Deleted"
    return "Active" if answer.json["dispatch_methods"] else "Inactive"


def enrol(caller: Caller, site_id: str, **more: object) -> Answer:
    return caller.post(f"/entities/site/{site_id}/enrol", {**PAUSE, **more})


def unenrol(caller: Caller, site_id: str) -> Answer:
    return caller.post(f"/entities/site/{site_id}/unenrol", PAUSE)


def offboard(caller: Caller, site_id: str) -> Answer:
    return caller.post(f"/entities/site/{site_id}/offboard-site-and-assets")


@pytest.mark.rule("L1", "L3", "L4")
def test_one_call_per_arrow_of_the_diagram(acme: Caller) -> None:
    site_id = acme.post("/entities/site/initialise", {"site": HOME, "assets": [CHARGER]}).json["site"]["site_id"]
    assert state_of(acme, site_id) == "Inactive"
    assert enrol(acme, site_id).json == {"site_id": site_id, "status": "enrolled"}
    assert enrol(acme, site_id).json["status"] == "already_enrolled"
    assert state_of(acme, site_id) == "Active"
    assert unenrol(acme, site_id).json == {"site_id": site_id, "status": "unenrolled"}
    assert unenrol(acme, site_id).json["status"] == "already_unenrolled"
    assert state_of(acme, site_id) == "Inactive"
    assert enrol(acme, site_id, override_withdrawal=True).json["status"] == "enrolled"
    assert offboard(acme, site_id).status == 200
    assert state_of(acme, site_id) == "Deleted"


@pytest.mark.rule("L9")
def test_add_a_battery(acme: Caller) -> None:
    site_id, _ = onboard(acme)
    battery = {"external_id": "battery-2", "type": "battery", "site_id": site_id}
    assert acme.post("/entities/asset", battery).status == 200
    assert state_of(acme, site_id) == "Active"


@pytest.mark.rule("L9")
def test_remove_the_last_asset(acme: Caller) -> None:
    site_id, asset_id = onboard(acme)
    assert acme.call("DELETE", f"/entities/asset/{asset_id}").status == 204
    assert state_of(acme, site_id) == "Active"


@pytest.mark.rule("L9")
def test_swap_a_charger(acme: Caller) -> None:
    site_id, old = onboard(acme)
    new = acme.post("/entities/asset", {**CHARGER, "external_id": "wallbox-8", "site_id": site_id}).json["id"]
    assert acme.call("DELETE", f"/entities/asset/{old}").status == 204
    assert acme.get(f"/entities/site/{site_id}").json["asset_ids"] == [new]
    assert acme.plug_in(new, NIGHT).rules == ("F5",)
    assert acme.plug_in(old, NIGHT).status == 404


@pytest.mark.rule("L5", "L4")
def test_opt_out_and_come_back(acme: Caller) -> None:
    site_id, asset_id = onboard(acme)
    unenrol(acme, site_id)
    assert acme.plug_in(asset_id, NIGHT).status == 403
    refused = enrol(acme, site_id)
    assert (refused.status, refused.json) == (422, {"detail": f"Site {site_id} has withdrawn from limited_pause"})
    assert "lifecycle page" in refused.response.why.hint
    assert acme.onboard().status == 422
    assert acme.onboard(override_withdrawal=True).json["enrolment"]["status"] == "enrolled"
    unenrol(acme, site_id)
    assert enrol(acme, site_id, override_withdrawal=True).json["status"] == "enrolled"
    assert acme.plug_in(asset_id, NIGHT).rules == ("F5",)


@pytest.mark.rule("L6", "L7")
def test_offboard_and_onboard_again(acme: Caller) -> None:
    site_id, asset_id = onboard(acme)
    before = [acme.get(f"/entities/{noun}/{id}").json for noun, id in (("site", site_id), ("asset", asset_id))]
    assert offboard(acme, site_id).json == {"site": before[0], "asset": before[1]}
    assert offboard(acme, site_id).status == 404
    assert acme.get(f"/entities/asset/{asset_id}").status == 404
    again = acme.onboard().json
    assert again["site"]["site_created"] is again["assets"][0]["asset_created"] is True
    assert again["site"]["site_id"] != site_id
    assert again["enrolment"]["status"] == "enrolled"


@pytest.mark.rule("L7", "L5")
def test_offboarding_forgets_a_withdrawal(acme: Caller) -> None:
    site_id, _ = onboard(acme)
    unenrol(acme, site_id)
    offboard(acme, site_id)
    assert acme.onboard().json["enrolment"]["status"] == "enrolled"


@pytest.mark.rule("L6")
def test_a_site_without_assets_is_not_offboarded(acme: Caller) -> None:
    site_id, asset_id = onboard(acme)
    acme.call("DELETE", f"/entities/asset/{asset_id}")
    before = acme.state
    refused = offboard(acme, site_id)
    assert (refused.status, refused.json) == (400, {"detail": f"Site {site_id} has no assets to offboard"})
    assert acme.state is before


@pytest.mark.rule("L11")
def test_move_house(acme: Caller) -> None:
    site_id, _ = onboard(acme)
    offboard(acme, site_id)
    moved = acme.onboard(site={"mpan": "1000000000099", "postcode": "LS1 4AP", "street_address": "1 New Road"}).json
    assert moved["site"]["site_created"] is moved["assets"][0]["asset_created"] is True


@pytest.mark.rule("L11")
def test_new_occupant_at_the_same_mpan(acme: Caller) -> None:
    site_id, _ = onboard(acme)
    offboard(acme, site_id)
    newcomer = acme.onboard(site={"email": "new@example.org"}, assets=[{**CHARGER, "external_id": "theirs"}]).json
    assert newcomer["site"]["site_created"] is True
    assert newcomer["site"]["site_id"] != site_id


@pytest.mark.rule("L8")
def test_an_inactive_site_can_be_read_updated_and_given_assets(acme: Caller) -> None:
    site_id = acme.post("/entities/site", HOME).json["id"]
    assert acme.call("PATCH", f"/entities/site/{site_id}", {"address": "9 Canal Row"}).status == 200
    asset_id = acme.post("/entities/asset", {**CHARGER, "site_id": site_id}).json["id"]
    assert acme.call("DELETE", f"/entities/asset/{asset_id}").status == 204
    assert state_of(acme, site_id) == "Inactive"


@pytest.mark.rule("U4", "L4", "Q2")
def test_consent_given_at_enrol_overwrites_unless_the_site_is_enrolled_already(acme: Caller) -> None:
    body = {"site": {**HOME}, "assets": [CHARGER]}
    site_id = acme.post("/entities/site/initialise", body).json["site"]["site_id"]

    def consent() -> object:
        return acme.get(f"/entities/site/{site_id}").json["gave_boundary_meter_consent_at"]

    enrol(acme, site_id, gave_boundary_meter_consent_at="2026-02-02T00:00:00+01:00")
    assert consent() == "2026-02-01T23:00:00+00:00"
    enrol(acme, site_id, gave_boundary_meter_consent_at="2026-03-03T00:00:00Z")
    assert consent() == "2026-02-01T23:00:00+00:00"


@pytest.mark.rule("Q2", "E1", "U1")
def test_consent_missing_at_enrol_is_422_and_may_come_with_it_or_before(acme: Caller) -> None:
    heat_pump = {"external_id": "h", "type": "heat pump", "asset_model": "zappi", "installation_date": "2025-11-03"}
    site = {key: value for key, value in HOME.items() if key != "gave_boundary_meter_consent_at"}
    body = {"site": site, "assets": [heat_pump, CHARGER]}
    site_id = acme.post("/entities/site/initialise", body).json["site"]["site_id"]
    before = acme.state
    for refused in (enrol(acme, site_id), acme.onboard(site={"gave_boundary_meter_consent_at": None})):
        text = "Not eligible for limited_pause: consent to the boundary meter is missing"
        assert (refused.status, refused.json) == (422, {"detail": text})
        assert acme.state is before
    given = acme.post(
        f"/entities/site/{site_id}/meter-consent", {"gave_boundary_meter_consent_at": "2026-01-05T09:00Z"}
    )
    assert given.json["gave_boundary_meter_consent_at"] == "2026-01-05T09:00:00+00:00"
    assert enrol(acme, site_id).json["status"] == "enrolled"


@pytest.mark.rule("L12", "L2", "L13")
def test_dispatch_methods_are_added_and_removed(acme: Caller) -> None:
    site_id, _ = onboard(acme)

    def send(verb: str, *methods: str) -> Answer:
        return acme.post(f"/entities/site/{site_id}/dispatch-{verb}", {"dispatch_methods": methods})

    both = send("consent", "vpp_limited_control", "cm_infrequent_dispatch").json
    assert both["dispatch_methods"] == ["cm_infrequent_dispatch", "limited_pause", "vpp_limited_control"]
    assert both["markets"] == ["cm", "wholesale"]
    assert send("consent").json == both
    left = send("deconsent", "limited_pause", "cm_infrequent_dispatch").json
    assert (left["dispatch_methods"], left["markets"]) == (["vpp_limited_control"], [])
    assert enrol(acme, site_id).status == 422
    assert send("consent", "limited_pause").json["dispatch_methods"] == ["limited_pause", "vpp_limited_control"]


@pytest.mark.rule("G9", "E5")
def test_repeated_dispatch_methods_are_refused(acme: Caller) -> None:
    site_id, _ = onboard(acme)
    methods = ["vpp_limited_control"] * 2
    answer = acme.post(f"/entities/site/{site_id}/dispatch-consent", {"dispatch_methods": methods})
    assert [(i["loc"], i["type"]) for i in answer.json["detail"]] == [
        (["body", "dispatch_methods"], "value_error.list.unique_items")
    ]


def register(caller: Caller, *methods: str, site: dict[str, object] | None = None) -> Answer:
    kept = {key: value for key, value in {**HOME, **(site or {})}.items() if value is not None}
    body = {"site": kept, "asset": CHARGER, "dispatch_consent": {"dispatch_methods": methods}}
    return caller.post("/entities/site/onboard-site-and-asset", body)


@pytest.mark.rule("U11", "G6", "L2")
def test_the_older_way_to_onboard(acme: Caller) -> None:
    answer = register(acme, "limited_pause", "vpp_limited_control")
    assert answer.status == 200
    assert answer.json["site"]["dispatch_methods"] == ["limited_pause", "vpp_limited_control"]
    assert answer.json["asset"]["external_id"] == "wallbox-7"
    assert answer.json["site"] == acme.get(f"/entities/site/{answer.json['site']['id']}").json


@pytest.mark.rule("U11", "U8", "E3")
def test_the_older_way_refuses_in_the_order_of_the_rules(acme: Caller) -> None:
    onboard(acme)
    wrong: dict[str, object] = {"mpan": "1", "email": "x", "gave_boundary_meter_consent_at": None}
    order = []
    for repair in ({"mpan": HOME["mpan"]}, {"mpan": "1000000000099"}, "free the id", {"email": "a@b"}):
        order.append((refused := register(acme, "limited_pause", site=wrong)).status)
        if isinstance(repair, dict):
            wrong |= repair
        else:
            asset_id = acme.get("/entities/asset").json["assets"][0]["id"]
            acme.call("DELETE", f"/entities/asset/{asset_id}")
    assert refused.rules == ("U7",)
    assert [*order, register(acme, "limited_pause", site=wrong).status] == [422, 409, 409, 400, 400]


@pytest.mark.rule("U11")
def test_the_older_way_never_fills_in(acme: Caller) -> None:
    site_id, _ = onboard(acme)
    assert register(acme).json == {"detail": f"The MPAN belongs to site {site_id}"}
    taken = register(acme, site={"mpan": "1000000000099"})
    assert (taken.status, taken.json) == (409, {"detail": "External id 'wallbox-7' is already registered"})


@pytest.mark.rule("U11", "Q1", "Q2")
def test_the_older_way_asks_for_eligibility_and_consent_for_the_propositions_only(acme: Caller) -> None:
    no_consent: dict[str, object] = {"gave_boundary_meter_consent_at": None}
    before = acme.state
    assert register(acme, "limited_pause", site=no_consent).rules == ("U7",)
    non_domestic: dict[str, object] = {"mpan": "1400000000039"}
    assert register(acme, "vpp_limited_control", "limited_pause", site=non_domestic).rules == ("Q1",)
    assert acme.state is before
    assert register(acme, "vpp_limited_control", site={**non_domestic, **no_consent}).status == 200
