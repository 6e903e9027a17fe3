"""The eligibility of sites and homes, as it is reported."""

from typing import Any

import pytest

from mockaxle.app import create_app
from mockaxle.scenarios.sections import ModelSection, Scenario
from tests.calling import CHARGER, HOME, Caller

HALF_HOURLY, NOT_HALF_HOURLY, NON_DOMESTIC = "1000000000012", "1200000000020", "1400000000039"
DATED = {"installation_date": "2025-11-03"}


def initialise(caller: Caller, *assets: dict[str, Any], **site: Any) -> Any:
    kept = {key: value for key, value in {**HOME, **site}.items() if value is not None}
    return caller.post("/entities/site/initialise", {"site": kept, "assets": list(assets)}).json


@pytest.mark.rule("U2", "Q3", "L1")
def test_initialise_creates_without_enrolling_and_tells_the_eligibility(acme: Caller) -> None:
    body = initialise(acme, CHARGER)
    site_id, asset_id = body["site"]["site_id"], body["assets"][0]["asset_id"]
    assert body["site"] == {"site_id": site_id, "site_created": True, "fields_updated": [], "warnings": []}
    assert body["eligibility"] == {
        "eligible_propositions": ["limited_pause", "full_asset_schedule_control"],
        "site_id": site_id,
        "site_properties": {"is_half_hourly_settled": True, "has_meter_consent": True},
        "assets": [
            {
                "asset_id": asset_id,
                "external_id": "wallbox-7",
                "propositions": [
                    {"proposition": "limited_pause", "is_eligible": True, "issues": []},
                    {"proposition": "full_asset_schedule_control", "is_eligible": True, "issues": []},
                ],
            }
        ],
    }
    assert acme.get(f"/entities/site/{site_id}/eligibility").json == body["eligibility"]
    assert acme.get(f"/entities/site/{site_id}").json["dispatch_methods"] == []


def eligibility_of(caller: Caller, mpan: str, **asset: Any) -> tuple[list[str], bool, list[str]]:
    """The eligible propositions, and of limited_pause whether the asset is eligible and its issues."""
    eligibility = initialise(caller, {**CHARGER, **asset}, mpan=mpan)["eligibility"]
    limited_pause = eligibility["assets"][0]["propositions"][0]
    return eligibility["eligible_propositions"], limited_pause["is_eligible"], limited_pause["issues"]


BOTH = ["limited_pause", "full_asset_schedule_control"]


@pytest.mark.rule("Q1", "Q3", "Q4", "Q5")
@pytest.mark.parametrize(
    ("mpan", "asset", "expected"),
    [
        (HALF_HOURLY, {}, (BOTH, True, [])),
        (HALF_HOURLY, {"asset_model": "pot"}, (BOTH, True, ["asset_model_not_found"])),
        (HALF_HOURLY, {"asset_model": "basic_charger"}, (BOTH, True, [])),
        (HALF_HOURLY, {"type": "battery"}, (BOTH[1:], False, [])),
        (HALF_HOURLY, {"type": "electric_vehicle"}, (BOTH[1:], False, [])),
        (HALF_HOURLY, {"type": "heat pump"}, ([], False, [])),
        (NOT_HALF_HOURLY, {}, ([], False, ["asset_model_not_set", "asset_installation_date_not_set"])),
        (NOT_HALF_HOURLY, DATED, ([], False, ["asset_model_not_set"])),
        (NOT_HALF_HOURLY, {"asset_model": "zappi"}, ([], False, ["asset_installation_date_not_set"])),
        (NOT_HALF_HOURLY, {"asset_model": "zappi", **DATED}, (BOTH, True, [])),
        (NOT_HALF_HOURLY, {"asset_model": "basic_charger", **DATED}, ([], False, ["asset_model_not_cop11_qualified"])),
        (NON_DOMESTIC, {}, ([], False, ["non_domestic_site"])),
    ],
)
def test_what_the_issues_are(acme: Caller, mpan: str, asset: dict[str, Any], expected: Any) -> None:
    assert eligibility_of(acme, mpan, **asset) == expected


@pytest.mark.rule("Q3", "Q2")
def test_is_eligible_ignores_consent_but_what_enrol_would_accept_does_not(acme: Caller) -> None:
    heat_pump = {"external_id": "h", "type": "heat pump", "asset_model": "zappi", **DATED}
    body = initialise(acme, CHARGER, heat_pump, gave_boundary_meter_consent_at=None)
    assert body["eligibility"]["eligible_propositions"] == []
    assert body["eligibility"]["assets"][0]["propositions"][0]["is_eligible"] is True
    assert body["eligibility"]["site_properties"]["has_meter_consent"] is False


@pytest.mark.rule("Q3")
def test_what_enrol_would_accept_leaves_out_a_withdrawal_and_holds_what_is_in_force(acme: Caller) -> None:
    site_id = acme.onboard().json["site"]["site_id"]
    asset_id = acme.get(f"/entities/site/{site_id}").json["asset_ids"][0]
    acme.call("DELETE", f"/entities/asset/{asset_id}")

    def accepted() -> Any:
        return acme.get(f"/entities/site/{site_id}/eligibility").json["eligible_propositions"]

    assert accepted() == ["limited_pause"]
    acme.post(f"/entities/site/{site_id}/unenrol", {"proposition": "limited_pause"})
    assert accepted() == []


@pytest.mark.rule("Q3")
def test_an_override_makes_a_model_eligible_and_says_so() -> None:
    catalogue = Scenario(models=(ModelSection(name="special", eligibility_override=True),))
    acme = Caller(create_app(scenario=catalogue).api)
    issues = ["asset_model_enrol_eligibility_override"]
    assert eligibility_of(acme, NOT_HALF_HOURLY, asset_model="special") == (BOTH, True, issues)


def check(caller: Caller, **body: Any) -> Any:
    return caller.post("/entities/site/check-eligibility", body)


@pytest.mark.rule("Q5", "Q7")
@pytest.mark.parametrize(
    ("mpan", "model", "settled", "eligible", "issues"),
    [
        (HALF_HOURLY, None, True, True, []),
        ("9999999999999", None, True, True, []),
        (NOT_HALF_HOURLY, None, False, False, ["asset_model_not_set"]),
        (NOT_HALF_HOURLY, "zappi", False, True, []),
        (NOT_HALF_HOURLY, "basic_charger", False, False, ["asset_model_not_cop11_qualified"]),
        (NON_DOMESTIC, "zappi", True, False, ["non_domestic_site"]),
    ],
)
def test_checking_an_mpan_stores_nothing(
    acme: Caller, mpan: str, model: str | None, settled: bool, eligible: bool, issues: list[str]
) -> None:
    before = acme.state
    answer = check(acme, mpan=mpan, **({"asset_model": model} if model else {}))
    verdict = {"is_eligible": eligible, "issues": issues}
    assert answer.json == {
        "is_half_hourly_settled": settled,
        "propositions": [{"proposition": proposition, **verdict} for proposition in BOTH],
    }
    assert acme.state is before


@pytest.mark.rule("Q5", "U8", "E3", "E1")
def test_an_unknown_model_is_404_before_a_wrong_mpan_is_422(acme: Caller) -> None:
    unknown = check(acme, mpan="1", asset_model="pot")
    assert (unknown.status, unknown.json) == (404, {"detail": "Asset model 'pot' not found"})
    wrong = check(acme, mpan="1")
    item = {"loc": ["body", "mpan"], "msg": "MPAN must be 13 digits, got '1'", "type": "value_error"}
    assert (wrong.status, wrong.json) == (422, {"detail": [item]})
