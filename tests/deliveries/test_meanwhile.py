"""What changes a world while a receiver is called, or just before, does not mislead its deliveries."""

import asyncio
from collections.abc import Callable
from threading import Event
from typing import Any

import httpx
import pytest

from mockaxle.testing.mock import MockAxle
from tests.calling import onboarding
from tests.deliveries.partners import FULL, TEN, Evening, Partner
from tests.serving import Served


def once(partner: Partner, act: Callable[[], Any]) -> Callable[[], None]:
    """Act before the first answer only."""

    def meanwhile() -> None:
        partner.meanwhile = lambda: None
        act()

    return meanwhile


@pytest.mark.rule("N13", "N14")
def test_an_answer_to_a_message_from_before_a_reset_is_not_taken_for_another_ones(evening: Evening) -> None:
    def start_anew() -> None:
        evening.controller.done("POST", "/reset", {"what": ["state", "log"]})
        evening.controller.done("PUT", "/clock", {"at": "2040-01-20T22:30:00Z", "rate": 0})
        home = evening.controller.call("POST", "/entities/site/onboard", onboarding(proposition=FULL)).json()
        evening.asset_id = home["assets"][0]["asset_id"]
        evening.partner.statuses = [200, 500]
        evening.event()

        acted.set()

    acted = Event()
    evening.receive(kind="webhooks")
    evening.partner.meanwhile = once(evening.partner, start_anew)
    evening.event()
    assert acted.wait(60)
    evening.advance()
    (message,) = evening.said()
    assert [attempt["status"] for attempt in message["attempts"]] == [500]
    assert len(evening.logged()) == 1


@pytest.mark.rule("N1")
def test_a_receiver_that_is_held_from_now_on_gets_nothing_more(evening: Evening) -> None:
    evening.partner.statuses = [500]
    evening.receive()
    evening.event()
    evening.advance()
    evening.receive(held=True)
    evening.advance("1h")
    assert (evening.statuses(), len(evening.partner.received)) == (["held"], 1)


@pytest.mark.rule("N1", "N8")
def test_a_receiver_of_another_kind_does_not_get_what_waited_for_the_former(evening: Evening) -> None:
    evening.partner.statuses = [500]
    evening.receive()
    evening.event()
    evening.advance()
    evening.receive(kind="webhooks")
    evening.advance("1h")
    (message,) = evening.said()
    assert (message["status"], message["reason"]) == ("given_up", "its receiver is of another kind now")
    assert len(evening.partner.received) == 1


@pytest.mark.rule("N1", "N13")
def test_a_receiver_may_remove_itself_before_it_answers(evening: Evening) -> None:
    evening.partner.meanwhile = lambda: evening.controller.done("DELETE", "/receivers/partner")
    evening.receive()
    evening.event()
    evening.advance()
    (message,) = evening.said()
    assert (message["status"], message["reason"]) == ("accepted", None)


@pytest.mark.rule("N8", "N13")
def test_a_plan_made_before_its_answer_goes_out_next_and_the_old_one_never_again(evening: Evening) -> None:
    evening.partner.statuses = [500, 200]
    evening.partner.meanwhile = once(evening.partner, lambda: evening.controller.done("POST", "/replan"))
    evening.receive()
    evening.event()
    evening.advance("1h")
    assert evening.statuses() == ["superseded", "accepted"]
    assert len(evening.partner.received) == 2


@pytest.mark.rule("N13")
def test_an_advance_over_no_time_is_done_at_once_and_leaves_the_clock_free(evening: Evening) -> None:
    evening.partner.statuses = [500]
    evening.receive()
    evening.event()
    for _ in range(5):
        evening.advance("0s", max_attempts=0)
    assert evening.controller.done("GET", "/clock")["advancing_to"] is None


@pytest.mark.rule("N10", "N12")
@pytest.mark.parametrize(
    "clock", [{"at": "9999-12-31T12:00:00Z", "rate": 0}, {"at": TEN, "rate": "1E-400"}, {"at": TEN, "rate": 5_000}]
)
def test_an_odd_clock_is_no_error(evening: Evening, clock: dict[str, Any]) -> None:
    evening.partner.statuses = [500, 200]
    evening.controller.done("PUT", "/clock", clock)
    evening.controller.log_in()
    evening.receive(kind="webhooks")
    evening.event()
    end = {"start_time": "9999-12-31T13:00:00Z", "end_time": "9999-12-31T14:00:00Z"}
    evening.controller.done("POST", "/dispatches", {**end, "power_kw": 1, "fraction": 1})
    assert evening.advance("1h")["reached"] is True
    assert "accepted" in evening.statuses()


@pytest.mark.rule("N12")
def test_a_world_that_is_dropped_calls_nobody(evening: Evening, served: Served) -> None:
    evening.partner.statuses = [500]
    evening.receive()
    evening.event()
    evening.advance()
    served.app.api.worlds.drop(evening.controller.username)
    calls = len(evening.partner.received)
    evening.controller.log_in()
    evening.controller.done("POST", "/clock/advance", {"by": "1d"})
    assert len(evening.partner.received) == calls


@pytest.mark.rule("N13")
def test_calls_of_an_asynchronous_client_are_delivered_as_all_others(partner: Partner) -> None:
    async def plug_in(transport: httpx.AsyncBaseTransport, bearer: dict[str, str]) -> None:
        async with httpx.AsyncClient(transport=transport, base_url=axle.base_url, headers=bearer) as client:
            made = (await client.post("/entities/site/onboard", json=onboarding(proposition=FULL))).json()
            path = f"/entities/asset/{made['assets'][0]['asset_id']}/event/plug-in"
            for _ in range(20):
                await client.post(path, json={})

    with MockAxle(socket=False) as axle:
        axle.clock.freeze(TEN)
        axle.control("PUT", "/receivers/partner", body={"url": partner.url + "/hook", "kind": "webhooks"})
        assert axle.async_transport is not None
        asyncio.run(plug_in(axle.async_transport, {"Authorization": f"Bearer {axle.token}"}))
        axle.clock.advance("1s")
        statuses = [message["status"] for message in axle.control("GET", "/messages")["messages"]]
    assert (statuses, len(partner.received)) == (["accepted"] * 20, 20)


@pytest.mark.rule("N4")
def test_replan_takes_an_asset_once(evening: Evening) -> None:
    evening.event()
    refused = evening.controller.control("POST", "/replan", {"assets": [evening.asset_id] * 2})
    assert (refused.status_code, "twice" in refused.json()["detail"]) == (422, True)
