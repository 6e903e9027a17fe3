"""Onboarding: what is created, filled in, refused, and that a refusal leaves no trace."""

from typing import Any

import pytest

from mockaxle.app import create_app
from mockaxle.core.reference import UnknownModel
from mockaxle.scenarios.sections import Scenario, SettingsSection
from tests.calling import CHARGER, Answer, Caller, onboarding

NOT_HALF_HOURLY, NON_DOMESTIC = "1200000000020", "1400000000039"
COP11 = {**CHARGER, "asset_model": "zappi", "installation_date": "2025-11-03"}
UNQUALIFIED = {**COP11, "asset_model": "basic_charger"}


def text(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["detail"]


@pytest.mark.rule("L0", "L1", "U2", "G7")
def test_onboarding_creates_and_enrols(acme: Caller) -> None:
    answer = acme.onboard()
    assert answer.status == 200
    site_id, asset_id = answer.json["site"]["site_id"], answer.json["assets"][0]["asset_id"]
    assert answer.json == {
        "site": {"site_id": site_id, "site_created": True, "fields_updated": [], "warnings": []},
        "assets": [
            {
                "asset_id": asset_id,
                "external_id": "wallbox-7",
                "asset_created": True,
                "fields_updated": [],
                "warnings": [],
            }
        ],
        "enrolment": {"site_id": site_id, "status": "enrolled"},
    }


@pytest.mark.rule("U1", "L4")
def test_onboarding_again_changes_nothing(acme: Caller) -> None:
    first, before = acme.onboard(), acme.state
    again = acme.onboard()
    assert acme.state == before
    assert again.json["enrolment"] == {"site_id": first.json["site"]["site_id"], "status": "already_enrolled"}
    assert again.json["site"]["site_created"] is again.json["assets"][0]["asset_created"] is False


@pytest.mark.rule("U3", "L0")
def test_missing_fields_are_filled_and_named(acme: Caller) -> None:
    acme.onboard(site={"street_address": None, "email": None}, assets=[{"external_id": "wallbox-7", "type": "charger"}])
    more = {"power_kw": 7.4, "capacity_kwh": 1}
    again = acme.onboard(assets=[{**COP11, "properties": more}])
    assert again.json["site"]["fields_updated"] == ["street_address", "email"]
    assert again.json["assets"][0]["fields_updated"] == ["properties", "asset_model", "installation_date"]
    assert again.json["enrolment"]["status"] == "already_enrolled"
    asset = acme.get(f"/entities/asset/{again.json['assets'][0]['asset_id']}")
    assert asset.json["properties"] == more


@pytest.mark.rule("U3")
def test_what_differs_is_kept_and_warned_about_without_the_stored_value(acme: Caller) -> None:
    acme.onboard(assets=[COP11])
    site = {
        "postcode": "LS1 4AP", "street_address": "8 Canal Row", "email": "bo@example.org",
        "gave_boundary_meter_consent_at": "2026-02-02T00:00:00Z",
    }  # fmt: skip
    asset = {**COP11, "properties": {"power_kw": 11}, "asset_model": "basic_charger", "installation_date": "2025-01-01"}
    again = acme.onboard(site=site, assets=[asset])
    fields = ["postcode", "street_address", "email", "gave_boundary_meter_consent_at"]
    assert [warning.split()[0] for warning in again.json["site"]["warnings"]] == fields
    warnings = again.json["assets"][0]["warnings"]
    assert [warning.split()[0] for warning in warnings] == ["properties", "asset_model", "installation_date"]
    for stored in ("M1 1AE", "Canal", "ada", "2026-01-05", "7.4", "zappi", "2025-11-03"):
        assert stored not in str(again.json["site"]["warnings"] + warnings)
    assert acme.get(f"/entities/site/{again.json['site']['site_id']}").json["postcode"] == "M1 1AE"


@pytest.mark.rule("U3")
def test_properties_are_merged_key_by_key(acme: Caller) -> None:
    acme.onboard()
    again = acme.onboard(assets=[{**CHARGER, "properties": {"power_kw": 11, "capacity_kwh": 2}}]).json["assets"][0]
    assert again["fields_updated"] == ["properties"]
    assert again["warnings"] == ["properties differs from the stored value, which is kept"]
    asset = acme.get(f"/entities/asset/{again['asset_id']}").json
    assert asset["properties"] == {"power_kw": 7.4, "capacity_kwh": 2}
    partly = acme.onboard(assets=[{**CHARGER, "properties": {"power_kw": 7.4, "capacity_kwh": 2}}]).json["assets"][0]
    assert (partly["fields_updated"], partly["warnings"]) == ([], [])


@pytest.mark.rule("Q1", "Q3")
def test_a_non_domestic_site_is_said_to_be_so_before_its_assets_are_looked_at(acme: Caller) -> None:
    battery = {"external_id": "b", "type": "battery"}
    refused = acme.onboard(site={"mpan": NON_DOMESTIC}, assets=[battery])
    assert text(refused) == (422, "Not eligible for limited_pause: non_domestic_site")


@pytest.mark.rule("Q3")
def test_each_issue_is_listed_once(acme: Caller) -> None:
    chargers = [{"external_id": name, "type": "charger"} for name in "ab"]
    refused = acme.onboard(site={"mpan": NOT_HALF_HOURLY}, assets=chargers)
    assert refused.json["detail"].count("asset_model_not_set") == 1


@pytest.mark.rule("U3", "U9", "G10")
def test_another_spelling_is_no_difference(acme: Caller) -> None:
    acme.onboard()
    site = {
        "postcode": " m11ae ",
        "street_address": "7  CANAL row",
        "gave_boundary_meter_consent_at": "2026-01-05 10:00+01:00",
    }
    again = acme.onboard(site=site)
    assert (again.json["site"]["warnings"], again.json["site"]["fields_updated"]) == ([], [])


@pytest.mark.rule("U9", "U3")
def test_a_postcode_of_another_form_is_compared_without_its_spaces(acme: Caller) -> None:
    acme.onboard(site={"postcode": "D02 X285"})
    again = acme.onboard(site={"postcode": "d02x285"})
    assert again.json["site"]["warnings"] == []


@pytest.mark.rule("U2", "Q5")
def test_an_unknown_model_is_stored_with_a_warning_where_an_upsert_fills_it_in(acme: Caller) -> None:
    asset = {"external_id": "wallbox-7", "type": "charger"}
    assert acme.onboard(assets=[{**asset, "asset_model": "teapot"}]).json["assets"][0]["warnings"] == []
    acme.onboard(site={"mpan": "1000000000099"}, assets=[{**asset, "external_id": "b"}])
    filled = acme.onboard(site={"mpan": "1000000000099"}, assets=[{**asset, "external_id": "b", "asset_model": "pot"}])
    assert filled.json["assets"][0]["fields_updated"] == ["asset_model"]
    assert filled.json["assets"][0]["warnings"] == ["asset_model is not in the catalogue; it is stored nevertheless"]


@pytest.mark.rule("Q5", "E3")
def test_an_unknown_model_is_refused_by_the_setting_before_anything_is_stored() -> None:
    settings = SettingsSection(unknown_model=UnknownModel.REFUSED)
    caller = Caller(create_app(scenario=Scenario(settings=settings)).api)
    odd, known = ([{**CHARGER, "asset_model": model}] for model in ("teapot", "zappi"))
    for call in ("onboard", "initialise"):
        for site in ({}, {"mpan": "1"}):
            body = {name: value for name, value in onboarding(site=site, assets=odd).items() if name in BODIES[call]}
            answer = caller.post(f"/entities/site/{call}", body)
            assert (answer.status, answer.rules) == (404, ("Q5",))
            assert answer.json == {"detail": "Asset model 'teapot' not found"}
    assert caller.get("/entities/site").json["total_num_sites"] == 0
    assert caller.onboard(assets=known).status == 200
    site_id = caller.get("/entities/site").json["sites"][0]["id"]
    asset = {**odd[0], "external_id": "other", "site_id": site_id}
    assert caller.post("/entities/asset", asset).status == 200


BODIES = {"onboard": ("site", "assets", "proposition"), "initialise": ("site", "assets")}


@pytest.mark.rule("L0", "L2", "L13")
def test_both_propositions_may_be_in_force(acme: Caller) -> None:
    acme.onboard()
    second = acme.onboard(proposition="full_asset_schedule_control")
    assert second.json["enrolment"]["status"] == "enrolled"
    site = acme.get(f"/entities/site/{second.json['site']['site_id']}").json
    assert site["dispatch_methods"] == ["full_asset_schedule_control", "limited_pause"]
    assert site["markets"] == ["wholesale"]


@pytest.mark.rule("U5", "U6")
def test_an_external_id_belongs_to_one_site_and_one_type(acme: Caller) -> None:
    acme.onboard()
    elsewhere = acme.onboard(site={"mpan": "1000000000099"})
    assert text(elsewhere) == (409, "External id 'wallbox-7' is registered at another site")
    other_type = acme.onboard(assets=[{**CHARGER, "type": "battery"}])
    assert text(other_type) == (409, "External id 'wallbox-7' is registered as a charger")
    twice = acme.onboard(assets=[CHARGER, {**CHARGER, "external_id": "x"}, {**CHARGER, "external_id": "x"}])
    assert text(twice) == (409, "External id 'x' occurs twice in the request")


@pytest.mark.rule("U8", "E1")
@pytest.mark.parametrize(
    "mpan", ["", "123456789012", "12345678901234", "123456789012a", " 1234567890123", "\u0661234567890123"]
)
def test_an_mpan_has_thirteen_digits(acme: Caller, mpan: str) -> None:
    status, detail = text(acme.onboard(site={"mpan": mpan}))
    assert (status, detail[:23]) == (422, "MPAN must be 13 digits,")


@pytest.mark.rule("U8", "Q7")
def test_the_vendors_sample_mpan_is_taken_though_its_check_digit_is_wrong(acme: Caller) -> None:
    assert acme.onboard(site={"mpan": "1234567890123"}).status == 200


@pytest.mark.rule("U7")
@pytest.mark.parametrize("email", ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\n", f"{'a' * 250}@b.uk"])
def test_an_invalid_email_is_400(acme: Caller, email: str) -> None:
    status, detail = text(acme.onboard(site={"email": email}))
    assert (status, detail[:13]) == (400, "Invalid email")


@pytest.mark.rule("U7")
@pytest.mark.parametrize("email", ["a@b", f"{'a' * 249}@b.uk"])
def test_a_valid_email_is_taken(acme: Caller, email: str) -> None:
    assert acme.onboard(site={"email": email}).status == 200


@pytest.mark.rule("U7", "Q2")
def test_consent_is_needed_unless_an_asset_takes_the_cop11_route(acme: Caller) -> None:
    site = {"gave_boundary_meter_consent_at": None}
    for asset in (CHARGER, {**COP11, "asset_model": "basic_charger"}, {**CHARGER, "asset_model": "zappi"}):
        assert text(acme.onboard(site=site, assets=[asset])) == (400, "Boundary-meter consent is missing")
    assert acme.onboard(site=site, assets=[COP11]).status == 200


@pytest.mark.rule("Q2")
def test_consent_missing_where_the_cop11_asset_does_not_serve_is_422(acme: Caller) -> None:
    site = {"gave_boundary_meter_consent_at": None}
    battery = {"external_id": "b", "type": "battery"}
    acme.onboard(site=site, assets=[COP11])
    refused = acme.onboard(
        site={**site, "mpan": "1000000000099"},
        assets=[{**COP11, "external_id": "h", "type": "heat pump"}, battery],
        proposition="full_asset_schedule_control",
    )
    assert text(refused) == (
        422,
        "Not eligible for full_asset_schedule_control: consent to the boundary meter is missing",
    )


@pytest.mark.rule("Q1", "Q3", "Q4", "Q6", "Q7")
@pytest.mark.parametrize(
    ("mpan", "asset", "proposition", "cause"),
    [
        (NON_DOMESTIC, COP11, "limited_pause", "non_domestic_site"),
        (NOT_HALF_HOURLY, CHARGER, "limited_pause", "asset_model_not_set, asset_installation_date_not_set"),
        (NOT_HALF_HOURLY, {**COP11, "asset_model": "pot"}, "limited_pause", "asset_model_not_found"),
        (NOT_HALF_HOURLY, UNQUALIFIED, "limited_pause", "asset_model_not_cop11_qualified"),
        (NOT_HALF_HOURLY, {**CHARGER, "asset_model": "zappi"}, "limited_pause", "asset_installation_date_not_set"),
        ("1000000000012", {**CHARGER, "type": "battery"}, "limited_pause", "no asset is a charger"),
        (
            "1000000000012",
            {**CHARGER, "type": "hot water tank"},
            "full_asset_schedule_control",
            "no asset is a charger or battery or electric_vehicle",
        ),
    ],
)  # fmt: skip
def test_a_site_that_is_not_eligible_is_422(
    acme: Caller, mpan: str, asset: dict[str, Any], proposition: str, cause: str
) -> None:
    refused = acme.onboard(site={"mpan": mpan}, assets=[asset], proposition=proposition)
    assert text(refused) == (422, f"Not eligible for {proposition}: {cause}")
    assert refused.rules == (("Q4",) if "no asset" in cause else ("Q1",))
    assert refused.response.why.hint


@pytest.mark.rule("Q1", "Q6")
@pytest.mark.parametrize("model", ["zappi", "axle_charger_v1"])
def test_the_cop11_route_needs_no_half_hourly_meter(acme: Caller, model: str) -> None:
    assert acme.onboard(site={"mpan": NOT_HALF_HOURLY}, assets=[{**COP11, "asset_model": model}]).status == 200


@pytest.mark.rule("U1", "E3")
@pytest.mark.parametrize(
    "refused",
    [
        {"site": {"mpan": "1"}},
        {"site": {"email": "x"}},
        {"site": {"gave_boundary_meter_consent_at": None}},
        {"site": {"mpan": NON_DOMESTIC}},
        {"assets": []},
        {"assets": [CHARGER, CHARGER]},
        {"proposition": "cm_infrequent_dispatch"},
    ],
)
def test_a_refused_onboard_leaves_the_very_same_state(acme: Caller, refused: dict[str, Any]) -> None:
    acme.onboard(site={"mpan": "1000000000099"}, assets=[{**CHARGER, "external_id": "other"}])
    before = acme.state
    assert acme.onboard(**refused).status >= 400
    assert acme.state is before


@pytest.mark.rule("E3")
def test_refusals_come_in_the_order_of_the_rules(acme: Caller) -> None:
    wrong: dict[str, Any] = {
        "site": {"mpan": "1", "email": "x", "gave_boundary_meter_consent_at": None},
        "assets": [{**CHARGER, "type": "battery"}] * 2,
    }
    order = []
    for repair in (
        {"mpan": NON_DOMESTIC},
        None,
        {"email": "a@b"},
        {"gave_boundary_meter_consent_at": "2026-01-05T09:00Z"},
    ):
        order.append(acme.onboard(**wrong).status)
        if repair is None:
            wrong["assets"] = wrong["assets"][:1]
        else:
            wrong["site"] |= repair
    assert [*order, acme.onboard(**wrong).status] == [422, 409, 400, 400, 422]


def test_isolation_no_id_of_one_world_exists_in_another(acme: Caller) -> None:
    rival = Caller(acme.api, "rival")
    mine, theirs = acme.onboard().json, rival.onboard().json
    assert mine["site"]["site_created"] is theirs["site"]["site_created"] is True
    ids = [{body["site"]["site_id"], body["assets"][0]["asset_id"]} for body in (mine, theirs)]
    assert not ids[0] & ids[1]


@pytest.mark.rule("E4")
def test_what_is_another_organisations_is_not_found(acme: Caller) -> None:
    rival = Caller(acme.api, "rival")
    body = acme.onboard().json
    site_id, asset_id = body["site"]["site_id"], body["assets"][0]["asset_id"]
    assert text(rival.get(f"/entities/site/{site_id}")) == (404, f"Site {site_id} not found")
    assert text(rival.get(f"/entities/asset/{asset_id}")) == (404, f"Asset {asset_id} not found")
    assert text(rival.plug_in(asset_id, [])) == (404, f"Charger {asset_id} not found")


def test_the_same_seed_and_calls_give_the_same_ids(acme: Caller) -> None:

    assert Caller(create_app().api, "acme").onboard().response.body == acme.onboard().response.body


def test_onboarding_takes_unknown_keys(acme: Caller) -> None:
    body = onboarding()
    body["site"]["colour"] = body["colour"] = {"deep": [1]}
    assert acme.post("/entities/site/onboard", body).status == 200
