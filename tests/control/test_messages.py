"""What the platform says to the partner, read through control without a receiver."""

import json
from threading import Thread
from typing import Any
from uuid import UUID

import pytest

from mockaxle.app import create_app
from mockaxle.control.answers import MessagePage
from mockaxle.core import outbox
from mockaxle.core.ids import numbered_id
from mockaxle.core.messages import Message, MessageKind, MessageType
from mockaxle.core.outbox import Outbox
from mockaxle.serving.settings import ServerSettings
from mockaxle.wire.charging_profile import SetChargingProfileRequest
from tests.calling import CHARGER, Caller, onboarding
from tests.clocks import START, ManualClock
from tests.control.controlling import Controller
from tests.replaying import SEED, replay

FULL = "full_asset_schedule_control"
TARIFF = {"tariff": {"off_peak_times": "23:30-05:30", "timezone": "UTC"}}
INTENT = {"intent": {"energy_required_kwh": 10, "ready_by": "2040-01-21T06:00:00Z"}}
CHEAP = {"tariff_type": "dual_rate", "tariff_cheap_start_time": "01:00:00", "tariff_cheap_end_time": "05:00:00"}


class Evening:
    """A home in Smart Charging at ten in the evening, its charger, and what is said about it."""

    def __init__(self, controller: Controller, **changes: Any) -> None:
        self.controller = controller
        controller.done("PUT", "/clock", {"at": "2040-01-20T22:00:00Z", "rate": 0})
        controller.log_in()
        made = controller.call("POST", "/entities/site/onboard", onboarding(**{"proposition": FULL, **changes})).json()
        self.site_id, self.asset_id = made["site"]["site_id"], made["assets"][0]["asset_id"]

    def event(self, name: str, body: Any = None) -> None:
        answer = self.controller.call("POST", f"/entities/asset/{self.asset_id}/event/{name}", body or {})
        assert answer.status_code == 200, answer.text

    def said(self, query: str = "") -> list[Any]:
        found: list[Any] = self.controller.done("GET", f"/messages{query}")["messages"]
        return found

    def types(self) -> list[str]:
        return [message["type"] for message in self.said()]

    def plan(self) -> Any:
        return self.controller.done("GET", f"/plans/{self.asset_id}")


@pytest.fixture
def evening(controller: Controller) -> Evening:
    return Evening(controller)


@pytest.mark.rule("N3", "N4", "C2")
def test_every_plan_of_an_evening_is_said_whole(evening: Evening) -> None:
    events: tuple[tuple[str, Any], ...] = (
        ("plug-in", {}),
        ("tariff-update", TARIFF),
        ("intent", INTENT),
        ("charge-now", {"end_at": "2040-01-20T23:00:00Z"}),
        ("charge-now-deleted", {}),
    )
    for count, (name, body) in enumerate(events, start=1):
        evening.event(name, body)
        said = evening.said()
        assert [message["number"] for message in said] == list(range(1, count + 1))
        assert said[-1]["body"] == evening.plan()
        SetChargingProfileRequest.model_validate_json(json.dumps(said[-1]["body"]), strict=True)
    evening.event("plug-out")
    assert evening.types() == ["schedule"] * len(events)


@pytest.mark.rule("N4")
def test_a_message_has_the_fields_of_the_rule(evening: Evening) -> None:
    evening.event("plug-in")
    MessagePage.model_validate(evening.controller.done("GET", "/messages"))
    (message,) = evening.said()
    UUID(message.pop("id"), version=4)
    assert message.pop("body")["connectorId"] == 1
    assert message == {
        "number": 1,
        "type": "schedule",
        "kind": "schedules",
        "status": "kept",
        "created_at": "2040-01-20T22:00:00+00:00",
        "site_id": evening.site_id,
        "asset_id": evening.asset_id,
        "event_id": None,
        "receiver": None,
        "attempts": [],
        "next_at": None,
        "reason": None,
        "awkward": None,
    }


@pytest.mark.rule("N3")
def test_a_plan_follows_the_tariff_of_its_site_unless_the_car_has_one(evening: Evening) -> None:
    evening.event("plug-in")
    patch = f"/entities/site/{evening.site_id}"
    assert evening.controller.call("PATCH", patch, {"tariff": CHEAP}).status_code == 200
    assert evening.controller.call("PATCH", patch, {"email": "ada@example.org"}).status_code == 200
    assert (evening.types(), evening.said()[-1]["body"]) == (["schedule"] * 2, evening.plan())
    evening.event("tariff-update", TARIFF)
    evening.controller.call("PATCH", patch, {"tariff": {**CHEAP, "tariff_cheap_end_time": "04:00:00"}})
    assert len(evening.said()) == 3


@pytest.mark.rule("N3")
def test_a_car_that_is_plugged_in_gets_its_plan_when_its_site_is_enrolled(controller: Controller) -> None:
    evening = Evening(controller, proposition="limited_pause")
    evening.event("plug-in")
    assert evening.said() == []
    assert evening.controller.control("GET", f"/plans/{evening.asset_id}").status_code == 404
    evening.controller.call("POST", f"/entities/site/{evening.site_id}/enrol", {"proposition": FULL})
    assert evening.said()[0]["body"] == evening.plan()


@pytest.mark.rule("N3")
def test_replan_says_the_plans_again_whether_or_not_they_differ(evening: Evening) -> None:
    refused = evening.controller.control("POST", "/replan", {"assets": [evening.asset_id]})
    assert (refused.status_code, "plug-in event" in refused.json()["detail"]) == (409, True)
    assert evening.controller.done("POST", "/replan") == {"messages": []}
    evening.event("plug-in")
    for body in ({}, {"assets": [evening.asset_id]}):
        (id,) = evening.controller.done("POST", "/replan", body)["messages"]
        assert evening.said()[-1]["id"] == id
    assert len(evening.said()) == 3


BATTERY = {"external_id": "b", "type": "battery", "properties": {"capacity_kwh": 10}}


@pytest.mark.rule("N3", "N6")
def test_a_battery_is_announced_once_when_it_can_be_dispatched(controller: Controller) -> None:
    home = onboarding(proposition=FULL)
    home["assets"] = [*home["assets"], BATTERY]
    evening = Evening(controller, assets=home["assets"])
    (said,) = evening.said()
    assert (said["type"], said["kind"]) == ("vpp:asset:registered", "webhooks")
    assert said["body"] == {
        "id": said["id"],
        "version": "v1.0.0",
        "event_type": "vpp:asset:registered",
        "created_at": "2040-01-20T22:00:00+00:00",
        "payload": {"site_id": evening.site_id, "asset_id": said["asset_id"], "external_id": "b"},
    }
    methods = {"dispatch_methods": ["vpp_limited_control", "cm_infrequent_dispatch"]}
    controller.call("POST", f"/entities/site/{evening.site_id}/dispatch-consent", methods)
    controller.call("POST", "/entities/asset", {**BATTERY, "external_id": "c", "site_id": evening.site_id})
    assert [one["body"]["payload"]["external_id"] for one in evening.said()] == ["b", "c"]


@pytest.mark.rule("N3")
def test_a_users_first_method_completes_the_onboarding(controller: Controller) -> None:
    form = {"external_user_id": "ada", "allowed_origin": "https://a.example"}
    form["gave_boundary_meter_consent_at"] = "2026-01-05T09:00:00Z"
    answer = controller.client.post("/auth/component-token", data=form, headers=controller.bearer).json()
    for method in ("cm_infrequent_dispatch", "vpp_limited_control"):
        path = f"/entities/site/{answer['id']}/dispatch-consent"
        assert controller.call("POST", path, {"dispatch_methods": [method]}).status_code == 200
    (said,) = controller.done("GET", "/messages")["messages"]
    payload = {"site_id": answer["id"], "external_user_id": "ada", "asset_ids": []}
    assert (said["body"]["event_type"], said["body"]["payload"]) == ("user:onboarding:complete", payload)


@pytest.mark.rule("N4")
def test_messages_are_filtered(evening: Evening) -> None:
    evening.event("plug-in")
    evening.controller.call("POST", "/entities/asset", {**BATTERY, "site_id": evening.site_id})
    for query, numbers in (
        ("?type=schedule", [1]),
        ("?type=vpp:asset:registered", [2]),
        (f"?asset={evening.asset_id}", [1]),
        ("?asset=b", [2]),
        ("?asset=nobody", []),
        ("?status=kept", [1, 2]),
        ("?after=1", [2]),
        ("?after=2", []),
    ):
        assert [message["number"] for message in evening.said(query)] == numbers, query


@pytest.mark.rule("N4")
@pytest.mark.parametrize("query", ["type=plan", "status=lost", "after=-1", "wait=61", "wait=nan", "before=1"])
def test_a_wrong_filter_is_refused_by_its_name(controller: Controller, query: str) -> None:
    refused = controller.control("GET", f"/messages?{query}")
    assert (refused.status_code, query.partition("=")[0] in refused.json()["detail"]) == (422, True)


@pytest.mark.rule("N4")
def test_a_reader_waits_for_the_next_message(evening: Evening) -> None:
    found: list[Any] = []
    waiting = Thread(target=lambda: found.extend(evening.said("?wait=60")))
    waiting.start()
    evening.event("plug-in")
    waiting.join()
    assert [message["type"] for message in found] == ["schedule"]
    assert evening.said("?after=1&wait=0.01") == []


@pytest.mark.rule("N4")
def test_a_reset_empties_the_outbox_and_a_snapshot_holds_it(evening: Evening) -> None:
    evening.event("plug-in")
    evening.controller.done("POST", "/snapshots", {"name": "evening"})
    evening.controller.done("POST", "/reset", {"what": ["state"]})
    assert evening.said() == []
    evening.controller.done("POST", "/snapshots/evening/restore")
    assert evening.types() == ["schedule"]


@pytest.mark.rule("N4")
def test_the_oldest_messages_are_dropped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def filled(sizes: list[int]) -> Outbox:
        box = Outbox()
        for number, size in enumerate(sizes, start=1):
            box = box.put(Message(number, "", MessageType.SCHEDULE, MessageKind.SCHEDULES, START, b"x" * size))
        return box

    monkeypatch.setattr(outbox, "MAX_ENDED", 3)
    monkeypatch.setattr(outbox, "MAX_ENDED_BYTES", 10)
    for sizes, kept, dropped in (([1] * 5, [3, 4, 5], 2), ([6, 6], [2], 1), ([3, 3, 3], [1, 2, 3], 0), ([99], [1], 0)):
        box = filled(sizes)
        assert [message.number for message in box.after(0)] == kept
        assert (box.dropped, box.ended_size, box.made) == (dropped, sum(sizes[dropped:]), len(sizes))


@pytest.mark.rule("N6")
def test_ids_are_uuids_of_the_world_and_differ() -> None:
    kinds = ("message", "dispatch")
    ids = [numbered_id(seed, kind, number=n) for seed in (b"one", b"two") for kind in kinds for n in range(1, 200)]
    assert len({UUID(id, version=4) for id in ids}) == len(ids)
    assert ids == [str(UUID(id, version=4)) for id in ids]


@pytest.mark.rule("N4")
def test_a_replay_says_the_same_to_the_byte() -> None:
    app = create_app(ServerSettings(seed=SEED), clock=ManualClock())
    caller = Caller(app.api)
    home = caller.onboard(proposition=FULL, assets=[CHARGER, BATTERY]).json
    for name in ("plug-in", "charge-now-deleted"):
        caller.post(f"/entities/asset/{home['assets'][0]['asset_id']}/event/{name}", {})
    (name,) = app.api.worlds.names()
    hosted = app.api.worlds.find(name)
    assert hosted is not None
    again, _ = replay(name, list(hosted.log))
    said = list(hosted.world.state.outbox.after(0))
    assert (len(said), list(again.state.outbox.after(0))) == (3, said)
