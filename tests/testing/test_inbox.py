"""A test reads what the platform says, waits for the next message, and verifies the deliveries."""

import re
from collections.abc import Iterator
from threading import Event, Thread

import httpx
import pytest

from mockaxle.testing.mock import MockAxle
from mockaxle.testing.world import CallsMissing, ControlRefused, NoMessage, World
from tests.calling import CHARGER
from tests.testing.evenings import clients, plug_in, plugged_in

NAME = str(CHARGER["external_id"])


@pytest.fixture(params=[True, False], ids=["socket", "in process"])
def axle(request: pytest.FixtureRequest) -> Iterator[World]:
    with MockAxle(socket=request.param) as axle:
        yield axle


@pytest.mark.rule("N21")
def test_messages_are_read_by_type_and_asset(axle: World) -> None:
    asset_id = plugged_in(axle)
    (message,) = axle.inbox.messages()
    assert (message["type"], message["asset_id"], message["status"]) == ("schedule", asset_id, "kept")
    assert axle.inbox.messages("schedule", NAME) == axle.inbox.messages(asset=asset_id) == [message]
    assert axle.inbox.messages("vpp:dispatch:requested") == axle.inbox.messages(asset="another") == []


@pytest.mark.rule("N21")
def test_each_message_is_waited_for_once_oldest_first(axle: World) -> None:
    asset_id = plugged_in(axle)
    axle.control("POST", "/replan")
    first, second = axle.inbox.wait_for("schedule", NAME), axle.inbox.wait_for("schedule", asset=asset_id)
    assert [first["number"], second["number"]] == [1, 2]
    with pytest.raises(NoMessage):
        axle.inbox.wait_for("schedule", NAME, timeout=0)


@pytest.mark.rule("N21")
def test_a_message_that_is_said_meanwhile_is_waited_for(axle: World) -> None:
    plugged_in(axle)
    axle.inbox.wait_for("schedule")
    thread = Thread(target=axle.control, args=("POST", "/replan"))
    thread.start()
    assert axle.inbox.wait_for("schedule", timeout=60)["number"] == 2
    thread.join()


@pytest.mark.rule("N21")
def test_a_message_is_waited_for_until_its_receiver_has_answered(axle: World) -> None:
    called, may_answer, received = Event(), Event(), list[httpx.Request]()

    def slow(request: httpx.Request) -> None:
        called.set()
        may_answer.wait(60)
        received.append(request)

    axle.receiver(slow, kind="schedules")
    plugged_in(axle)
    assert called.wait(60)
    with pytest.raises(NoMessage, match="waiting, its receiver was not called yet"):
        axle.inbox.wait_for("schedule", timeout=0.05)
    may_answer.set()
    assert axle.inbox.wait_for("schedule", timeout=60)["status"] == "accepted"
    assert len(received) == 1


@pytest.mark.rule("N21")
def test_a_message_whose_attempt_has_failed_or_that_is_held_is_not_waited_for(axle: World) -> None:
    axle.receiver(lambda request: 503, kind="schedules")
    plugged_in(axle)
    assert axle.inbox.wait_for("schedule", timeout=60)["attempts"][0]["status"] == 503
    held = {"url": "http://127.0.0.1:9/{asset_id}", "kind": "schedules", "held": True}
    axle.control("PUT", "/receivers/receiver", body=held)
    axle.control("POST", "/replan")
    assert axle.inbox.wait_for("schedule", timeout=0)["status"] == "held"


@pytest.mark.rule("N21")
def test_a_vain_wait_says_what_there_is(axle: World) -> None:
    with pytest.raises(NoMessage, match=r"^no message schedule within 0 s; the world has said nothing$"):
        axle.inbox.wait_for("schedule", timeout=0)
    asset_id = plugged_in(axle)
    axle.inbox.wait_for("schedule")
    with pytest.raises(NoMessage) as vain:
        axle.inbox.wait_for("vpp:dispatch:requested", "a\x1b[2J", timeout=0)
    first, line = str(vain.value).splitlines()
    assert first == r"no message vpp:dispatch:requested about a\x1b[2J within 0 s; the last of 1 messages:"
    assert line == f"  1: schedule, asset {asset_id}, kept, returned before"


@pytest.mark.rule("N21")
def test_a_vain_wait_lists_the_last_ten_messages(axle: World) -> None:
    plugged_in(axle)
    for _ in range(11):
        axle.control("POST", "/replan")
    with pytest.raises(NoMessage) as vain:
        axle.inbox.wait_for("schedule", "another", timeout=0)
    assert [line.split(":")[0].strip() for line in str(vain.value).splitlines()[1:]] == [*map(str, range(3, 13))]


def test_an_unknown_type_is_refused_at_once(axle: World) -> None:
    with pytest.raises(ControlRefused, match="type"):
        axle.inbox.wait_for("shedule")


@pytest.mark.rule("N21")
def test_a_reset_and_a_restore_make_messages_new(axle: World) -> None:
    asset_id = plugged_in(axle)
    first = axle.inbox.wait_for("schedule")
    snapshot = axle.snapshot()
    axle.control("POST", "/replan")
    second = axle.inbox.wait_for("schedule")
    snapshot.restore()
    axle.control("POST", "/replan")
    assert axle.inbox.wait_for("schedule", timeout=0)["id"] == second["id"]
    axle.reset()
    assert plugged_in(axle) == asset_id
    assert axle.inbox.wait_for("schedule", timeout=0)["id"] == first["id"]


@pytest.mark.rule("N21")
def test_deliveries_are_verified(axle: World) -> None:
    statuses = [503, 200]
    axle.receiver(lambda request: statuses.pop(0), kind="schedules", name="charger")
    asset_id = plugged_in(axle)
    axle.clock.advance("1h")
    plan = {"type": "schedule", "asset": NAME, "receiver": "charger"}
    axle.log.verify(deliveries=[{**plan, "count": 2}, {**plan, "asset": asset_id, "outcome": "accepted", "count": 1}])
    axle.log.verify({"operation": "POST /entities/site/onboard"}, deliveries=[{"outcome": "failed"}])
    with pytest.raises(CallsMissing) as missing:
        axle.log.verify(deliveries=[{**plan, "outcome": "refused"}])
    first, latest, earlier = str(missing.value).splitlines()
    assert first == "delivery 1: expected at least 1, found 0"
    assert re.fullmatch(r"  entry \d+, delivery to charger, accepted: outcome is accepted", latest)
    assert earlier.endswith(", delivery to charger, failed: outcome is failed")


@pytest.mark.rule("N21")
def test_a_tariff_brings_the_second_plan(axle: World) -> None:
    received: list[httpx.Request] = []
    with axle.receiver(received.append, kind="schedules"):
        asset_id = plugged_in(axle)
        first = axle.inbox.wait_for("schedule", NAME, timeout=60)
        with clients(axle) as client:
            plug_in(client, asset_id)
        second = axle.inbox.wait_for("schedule", NAME, timeout=60)
    assert first["id"] != second["id"]
    assert [request.url.path for request in received] == [f"/{asset_id}"] * 2
