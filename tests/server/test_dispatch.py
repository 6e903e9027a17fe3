"""The dispatch of batteries and other devices."""

import pytest

from tests.calling import HOME, Caller
from tests.clocks import START, ManualClock

BATTERY = {"external_id": "powerpack", "type": "battery"}


def assets(caller: Caller, clock: ManualClock) -> tuple[str, str, str]:
    """Ids of a site, its charger and its battery, which was created an hour later."""
    done = caller.post("/entities/site/initialise", {"site": HOME, "assets": [{"external_id": "w", "type": "charger"}]})
    site_id = done.json["site"]["site_id"]
    clock.advance(minutes=59)
    battery = caller.post("/entities/asset", {**BATTERY, "site_id": site_id}).json
    return site_id, done.json["assets"][0]["asset_id"], battery["id"]


@pytest.mark.rule("V5")
def test_a_battery_without_a_plan_has_no_steps_since_its_creation(acme: Caller, clock: ManualClock) -> None:
    site_id, charger, battery = assets(acme, clock)
    path = f"/entities/asset/{battery}/battery-schedule"
    assert acme.get(path).status == 403
    assert acme.get(f"/entities/asset/{charger}/battery-schedule").status == 404
    for method in ("full_asset_schedule_control", "vpp_limited_control"):
        methods = {"dispatch_methods": [method]}
        acme.post(f"/entities/site/{site_id}/dispatch-consent", methods)
        created_at = START.replace(minute=59).isoformat()
        assert acme.get(path).json == {"schedule_steps": [], "schedule_last_updated": created_at}
        acme.post(f"/entities/site/{site_id}/dispatch-deconsent", methods)
    assert acme.get(path).status == 403


@pytest.mark.rule("G3")
def test_todays_dispatch_is_empty_as_in_the_vendors_sandbox(acme: Caller, clock: ManualClock) -> None:
    _, charger, _ = assets(acme, clock)
    assert acme.get(f"/entities/asset/{charger}/todays-dispatch-schedule").json == {"periods": []}
    assert acme.get("/entities/asset/00000000-0000-4000-8000-000000000000/todays-dispatch-schedule").status == 404
