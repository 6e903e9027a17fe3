"""A message is said on demand, if the world has what it is about."""

from typing import Any

import pytest

from tests.deliveries.partners import NAME, Evening
from tests.deliveries.test_awkward import BATTERY, DISPATCH

FULL_CONTROL = "full_asset_schedule_control"


def trigger(evening: Evening, type: str, **more: Any) -> Any:
    return evening.controller.done("POST", "/messages", {"type": type, **more})


def refusal(evening: Evening, type: str, **more: Any) -> tuple[int, str]:
    answer = evening.controller.control("POST", "/messages", {"type": type, **more})
    return answer.status_code, answer.json()["detail"]


def without_id(plan: Any) -> Any:
    """Return a plan without its profile's id, which differs from plan to plan."""
    return {**plan["csChargingProfiles"], "chargingProfileId": None}


def battery(evening: Evening) -> str:
    made = evening.controller.call("POST", "/entities/asset", {**BATTERY, "site_id": evening.site_id}).json()
    id: str = made["id"]
    return id


@pytest.mark.rule("N20")
@pytest.mark.parametrize("named", ["asset_id", "external_id", "site_id", "mpan"])
def test_a_plan_is_said_anew(evening: Evening, named: str) -> None:
    evening.event()
    (first,) = evening.said()
    by = {
        "asset_id": {"asset_id": evening.asset_id},
        "external_id": {"asset_id": NAME},
        "site_id": {"site_id": evening.site_id},
        "mpan": {"site_id": "1000000000012"},
    }
    said = trigger(evening, "schedule", **by[named])
    assert (said["number"], said["asset_id"], said["status"]) == (2, evening.asset_id, "kept")
    assert without_id(said["body"]) == without_id(first["body"])
    assert said == evening.said("?after=1")[0]


@pytest.mark.rule("N20", "N8")
def test_a_plan_is_said_in_an_envelope_to_webhooks_also_beside_schedules(evening: Evening) -> None:
    evening.receive(name="plans")
    evening.receive(name="hook", kind="webhooks")
    evening.event()
    said = trigger(evening, "asset:dispatch:requested", asset_id=NAME)
    assert (said["type"], said["receiver"]) == ("asset:dispatch:requested", "hook")
    assert without_id(said["body"]["payload"]["set_charging_profile"]) == without_id(evening.said()[0]["body"])
    assert {one["name"] for one in evening.controller.done("GET", "/receivers")["receivers"]} == {"plans", "hook"}
    evening.advance()
    assert [request.path for request in evening.partner.received] == [f"/{NAME}", "/hook"]


@pytest.mark.rule("N20")
def test_a_dispatch_is_said_again_in_a_new_envelope(evening: Evening) -> None:
    id = battery(evening)
    assets = [{"asset_id": id, "power_kw": -5}]
    made = evening.controller.done("POST", "/dispatches", {**DISPATCH, "assets": assets})
    for named in ({"asset_id": id}, {"asset_id": "b"}, {"site_id": evening.site_id}, {}):
        said = trigger(evening, "vpp:dispatch:requested", **named)
        assert (said["event_id"], said["id"] in made["messages"]) == (made["event_id"], False)
    first, *others = evening.said("?type=vpp:dispatch:requested")
    assert {str(other["body"]["payload"]) for other in others} == {str(first["body"]["payload"])}
    assert len({one["body"]["id"] for one in (first, *others)}) == 5


@pytest.mark.rule("N20")
def test_a_battery_is_said_again(evening: Evening) -> None:
    id = battery(evening)
    said = trigger(evening, "vpp:asset:registered", site_id=evening.site_id)
    assert said["body"]["payload"] == {"site_id": evening.site_id, "asset_id": id, "external_id": "b"}


@pytest.mark.rule("N20")
def test_a_message_goes_to_one_receiver_if_it_is_named(evening: Evening) -> None:
    evening.receive(name="one", held=True)
    evening.receive(name="two", held=True)
    evening.event()
    assert [message["receiver"] for message in evening.said()] == ["one", "two"]
    assert trigger(evening, "schedule", asset_id=NAME, receiver="two")["receiver"] == "two"
    assert [message["receiver"] for message in evening.said("?after=2")] == ["two"]
    trigger(evening, "schedule", asset_id=NAME)
    assert [message["receiver"] for message in evening.said("?after=3")] == ["one", "two"]


@pytest.mark.rule("N20")
def test_what_the_world_has_not_is_409_and_says_what_is_missing(evening: Evening) -> None:
    for type, named, why in (
        ("schedule", {"asset_id": NAME}, f"No car is plugged in at asset '{NAME}'"),
        ("schedule", {"asset_id": "nobody"}, "There is no asset 'nobody'"),
        ("vpp:dispatch:requested", {"site_id": "nobody"}, "There is no site 'nobody'"),
        ("asset:dispatch:requested", {"asset_id": NAME}, "No receiver gets messages of type asset:dispatch:requested"),
        ("vpp:dispatch:requested", {"asset_id": NAME}, "There is no dispatch of asset"),
        ("vpp:dispatch:requested", {}, "There is no dispatch of any asset; POST dispatches makes one"),
        ("vpp:asset:registered", {"asset_id": NAME}, "has no battery in vpp_limited_control"),
        ("user:onboarding:complete", {"asset_id": NAME}, "is not of a component token's user"),
        ("schedule", {"asset_id": NAME, "receiver": "nobody"}, "There is no receiver 'nobody'"),
    ):
        status, said = refusal(evening, type, **named)
        assert (status, why in said) == (409, True), said
    evening.receive(name="hook", kind="webhooks")
    evening.event()
    assert "a plan is an asset:dispatch:requested" in refusal(evening, "schedule", asset_id=NAME)[1]
    assert "does not get messages of type schedule" in refusal(evening, "schedule", asset_id=NAME, receiver="hook")[1]
    commands = [entry.get("command") for entry in evening.controller.done("GET", "/log")["entries"]]
    assert "POST /messages" not in commands


@pytest.mark.rule("N20", "C8")
def test_a_car_without_a_plan_has_nothing_to_say(evening: Evening) -> None:
    evening.event()
    evening.controller.call("POST", f"/entities/site/{evening.site_id}/unenrol", {"proposition": FULL_CONTROL})
    assert "has no plan" in refusal(evening, "schedule", asset_id=NAME)[1]


@pytest.mark.rule("N20")
@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "schedule"},
        {"type": "schedule", "asset_id": "a", "site_id": "b"},
        {"type": "schedules", "asset_id": "a"},
        {"type": "schedule", "asset": "a"},
    ],
)
def test_a_body_that_names_no_message_is_422(evening: Evening, body: Any) -> None:
    assert evening.controller.control("POST", "/messages", body).status_code == 422
