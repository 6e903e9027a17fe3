"""Charging plans read through control."""

from typing import Any

import pytest

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
    assert profile()["chargingProfileId"] == 1
    controller.done("PATCH", "/settings", {"style": "wire"})
    assert profile()["chargingProfileId"] is None
