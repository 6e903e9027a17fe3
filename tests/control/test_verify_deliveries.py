"""Assertions on the attempts at messages: by type, asset, receiver, outcome and body."""

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

import httpx
import pytest

from mockaxle.control.delivered import MAX_DIGESTS
from mockaxle.control.verification import VERIFY, verify
from mockaxle.core.messages import DeliveryOutcome, Message, MessageKind, MessageType
from mockaxle.core.outbox import Outbox
from mockaxle.core.reference import Reference
from mockaxle.core.state import State
from mockaxle.world.entries import Delivery
from tests.calling import CHARGER, onboarding
from tests.clocks import START
from tests.control.controlling import Controller

NAME = CHARGER["external_id"]
BODY = b'{"event_type":"vpp:dispatch:requested","payload":{"assets":[{"power_kw":-5}]}}'


def delivery(number: int, outcome: str = "accepted", message: str = "m1", *, body: bytes = BODY) -> Delivery:
    at, digest = START + timedelta(minutes=number), sha256(body).hexdigest()
    return Delivery(at, at, message, "partner", number, DeliveryOutcome(outcome), digest)


OUTBOX = Outbox().put(Message(1, "m1", MessageType.DISPATCH, MessageKind.WEBHOOKS, START, BODY, asset_ids=("a", "b")))
OUTBOX = OUTBOX.put(
    Message(2, "m2", MessageType.SCHEDULE, MessageKind.SCHEDULES, START, b"{}", asset_ids=("c",), external_id="car")
)
STATE = State(b"seed", Reference())._replace(outbox=OUTBOX)
LOG = [
    (3, delivery(1, "failed")),
    (4, delivery(2)),
    (7, delivery(1, message="m2", body=b"{}")),
    (9, delivery(1, message="gone")),
]


def verdict(*deliveries: Any, dropped: int = 0, log: Any = LOG, **more: Any) -> Any:
    body = VERIFY.validate_json(json.dumps({"deliveries": deliveries, **more}))
    return verify(body, log, dropped=dropped, state=STATE)


@pytest.mark.rule("N21")
@pytest.mark.parametrize(
    ("expected", "entries"),
    [
        ({}, [3, 4, 7, 9]),
        ({"type": "vpp:dispatch:requested"}, [3, 4]),
        ({"type": "schedule", "receiver": "partner"}, [7]),
        ({"asset": "b"}, [3, 4]),
        ({"asset": "car"}, [7]),
        ({"outcome": "accepted"}, [4, 7, 9]),
        ({"body": {"/payload/assets/0/power_kw": -5.0}, "outcome": "failed"}, [3]),
        ({"type": "schedule", "body": {"": {}}, "at_least": 1}, [7]),
    ],
)
def test_deliveries_are_found(expected: Any, entries: list[int]) -> None:
    found = verdict(expected)
    assert found == {"verified": True, "calls": [], "deliveries": [{"count": len(entries), "entries": entries}]}


@pytest.mark.rule("N21")
@pytest.mark.parametrize(
    ("expected", "said"),
    [
        ({"outcome": "accepted", "count": 2}, "expected 2, found 3"),
        ({"receiver": "charger"}, "expected at least 1, found 0"),
        ({"outcome": "failed", "at_least": 2, "at_most": 3}, "expected at least 2 and at most 3, found 1"),
        ({"type": "vpp:dispatch:requested", "at_most": 1}, "expected at most 1, found 2"),
        ({"type": "schedule", "count": 3}, "expected 3, found 1"),
        ({"asset": "a", "outcome": "refused", "count": 1}, "expected 1, found 0"),
    ],
)
def test_deliveries_that_were_not_made_are_reported(expected: Any, said: str) -> None:
    assert verdict({}, expected)["detail"] == f"delivery 2: {said}"


@pytest.mark.rule("N21")
def test_the_nearest_deliveries_say_in_what_they_differ() -> None:
    asked = {"asset": "d", "outcome": "failed", "body": {"/payload/assets/0/power_kw": 5}, "receiver": "partner"}
    (one,) = verdict(asked, after=2)["deliveries"]
    first, second, third = one["near_misses"]
    facts = {"entry": 3, "delivery": "m1", "receiver": "partner", "attempt": 1, "outcome": "failed"}
    assert first == {**facts, "differs": ["asset is a, b", "/payload/assets/0/power_kw is -5"]}
    assert [(one["entry"], one["differs"][0]) for one in (second, third)] == [
        (n, "outcome is accepted") for n in (9, 7)
    ]
    assert second["differs"][1] == "asset is unknown, since the message is no longer kept"
    assert third["differs"][1] == "asset is c, car"


@pytest.mark.rule("N21")
@pytest.mark.parametrize(
    "expected", [{"type": "schedule", "count": 1}, {"body": {"/x": 1}}, {"asset": "a", "at_most": 2}]
)
def test_a_delivery_whose_message_is_no_longer_kept_may_decide(expected: Any) -> None:
    (one,) = verdict(expected)["deliveries"]
    assert one["problem"].startswith("CANNOT BE VERIFIED: expected ")
    assert one["problem"].endswith("but the messages of 1 more are no longer kept; set after: 9 to leave them out")
    assert "CANNOT" not in str(verdict(expected, after=9))


@pytest.mark.rule("N21")
@pytest.mark.parametrize(
    "expected",
    [
        {"type": "schedule"},
        {"type": "schedule", "at_most": 2},
        {"outcome": "accepted", "count": 3},
        {"type": "schedule", "outcome": "failed", "count": 0},
    ],
)
def test_a_delivery_whose_message_is_no_longer_kept_may_not_matter(expected: Any) -> None:
    assert verdict(expected)["verified"]


@pytest.mark.rule("N21")
def test_a_message_of_the_same_id_with_another_body_is_another() -> None:
    log = [(1, delivery(1, body=b"{}"))]
    assert "CANNOT BE VERIFIED" in verdict({"asset": "a"}, log=log)["detail"]


@pytest.mark.rule("N21")
def test_dropped_entries_that_would_be_needed_are_said() -> None:
    assert "the entries up to 2 are needed" in verdict({"outcome": "failed", "count": 1}, dropped=2)["detail"]
    assert verdict({"outcome": "failed"}, dropped=2)["verified"]
    assert verdict({"outcome": "failed", "count": 1}, dropped=2, after=2)["verified"]


@pytest.mark.rule("N21")
def test_calls_and_deliveries_are_verified_together() -> None:
    wrong = verdict({"count": 0}, calls=[{"status": 503}])
    assert wrong["detail"] == "call 1: expected at least 1, found 0; delivery 1: expected 0, found 4"


def test_many_messages_are_joined_once() -> None:
    log = [(n, delivery(1, message=f"m{n}")) for n in range(1, MAX_DIGESTS + 10)]
    assert verdict({"count": len(log)}, log=log)["verified"]


def asked(controller: Controller, **body: Any) -> httpx.Response:
    return controller.control("POST", "/verify", body)


@pytest.mark.rule("N21")
@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "calls: must not be empty"),
        ({"deliveries": []}, "calls: must not be empty"),
        ({"deliveries": [{"type": "shedule"}]}, "deliveries.0.type: "),
        ({"deliveries": [{"outcome": "lost"}]}, "deliveries.0.outcome: "),
        ({"deliveries": [{"count": 1, "at_most": 1}]}, "deliveries.0: takes either count, or at_least and at_most"),
        ({"deliveries": [{"body": {"payload": 1}}]}, "it must start with /"),
        ({"deliveries": [{"status": 200}]}, "deliveries.0.status: "),
        ({"deliveries": [{}] * 101}, "deliveries: "),
    ],
)
def test_what_cannot_be_verified_is_refused(controller: Controller, body: Any, said: str) -> None:
    answer = asked(controller, **body)
    assert (answer.status_code, said in answer.json()["detail"]) == (422, True), answer.text
    assert answer.json()["detail"].count("calls") <= 1


@pytest.mark.rule("N21")
def test_an_asset_is_named_by_its_external_id(controller: Controller) -> None:
    controller.done("PUT", "/receivers/partner", {"url": "http://127.0.0.1:1/{asset_id}", "kind": "schedules"})
    body = onboarding(proposition="full_asset_schedule_control")
    asset_id = controller.call("POST", "/entities/site/onboard", body).json()["assets"][0]["asset_id"]
    controller.call("POST", f"/entities/asset/{asset_id}/event/plug-in", {})
    controller.done("GET", "/messages?wait=0")
    controller.done("POST", "/clock/advance", {"by": "1h"})
    for asset in (NAME, asset_id):
        answer = asked(controller, deliveries=[{"asset": asset, "outcome": "failed"}])
        assert answer.status_code == 200, answer.text
    controller.done("POST", "/reset", {"what": ["state"]})
    assert "no longer kept" in asked(controller, deliveries=[{"asset": NAME}]).json()["detail"]
