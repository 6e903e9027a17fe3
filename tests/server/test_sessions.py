"""Events of a charging session, what they leave behind, and the plans that follow."""

from datetime import datetime
from typing import Any

import pytest

from mockaxle.app import create_app
from mockaxle.core.charging_profile import periods
from tests.calling import CHARGER, NIGHT, Answer, Caller
from tests.clocks import ManualClock

INTENT = {"energy_required_kwh": 30, "ready_by": "2026-01-21T07:00:00Z"}
TARIFF = {"off_peak_times": "23:30-05:30", "timezone": "UTC"}
VEHICLE = {"charging_rate_kw": 7.4}
FULL = "full_asset_schedule_control"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


class Car:
    """A charger enrolled in both propositions, and its events."""

    def __init__(self, instant: str = "2026-01-20T22:00:00+00:00", **changes: Any) -> None:
        self.clock = ManualClock(datetime.fromisoformat(instant))
        self.caller = Caller(create_app(clock=self.clock).api)
        done = self.caller.onboard(proposition="full_asset_schedule_control", **changes).json
        self.site_id, self.asset_id = done["site"]["site_id"], done["assets"][0]["asset_id"]
        self.caller.post(f"/entities/site/{self.site_id}/enrol", {"proposition": "limited_pause"})

    def event(self, kind: str, body: Any = None) -> Answer:
        return self.caller.post(f"/entities/asset/{self.asset_id}/event{kind}", {} if body is None else body)

    def tell(self, kind: str, body: Any = None) -> None:
        answer = self.event(kind, body)
        assert (answer.status, answer.json) == (200, None), answer.json

    def plan(self) -> Any:
        """Start, duration and periods of the plan, or None."""
        session = self.caller.state.sessions.get(self.asset_id)
        found = session.plan if session else None
        return found and (found.start_at, (found.ready_at - found.start_at).seconds, periods(found))

    def wait(self, hours: float) -> None:
        self.clock.advance(hours=hours)
        self.caller.token = self.caller.log_in().json["access_token"]


@pytest.mark.rule("C1", "C2", "C6")
@pytest.mark.parametrize(
    ("instant", "zone", "duration", "expected"),
    [
        ("2026-01-20T22:00:00+00:00", "UTC", 32400, ((0, 0.0), (5400, 99999.0), (27000, 0.0))),
        ("2026-04-14T22:00:00+00:00", "Europe/London", 28800, ((0, 0.0), (1800, 99999.0), (23400, 0.0))),
    ],
)
def test_a_plug_in_makes_the_plan_of_the_rules_sample(instant: str, zone: str, duration: int, expected: Any) -> None:
    car = Car(instant)
    intent = {**INTENT, "ready_by_local_time": "07:00:00"}
    car.tell("/plug-in", {"intent": intent, "vehicle": VEHICLE, "tariff": {**TARIFF, "timezone": zone}})
    assert car.plan() == (car.clock.at, duration, expected)


@pytest.mark.rule("C5", "F6")
def test_the_plan_of_a_plug_in_is_made_with_its_own_vehicles_rate() -> None:
    car = Car()
    intent = {**INTENT, "energy_required_kwh": 10, "charging_mode": "minimise_charging_time"}
    for rate, seconds in ((3.7, 10800), (22, 1800)):
        car.tell("/plug-in", {"intent": intent, "vehicle": {"charging_rate_kw": rate}, "tariff": TARIFF})
        assert car.plan()[2] == ((0, 0.0), (5400, 99999.0), (5400 + seconds, 0.0))


@pytest.mark.rule("C1")
def test_the_combined_event_does_what_the_five_do() -> None:
    one, other = Car(), Car()
    steps: list[tuple[str, str, dict[str, Any]]] = [
        ("/plug-in", "plug_in", {"intent": INTENT, "vehicle": VEHICLE, "tariff": TARIFF}),
        ("/intent", "intent_update", {"intent": {**INTENT, "energy_required_kwh": 5}}),
        ("/charge-now", "charge_now", {"end_at": "2026-01-20T23:00:00Z"}),
        ("/charge-now-deleted", "charge_now_deleted", {}),
        ("/plug-out", "plug_out", {}),
    ]
    for path, event_type, body in steps:
        one.tell(path, body)
        other.tell("", {"event_type": event_type, **body})
        assert one.caller.state.sessions == other.caller.state.sessions
        assert one.caller.state.sessions.get(one.asset_id) is not None


@pytest.mark.rule("C1")
@pytest.mark.parametrize(("event_type", "missing"), [("intent_update", "intent"), ("charge_now", "end_at")])
def test_a_combined_event_without_what_it_needs_is_400(event_type: str, missing: str) -> None:
    answer = Car().event("", {"event_type": event_type})
    assert (answer.status, answer.json["detail"]) == (400, f"An event of type {event_type} needs {missing}")


@pytest.mark.rule("C3", "E4")
def test_a_bad_tariff_is_400_and_an_unknown_asset_404_first() -> None:
    car = Car()
    bad = {"tariff": {**TARIFF, "off_peak_times": "25:00-26:00"}}
    for path, body in (("/tariff-update", bad), ("/plug-in", bad), ("", {"event_type": "plug_in", **bad})):
        before = car.caller.state
        assert car.event(path, body).status == 400
        assert car.caller.state is before
        assert car.caller.post(f"/entities/asset/{UNKNOWN}/event{path}", body).status == 404


@pytest.mark.rule("C4")
def test_the_latest_intent_is_answered_with_its_local_time_filled_in() -> None:
    car = Car("2026-06-20T20:00:00+00:00")
    path = f"/entities/asset/{car.asset_id}/intent"
    assert car.caller.get(path).status == 404
    car.tell("/intent", {"intent": {**INTENT, "ready_by": "2020-07-01T06:30:00Z"}})
    answer = car.caller.get(path).json
    assert answer["intent"]["ready_by_local_time"].startswith("07:30")
    assert (answer["intent"]["may_charge_peak"], answer["intent"]["charging_mode"]) == (False, "maximise_charging_time")
    assert answer["received_at"] == "2026-06-20T20:00:00+00:00"
    car.tell("/tariff-update", {"tariff": TARIFF})
    assert car.caller.get(path).json["intent"]["ready_by_local_time"].startswith("06:30")
    car.tell("/intent", {"intent": {**INTENT, "ready_by_local_time": "05:15:00"}})
    assert car.caller.get(path).json["intent"]["ready_by_local_time"].startswith("05:15")


@pytest.mark.rule("C4", "C10")
def test_ready_by_is_the_first_such_time_after_the_plug_in() -> None:
    car = Car()
    for local, hours in (("07:00", 9), ("22:30", 0.5), ("22:00", 24), ("21:59", 23 + 59 / 60)):
        car.tell("/plug-in", {"intent": {**INTENT, "ready_by_local_time": f"{local}:00"}})
        session = car.caller.state.sessions.get(car.asset_id)
        assert session
        assert session.plan
        assert (session.plan.ready_at - session.plan.start_at).total_seconds() == hours * 3600


@pytest.mark.rule("C10")
def test_without_a_tariff_all_time_is_off_peak_and_without_an_intent_it_is_used_until_7() -> None:
    car = Car()
    car.tell("/plug-in")
    assert car.plan() == (car.clock.at, 32400, ((0, 99999.0),))
    tariff = {"tariff_type": "dual_rate", "tariff_cheap_start_time": "00:30:00", "tariff_cheap_end_time": "04:30:00"}
    car.caller.call("PATCH", f"/entities/site/{car.site_id}", {"tariff": tariff})
    car.tell("/plug-in")
    assert car.plan()[2] == ((0, 0.0), (9000, 99999.0), (23400, 0.0))
    car.tell("/tariff-update", {"tariff": TARIFF})
    assert car.plan()[2] == ((0, 0.0), (5400, 99999.0), (27000, 0.0))


@pytest.mark.rule("C10")
def test_a_re_plan_starts_at_its_own_instant_and_ends_at_the_same_ready_by() -> None:
    car = Car()
    car.tell("/plug-in", {"intent": INTENT, "vehicle": VEHICLE, "tariff": TARIFF})
    car.wait(2)
    car.tell("/intent", {"intent": {**INTENT, "energy_required_kwh": 7.4, "charging_mode": "minimise_charging_time"}})
    assert car.plan() == (car.clock.at, 25200, ((0, 99999.0), (3600, 0.0)))
    car.wait(8)
    car.tell("/intent", {"intent": INTENT})
    assert car.plan()[:2] == (car.clock.at, 23 * 3600)


@pytest.mark.rule("C10")
def test_charge_now_charges_until_its_end_and_then_as_planned() -> None:
    car = Car()
    car.tell("/plug-in", {"intent": INTENT, "vehicle": VEHICLE, "tariff": TARIFF})
    usual = car.plan()
    car.tell("/charge-now", {"end_at": "2026-01-20T22:45:00Z"})
    assert car.plan()[2] == ((0, 99999.0), (2700, 0.0), (5400, 99999.0), (27000, 0.0))
    car.tell("/charge-now-deleted")
    assert car.plan() == usual
    car.tell("/plug-out")
    assert car.plan() is None
    car.tell("/charge-now", {"end_at": "2026-01-20T22:45:00Z"})
    assert car.plan() is None


@pytest.mark.rule("C8")
def test_where_the_site_is_not_enrolled_events_are_stored_and_make_no_plan() -> None:
    car = Car()
    car.caller.post(f"/entities/site/{car.site_id}/unenrol", {"proposition": "full_asset_schedule_control"})
    car.tell("/plug-in", {"intent": INTENT, "vehicle": VEHICLE, "tariff": TARIFF})
    assert car.plan() is None
    assert car.caller.get(f"/entities/asset/{car.asset_id}/intent").status == 200


@pytest.mark.rule("C8", "N3")
@pytest.mark.parametrize(
    ("leave", "return_"),
    [
        (("unenrol", {"proposition": FULL}), ("enrol", {"proposition": FULL, "override_withdrawal": True})),
        (("dispatch-deconsent", {"dispatch_methods": [FULL]}), ("dispatch-consent", {"dispatch_methods": [FULL]})),
    ],
)
def test_a_plan_ends_with_the_enrolment_and_the_next_enrolment_makes_a_new_one(
    leave: tuple[str, Any], return_: tuple[str, Any]
) -> None:
    car = Car()
    car.tell("/plug-in", {"intent": INTENT, "vehicle": VEHICLE, "tariff": TARIFF})
    car.caller.post(f"/entities/site/{car.site_id}/unenrol", {"proposition": "limited_pause"})
    assert car.plan()
    for (path, body), is_planned in ((leave, False), (return_, True)):
        assert car.caller.post(f"/entities/site/{car.site_id}/{path}", body).status == 200
        assert bool(car.plan()) is is_planned


@pytest.mark.rule("C9")
def test_a_callback_is_taken_for_any_event_of_a_known_asset() -> None:
    external = "3f0c1b9e-3d4a-4c55-9f27-0a6b1de2c7a1"
    car = Car(assets=[{**CHARGER, "external_id": external}])
    body = {"timestamp": "2026-01-20T22:00:00Z", "status": "EXECUTED"}
    for id, query, status in (
        (car.asset_id, "", 200),
        (external, "", 404),
        (external, "?asset_id_is_external=true", 200),
        (external.upper(), "?asset_id_is_external=1", 200),
        (car.asset_id, "?asset_id_is_external=true", 404),
        (car.asset_id, "?asset_id_is_external=maybe", 422),
    ):
        assert car.caller.post(f"/entities/asset/{id}/callback/any{query}", body).status == status
    assert car.caller.post(f"/entities/asset/{car.asset_id}/callback/x", {**body, "status": "DONE"}).status == 422


@pytest.mark.rule("F6", "F13")
@pytest.mark.parametrize(
    ("energy", "rate", "paused"),
    [(55.5, 7.4, True), (55.6, 7.4, False), (11.1, 1.48, True), (11.2, 1.48, False), (1000, 0, True), (1000, -3, True)],
)
def test_with_an_intent_a_pause_must_leave_time_for_its_energy(energy: float, rate: float, paused: bool) -> None:
    car = Car()
    car.tell("/plug-in", {"intent": {**INTENT, "energy_required_kwh": energy}, "vehicle": {"charging_rate_kw": rate}})
    answer = car.caller.plug_in(car.asset_id, NIGHT)
    assert (len(answer.json["modified_charging_schedule"]) == 2) is paused
    if not paused:
        assert answer.rules == ("F6",)
        assert f"the intent is {energy:g} kWh" in (answer.header("x-mockaxle-hint") or "")


@pytest.mark.rule("F6")
def test_a_plug_out_ends_the_intent_but_not_the_rate() -> None:
    car = Car()
    much = {"intent": {**INTENT, "energy_required_kwh": 500}}
    car.tell("/plug-in", {**much, "vehicle": {"charging_rate_kw": 11}})
    assert car.caller.plug_in(car.asset_id, NIGHT).rules == ("F6",)
    car.tell("/plug-out")
    assert car.caller.plug_in(car.asset_id, NIGHT).rules == ("F5",)
    car.tell("/intent", {"intent": {**INTENT, "energy_required_kwh": 82.5}})
    assert car.caller.plug_in(car.asset_id, NIGHT).rules == ("F5",)
    car.tell("/intent", {"intent": {**INTENT, "energy_required_kwh": 82.6}})
    assert car.caller.plug_in(car.asset_id, NIGHT).rules == ("F6",)


@pytest.mark.rule("F11", "F13")
def test_while_a_charge_now_stands_no_pause_starts_before_its_end() -> None:
    car = Car()
    for until, stops in (("01:10", "01:30"), ("01:30", "01:30"), ("01:31", None), ("00:30", "01:00")):
        car.tell("/charge-now", {"end_at": f"2026-01-21T{until}:00Z"})
        answer = car.caller.plug_in(car.asset_id, NIGHT)
        blocks = answer.json["modified_charging_schedule"]
        assert (blocks[0]["end_timestamp"][11:16] if len(blocks) == 2 else None) == stops
        assert answer.rules == (("F5",) if stops else ("F11",))
    car.tell("/charge-now", {"end_at": "2026-01-21T06:00:00Z"})
    assert len(car.caller.plug_in(car.asset_id, NIGHT).json["modified_charging_schedule"]) == 1
    car.tell("/charge-now-deleted")
    assert len(car.caller.plug_in(car.asset_id, NIGHT).json["modified_charging_schedule"]) == 2


@pytest.mark.rule("V6", "C6")
def test_the_examples_are_filled_in(acme: Caller) -> None:
    profile = acme.get("/examples/ocpp-charging-profile").json
    schedule = profile["csChargingProfiles"].pop("chargingSchedule")
    assert profile == {
        "connectorId": 1,
        "csChargingProfiles": {
            "chargingProfileId": 1,
            "stackLevel": 1100,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Absolute",
        },
    }
    assert (schedule["duration"], schedule["chargingRateUnit"], schedule["minChargingRate"]) == (32400, "W", 0.0)
    periods = [(p["startPeriod"], p["limit"], p["numberPhases"]) for p in schedule["chargingSchedulePeriod"]]
    assert periods == [(0, 0.0, 1), (5400, 99999.0, 1), (27000, 0.0, 1)]
    event = acme.get("/examples/dispatch-event").json
    callback = f"/entities/asset/{event['asset_id']}/callback/{event['event_id']}"
    assert event["update_status_callback"] == f"http://127.0.0.1{callback}"
    lasts = datetime.fromisoformat(event["to_time"]) - datetime.fromisoformat(event["from_time"])
    assert lasts.total_seconds() == 1800


@pytest.mark.rule("G10")
def test_an_instant_that_the_mock_makes_has_whole_seconds_and_one_that_was_sent_its_fraction() -> None:
    car = Car("2026-01-20T23:29:59.512345+00:00")
    intent = {**INTENT, "ready_by": "2026-01-21T07:00:00.25Z"}
    for kind in ("/plug-in", "/intent"):
        car.tell(kind, {"intent": intent})
        answer = car.caller.get(f"/entities/asset/{car.asset_id}/intent").json
        assert answer["received_at"] == "2026-01-20T23:29:59+00:00"
        assert answer["intent"]["ready_by"] == "2026-01-21T07:00:00.250000+00:00"
    link = car.caller.get(f"/rewards/{car.site_id}/url/balance?redirect_uri=x").json
    assert link["url_expiry_timestamp"] == "2026-01-21T00:29:59+00:00"
    battery = {"external_id": "b", "type": "battery", "site_id": car.site_id}
    battery_id = car.caller.post("/entities/asset", battery).json["id"]
    schedule = car.caller.get(f"/entities/asset/{battery_id}/battery-schedule").json
    assert schedule["schedule_last_updated"] == "2026-01-20T23:29:59+00:00"


@pytest.mark.rule("C6")
def test_a_plan_is_shown_in_whole_seconds() -> None:
    car = Car("2026-01-20T23:29:59.500000+00:00")
    car.tell("/plug-in", {"intent": INTENT, "vehicle": VEHICLE, "tariff": TARIFF})
    starts = [start for start, _ in car.plan()[2]]
    assert starts == sorted(set(starts))
    assert starts[0] == 0


@pytest.mark.rule("C5")
def test_the_calendars_first_day_is_no_trouble() -> None:
    car = Car()
    car.clock.at = datetime.fromisoformat("0001-01-02T00:10:00+00:00")
    caller = Caller(create_app(clock=car.clock).api)
    asset_id = caller.onboard(proposition="full_asset_schedule_control").json["assets"][0]["asset_id"]
    intent = {**INTENT, "energy_required_kwh": 1e308, "may_charge_peak": True}
    body = {"intent": intent, "vehicle": {"charging_rate_kw": 5e-324}, "tariff": TARIFF}
    assert caller.post(f"/entities/asset/{asset_id}/event/plug-in", body).status == 200


@pytest.mark.rule("F6")
def test_a_plug_in_that_names_no_vehicle_is_of_an_unknown_one() -> None:
    car = Car(assets=[{**CHARGER, "properties": {"power_kw": 7.4}}])
    car.tell("/plug-in", {"vehicle": {"charging_rate_kw": 1}})
    car.tell("/plug-in", {"intent": {**INTENT, "energy_required_kwh": 50}})
    assert car.caller.plug_in(car.asset_id, NIGHT).rules == ("F5",)
