"""Charging schedules over the surface."""

import pytest

from mockaxle.app import create_app
from mockaxle.scenarios.sections import Scenario, SettingsSection
from tests.calling import CHARGER, NIGHT, Caller
from tests.clocks import ManualClock


def charger(caller: Caller) -> str:
    asset_id: str = caller.onboard().json["assets"][0]["asset_id"]
    return asset_id


@pytest.mark.rule("F1", "F2", "F5", "F13")
def test_a_night_comes_back_with_its_pause(acme: Caller) -> None:
    answer = acme.plug_in(charger(acme), NIGHT)
    assert answer.json == {
        "modified_charging_schedule": [
            {"start_timestamp": "2026-01-20T22:00:00Z", "end_timestamp": "2026-01-21T01:00:00Z"},
            {"start_timestamp": "2026-01-21T01:30:00Z", "end_timestamp": "2026-01-21T06:00:00Z"},
        ]
    }
    assert answer.header("x-mockaxle-rules") == "F5;M"


@pytest.mark.rule("F3", "F13")
def test_an_unchanged_schedule_says_why(acme: Caller) -> None:
    noon = [{"start_timestamp": "2026-01-20 10:00z", "end_timestamp": "2026-01-20T16:00:00.000+00:00"}]
    answer = acme.plug_in(charger(acme), noon)
    assert answer.json == {"modified_charging_schedule": noon}
    assert answer.header("x-mockaxle-rules") == "F4;M"
    assert answer.header("x-mockaxle-hint") == "Unchanged: no flex window overlaps a block of the schedule."


@pytest.mark.rule("F7")
def test_an_empty_schedule_gives_an_empty_one(acme: Caller) -> None:
    assert acme.plug_in(charger(acme), []).json == {"modified_charging_schedule": []}


@pytest.mark.rule("F7", "F10")
def test_the_same_call_gives_the_same_answer_for_ever(acme: Caller, clock: ManualClock) -> None:
    asset_id = charger(acme)
    first = acme.plug_in(asset_id, NIGHT)
    clock.advance(days=400)
    later = Caller(acme.api).plug_in(asset_id, NIGHT)
    assert later.response.body == first.response.body


@pytest.mark.rule("F10")
def test_an_answer_sent_back_may_be_paused_again(acme: Caller) -> None:
    asset_id = charger(acme)
    answer = acme.plug_in(asset_id, [{"start_timestamp": "2026-01-20T17:00Z", "end_timestamp": "2026-01-21T06:00Z"}])
    again = acme.plug_in(asset_id, answer.json["modified_charging_schedule"])
    assert [block["end_timestamp"] for block in again.json["modified_charging_schedule"]] == [
        "2026-01-20T17:30:00Z", "2026-01-20T18:30:00Z", "2026-01-21T06:00Z",
    ]  # fmt: skip


@pytest.mark.rule("F8", "E5", "E3")
def test_a_malformed_schedule_is_422_before_the_asset_is_looked_up(acme: Caller) -> None:
    schedule = [{"start_timestamp": "x", "end_timestamp": "2026-01-21T06:00:00"}]
    answer = acme.plug_in("00000000-0000-0000-0000-000000000000", schedule)
    assert answer.status == 422
    assert [item["loc"] for item in answer.json["detail"]] == [
        ["body", "charging_schedule", 0, "start_timestamp"],
        ["body", "charging_schedule", 0, "end_timestamp"],
    ]
    assert {item["type"] for item in answer.json["detail"]} == {"value_error.datetime"}
    assert answer.rules == ("F8",)


@pytest.mark.rule("F9")
def test_a_site_without_limited_pause_is_403(acme: Caller) -> None:
    body = acme.onboard(proposition="full_asset_schedule_control").json
    answer = acme.plug_in(body["assets"][0]["asset_id"], NIGHT)
    assert (answer.status, answer.json) == (
        403,
        {"detail": f"Site {body['site']['site_id']} is not enrolled in limited_pause"},
    )


@pytest.mark.rule("F9")
def test_an_asset_that_is_no_charger_is_404(acme: Caller) -> None:
    battery = {"external_id": "battery-2", "type": "battery"}
    asset_id = acme.onboard(assets=[CHARGER, battery]).json["assets"][1]["asset_id"]
    assert acme.plug_in(asset_id, NIGHT).json == {"detail": f"Charger {asset_id} not found"}


@pytest.mark.rule("L9", "F13")
def test_a_charger_that_is_not_eligible_gets_its_schedule_back_unchanged(acme: Caller) -> None:
    eligible = {**CHARGER, "asset_model": "zappi", "installation_date": "2025-11-03"}
    other = {"external_id": "plain", "type": "charger"}
    body = acme.onboard(site={"mpan": "1200000000020"}, assets=[eligible, other]).json
    answer = acme.plug_in(body["assets"][1]["asset_id"], NIGHT)
    assert answer.json == {"modified_charging_schedule": NIGHT}
    assert answer.rules == ("L9",)
    assert acme.plug_in(body["assets"][0]["asset_id"], NIGHT).rules == ("F5",)


@pytest.mark.rule("F7")
def test_strict_time_plans_no_pause_in_the_past(clock: ManualClock) -> None:
    strict = Scenario(settings=SettingsSection(strict_time=True))
    acme = Caller(create_app(scenario=strict, clock=clock).api)
    asset_id = charger(acme)
    clock.advance(hours=13, minutes=10)
    answer = Caller(acme.api).plug_in(asset_id, NIGHT)
    assert answer.json["modified_charging_schedule"][0]["end_timestamp"] == "2026-01-21T01:30:00Z"
