"""Charging plans read through control."""

from typing import Any

import pytest

from mockaxle.wire.charging_profile import SetChargingProfileRequest
from tests.calling import onboarding
from tests.control.controlling import Controller


@pytest.mark.rule("C6")
def test_a_plan_is_read_as_it_would_be_set_on_the_charger(controller: Controller) -> None:
    controller.done("PUT", "/clock", {"at": "2040-01-20T22:00:00Z", "rate": 0})
    controller.log_in()
    body = onboarding(proposition="full_asset_schedule_control")
    asset_id = controller.call("POST", "/entities/site/onboard", body).json()["assets"][0]["asset_id"]
    refused = controller.control("GET", f"/plans/{asset_id}")
    assert (refused.status_code, "its car is not plugged in" in refused.json()["detail"]) == (404, True)
    controller.call("POST", f"/entities/asset/{asset_id}/event/plug-in", {})

    def profile() -> Any:
        return controller.done("GET", f"/plans/{asset_id}")["csChargingProfiles"]

    assert profile()["chargingSchedule"] == {
        "duration": 32400,
        "startSchedule": "2040-01-20T22:00:00+00:00",
        "chargingRateUnit": "W",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 99999.0, "numberPhases": 1}],
        "minChargingRate": 0.0,
    }
    SetChargingProfileRequest.model_validate_json(controller.control("GET", f"/plans/{asset_id}").text, strict=True)
    assert profile()["chargingProfileId"] == 1


def planned(controller: Controller) -> str:
    """The asset of a car that was plugged in at 22:00 and is to be ready at 07:00."""
    controller.done("PUT", "/clock", {"at": "2040-01-20T22:00:00Z", "rate": 0})
    controller.log_in()
    body = onboarding(proposition="full_asset_schedule_control")
    made = controller.call("POST", "/entities/site/onboard", body).json()
    asset_id: str = made["assets"][0]["asset_id"]
    controller.call("POST", f"/entities/asset/{asset_id}/event/plug-in", {})
    assert controller.control("GET", f"/plans/{asset_id}").status_code == 200
    return asset_id


@pytest.mark.rule("C6")
def test_in_wire_style_plan_and_example_have_the_same_five_nulls_and_in_contract_style_none(
    controller: Controller,
) -> None:
    asset_id = planned(controller)
    unset = {"chargingProfileId", "transactionId", "recurrencyKind", "validFrom", "validTo"}
    for style, expected in (("wire", unset), ("contract", set())):
        controller.done("PATCH", "/settings", {"style": style})
        example = controller.call("GET", "/examples/ocpp-charging-profile").json()
        for one in (controller.done("GET", f"/plans/{asset_id}"), example):
            assert {name for name, value in one["csChargingProfiles"].items() if value is None} == expected
            assert None not in one["csChargingProfiles"]["chargingSchedule"].values()


@pytest.mark.rule("C8")
def test_a_plan_is_shown_until_its_ready_by_and_no_longer(controller: Controller) -> None:
    asset_id = planned(controller)
    for instant, status in (("2040-01-21T06:59:59Z", 200), ("2040-01-21T07:00:00Z", 404)):
        controller.done("POST", "/clock/advance", {"to": instant})
        answer = controller.control("GET", f"/plans/{asset_id}")
        assert answer.status_code == status
    assert "ended at its ready-by, 2040-01-21T07:00:00+00:00" in answer.json()["detail"]


@pytest.mark.rule("C8")
@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("POST", "/entities/site/{site}/unenrol", {"proposition": "full_asset_schedule_control"}),
        ("POST", "/entities/site/{site}/dispatch-deconsent", {"dispatch_methods": ["full_asset_schedule_control"]}),
        ("DELETE", "/entities/asset/{asset}", None),
        ("POST", "/entities/asset/{asset}/event/plug-out", {}),
    ],
)
def test_a_plan_that_has_ended_is_not_shown(controller: Controller, verb: str, path: str, body: Any) -> None:
    asset_id = planned(controller)
    site_id = controller.call("GET", f"/entities/asset/{asset_id}").json()["site_id"]
    assert controller.call(verb, path.format(site=site_id, asset=asset_id), body).status_code in (200, 204)
    assert controller.control("GET", f"/plans/{asset_id}").status_code == 404
