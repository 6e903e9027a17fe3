"""Dispatches: which assets, with what notice, and what follows."""

from typing import Any
from uuid import UUID

import pytest

from mockaxle.world.commands import dispatches
from tests.calling import onboarding
from tests.control.controlling import Controller

FULL, VPP, CM = "full_asset_schedule_control", "vpp_limited_control", "cm_infrequent_dispatch"
SOON = {"start_time": "2040-01-20T12:30:00Z", "end_time": "2040-01-20T13:00:00Z"}
TYPES = ("battery", "charger", "electric_vehicle", "heat pump")
HOMES = {FULL: "1000000000012", VPP: "1200000000020", CM: "1000000000100", "none": "1000000000205"}


class Fleet:
    """Homes in each method with an asset of each type, at noon."""

    def __init__(self, controller: Controller) -> None:
        self.controller = controller
        controller.done("PUT", "/clock", {"at": "2040-01-20T12:00:00Z", "rate": 0})
        controller.log_in()
        self.sites: dict[str, str] = {}
        self.assets: dict[tuple[str, str], str] = {}
        for number, (method, mpan) in enumerate(HOMES.items()):
            body: Any = onboarding(site={"mpan": mpan, "postcode": f"M{number} 1AE"}, proposition=FULL)
            body["assets"] = [{"external_id": f"{method} {type}", "type": type} for type in TYPES]
            verb = "/entities/site/onboard" if method == FULL else "/entities/site/initialise"
            made = controller.call("POST", verb, body).json()
            self.sites[method] = made["site"]["site_id"]
            if method in (VPP, CM):
                path = f"/entities/site/{self.sites[method]}/dispatch-consent"
                controller.call("POST", path, {"dispatch_methods": [method]})
            for type, asset in zip(TYPES, made["assets"], strict=True):
                self.assets[method, type] = asset["asset_id"]

    def dispatch(self, **body: Any) -> Any:
        return self.controller.done("POST", "/dispatches", {**SOON, **body})

    def refused(self, **body: Any) -> tuple[int, str]:
        answer = self.controller.control("POST", "/dispatches", {**SOON, **body})
        return answer.status_code, answer.json()["detail"]

    def named(self, done: Any) -> set[tuple[str, str]]:
        names = {id: name for name, id in self.assets.items()}
        return {names[one["asset_id"]] for one in done["assets"]}


@pytest.fixture
def fleet(controller: Controller) -> Fleet:
    return Fleet(controller)


ALL = {*((FULL, type) for type in TYPES[:3]), (VPP, "battery"), *((CM, type) for type in TYPES)}


@pytest.mark.rule("N15", "V1")
def test_a_dispatch_is_one_message_with_all_its_assets(fleet: Fleet) -> None:
    battery, charger = fleet.assets[VPP, "battery"], fleet.assets[FULL, "charger"]
    assets = [{"asset_id": battery, "power_kw": -5.0}, {"asset_id": charger, "power_kw": 7.4}]
    done = fleet.dispatch(assets=assets)
    UUID(done["event_id"], version=4)
    assert done["assets"] == assets
    (message,) = fleet.controller.done("GET", f"/messages?type=vpp:dispatch:requested&asset={charger}")["messages"]
    assert (done["messages"], message["event_id"], message["asset_id"]) == ([message["id"]], done["event_id"], None)
    assert message["body"]["event_type"] == "vpp:dispatch:requested"
    assert message["body"]["payload"] == {
        "event_id": done["event_id"],
        "issued_timestamp": "2040-01-20T12:00:00+00:00",
        "start_time": "2040-01-20T12:30:00+00:00",
        "end_time": "2040-01-20T13:00:00+00:00",
        "assets": assets,
    }


@pytest.mark.rule("N15")
@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({"fraction": 1}, ALL),
        ({"method": FULL}, {one for one in ALL if one[0] == FULL}),
        ({"site": HOMES[VPP]}, {(VPP, "battery")}),
        ({"postcode": "m2 1ae"}, {one for one in ALL if one[0] == CM}),
        ({"postcode": "M2 1AE", "method": CM, "site": HOMES[CM]}, {one for one in ALL if one[0] == CM}),
    ],
)
def test_conditions_choose_all_assets_that_can_be_dispatched(
    fleet: Fleet, conditions: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    assert fleet.named(fleet.dispatch(power_kw=-3, **conditions)) == expected


@pytest.mark.rule("N15")
def test_a_fraction_is_drawn_anew_for_each_dispatch(fleet: Fleet) -> None:
    drawn = [frozenset(fleet.named(fleet.dispatch(power_kw=-3, fraction=0.5))) for _ in range(8)]
    assert {len(one) for one in drawn} == {4}
    assert len(fleet.named(fleet.dispatch(power_kw=-3, fraction=0.01))) == 1
    assert len(set(drawn)) > 1


@pytest.mark.rule("N15")
def test_an_asset_that_cannot_be_dispatched_is_named(fleet: Fleet) -> None:
    ids = [id for name, id in fleet.assets.items() if name not in ALL]
    for id in (*ids, "nobody"):
        status, detail = fleet.refused(assets=[{"asset_id": id, "power_kw": 1}])
        assert (status, id in detail) == (409, True), detail
    assert fleet.controller.done("GET", "/dispatches") == {"dispatches": []}


@pytest.mark.rule("N16", "G3")
def test_todays_dispatch_schedule_has_the_day_with_production_schedules_only(fleet: Fleet) -> None:
    battery = fleet.assets[VPP, "battery"]
    path, later = f"/entities/asset/{battery}/todays-dispatch-schedule", "2040-01-21T12:30:00Z"
    fleet.dispatch(assets=[{"asset_id": battery, "power_kw": -5}])
    fleet.dispatch(assets=[{"asset_id": battery, "power_kw": 5}], start_time=later, end_time="2040-01-21T13:00:00Z")
    assert fleet.controller.call("GET", path).json() == {"periods": []}
    fleet.controller.done("PATCH", "/settings", {"production_schedules": True})
    first = {"start_timestamp": "2040-01-20T12:30:00+00:00", "end_timestamp": "2040-01-20T13:00:00+00:00"}
    assert fleet.controller.call("GET", path).json() == {"periods": [{**first, "action": "DISCHARGE"}]}
    fleet.controller.done("POST", "/clock/advance", {"by": "24h"})
    fleet.controller.log_in()
    assert [period["action"] for period in fleet.controller.call("GET", path).json()["periods"]] == ["CHARGE"]


@pytest.mark.rule("N16")
def test_a_dispatch_until_midnight_is_not_one_of_the_next_day(fleet: Fleet) -> None:
    battery = fleet.assets[VPP, "battery"]
    late = {"start_time": "2040-01-20T23:00:00Z", "end_time": "2040-01-21T00:00:00Z"}
    fleet.dispatch(assets=[{"asset_id": battery, "power_kw": -5}], **late)
    fleet.controller.done("PATCH", "/settings", {"production_schedules": True})
    fleet.controller.done("POST", "/clock/advance", {"by": "24h"})
    fleet.controller.log_in()
    path = f"/entities/asset/{battery}/todays-dispatch-schedule"
    assert fleet.controller.call("GET", path).json() == {"periods": []}


@pytest.mark.rule("N15", "V2")
@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"power_kw": 1, "fraction": 1, "start_time": "2040-01-20T12:29:59Z"}, 409, "short_notice"),
        ({"power_kw": 1, "fraction": 1, "end_time": "2040-01-20T12:30:00Z"}, 422, "end_time"),
        ({"power_kw": 1, "fraction": 0}, 409, "No asset"),
        ({"power_kw": 1, "site": "nowhere"}, 409, "nowhere"),
        ({"power_kw": 1, "postcode": "ZZ9 9ZZ"}, 409, "No asset"),
        ({"power_kw": 1}, 422, "one or more of"),
        ({"fraction": 1}, 422, "power_kw"),
        ({"assets": []}, 422, "assets"),
        ({"assets": [{"asset_id": "a", "power_kw": 1}] * 2}, 422, "twice"),
        ({"assets": [{"asset_id": "a", "power_kw": 1}], "fraction": 1}, 422, "either"),
        ({"power_kw": 1e9, "fraction": 1}, 422, "power_kw"),
        ({"power_kw": 1, "fraction": 1.5}, 422, "fraction"),
    ],
)
def test_a_wrong_dispatch_is_refused_with_what_would_do(
    fleet: Fleet, body: dict[str, Any], status: int, said: str
) -> None:
    refused = fleet.refused(**body)
    assert (refused[0], said in refused[1]) == (status, True), refused
    assert fleet.controller.done("GET", "/messages?type=vpp:dispatch:requested")["messages"] == []


@pytest.mark.rule("N15")
def test_short_notice_is_taken_if_it_is_meant(fleet: Fleet) -> None:
    late = {"start_time": "2040-01-20T12:01:00Z", "short_notice": True}
    assert fleet.named(fleet.dispatch(power_kw=1, site=HOMES[VPP], **late)) == {(VPP, "battery")}


@pytest.mark.rule("N15")
def test_a_dispatch_cannot_be_withdrawn(fleet: Fleet) -> None:
    refused = fleet.controller.control("DELETE", "/dispatches")
    assert (refused.status_code, "withdrawn" in refused.json()["detail"]) == (405, True)


@pytest.mark.rule("N15")
def test_the_number_of_dispatches_is_limited(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dispatches, "MAX_DISPATCHES", 2)
    monkeypatch.setattr(dispatches, "MAX_DISPATCHED", 9)
    fleet.dispatch(power_kw=1, fraction=1)
    assert fleet.refused(power_kw=1, fraction=1) == (
        409,
        "A world has at most 2 dispatches, and 9 assets in them. Reset the state first",
    )
    fleet.dispatch(power_kw=1, site=HOMES[VPP])
    assert fleet.refused(power_kw=1, site=HOMES[VPP])[0] == 409


@pytest.mark.rule("N16", "V5")
def test_a_battery_has_the_steps_of_its_dispatches_until_they_end(fleet: Fleet) -> None:
    battery = fleet.assets[VPP, "battery"]

    def schedule() -> Any:
        fleet.controller.log_in()
        return fleet.controller.call("GET", f"/entities/asset/{battery}/battery-schedule").json()

    assert schedule() == {"schedule_steps": [], "schedule_last_updated": "2040-01-20T12:00:00+00:00"}
    later = {"start_time": "2040-01-20T14:00:00Z", "end_time": "2040-01-20T15:00:00Z"}
    fleet.dispatch(power_kw=5, site=HOMES[VPP], **later)
    fleet.controller.done("POST", "/clock/advance", {"by": "1m"})
    fleet.dispatch(power_kw=-5, site=HOMES[VPP], start_time="2040-01-20T13:00:00Z", end_time="2040-01-20T13:30:00Z")
    steps = [
        ("2040-01-20T13:00:00+00:00", "2040-01-20T13:30:00+00:00", "discharge_max"),
        ("2040-01-20T14:00:00+00:00", "2040-01-20T15:00:00+00:00", "charge_max"),
    ]
    for at, left in (("12:01:00", steps), ("13:29:59", steps), ("13:30:00", steps[1:]), ("15:00:00", [])):
        fleet.controller.done("POST", "/clock/advance", {"to": f"2040-01-20T{at}Z"})
        found = schedule()
        assert found["schedule_last_updated"] == "2040-01-20T12:01:00+00:00"
        shown = [(one["start_timestamp"], one["end_timestamp"], one["action"]) for one in found["schedule_steps"]]
        assert (shown, all(one["allow_deviation"] for one in found["schedule_steps"])) == (left, True)


@pytest.mark.rule("N16", "H3")
def test_home_assistant_shows_the_event(fleet: Fleet) -> None:
    fleet.dispatch(power_kw=-5, site=HOMES[VPP])
    fleet.dispatch(power_kw=5, site=HOMES[VPP], start_time="2040-01-20T15:00:00Z", end_time="2040-01-20T16:00:00Z")
    shown = fleet.controller.done("GET", "/home-assistant-events")["events"]
    assert [one["import_export"] for one in shown] == ["export", "import"]
    made = fleet.controller.done("GET", "/dispatches")["dispatches"]
    assert [one["id"] for one in shown] == [one["event_id"] for one in made]


@pytest.mark.rule("N18", "C9")
def test_callbacks_are_kept_for_their_asset_and_event(fleet: Fleet) -> None:
    battery = fleet.assets[VPP, "battery"]
    event_id = fleet.dispatch(power_kw=-5, site=HOMES[VPP])["event_id"]
    for status, event in (("RECEIVED", event_id), ("EXECUTED", event_id), ("FAILED", str(UUID(int=7)))):
        body = {"status": status, "timestamp": "2040-01-20T12:10:00+01:00"}
        path = f"/entities/asset/{battery}/callback/{event}"
        assert fleet.controller.call("POST", path, body).status_code == 200
    (found,) = fleet.controller.done("GET", "/dispatches")["dispatches"]
    kept = {"asset_id": battery, "timestamp": "2040-01-20T11:10:00+00:00", "received_at": "2040-01-20T12:00:00+00:00"}
    assert found["callbacks"] == [{**kept, "status": "RECEIVED"}, {**kept, "status": "EXECUTED"}]
    fleet.controller.call("DELETE", f"/entities/asset/{battery}")
    assert fleet.controller.done("GET", "/dispatches")["dispatches"][0]["callbacks"] == []
