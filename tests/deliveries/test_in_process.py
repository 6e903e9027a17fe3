"""Without a socket of the mock's, messages are delivered all the same, and a receiver may call back."""

from threading import Event
from typing import Any

import httpx
import pytest

from mockaxle.testing.mock import MockAxle
from mockaxle.testing.world import AdvanceStopped, Clock, World
from tests.calling import onboarding
from tests.deliveries.partners import FULL, TEN, Partner


def plugged_in(axle: World, partner: Partner) -> httpx.Client:
    """A client of a mock at which a car is plugged in, and whose plans go to the partner."""
    axle.clock.freeze(TEN)
    axle.control("PUT", "/receivers/partner", body={"url": partner.url + "/{asset_id}", "kind": "schedules"})
    bearer = {"Authorization": f"Bearer {axle.token}"}
    client = httpx.Client(transport=axle.transport, base_url=axle.base_url, headers=bearer)
    made = client.post("/entities/site/onboard", json=onboarding(proposition=FULL)).json()
    client.post(f"/entities/asset/{made['assets'][0]['asset_id']}/event/plug-in", json={})
    return client


@pytest.mark.rule("N13")
def test_an_advance_returns_when_its_attempts_are_done(partner: Partner) -> None:
    partner.statuses = [500, 500, 200]
    with MockAxle(socket=False) as axle:
        plugged_in(axle, partner)
        axle.clock.advance("1h")
        assert [message["status"] for message in axle.control("GET", "/messages")["messages"]] == ["accepted"]
    assert len(partner.received) == 3


@pytest.mark.rule("N13")
def test_a_receiver_calls_the_api_from_its_own_handler(partner: Partner) -> None:
    with MockAxle(socket=False) as axle:
        statuses: list[int] = []
        clients: list[httpx.Client] = []

        def meanwhile() -> None:
            statuses.extend(client.get("/entities/site").status_code for client in clients)
            statuses.append(len(axle.control("GET", "/messages")["messages"]))

        partner.statuses, partner.meanwhile = [500, 200], meanwhile
        clients.append(plugged_in(axle, partner))
        axle.clock.advance("1h")
    assert statuses[-2:] == [200, 1]


@pytest.mark.rule("N13")
def test_an_advance_that_stops_on_the_way_is_an_error() -> None:
    def control(verb: str, path: str, **_: Any) -> dict[str, Any]:
        return {"now": TEN, "reached": False, "attempts": 7}

    with pytest.raises(AdvanceStopped, match=f"{TEN}, after 7 attempts"):
        Clock(control).advance("1d")


@pytest.mark.rule("N13")
def test_a_mock_ends_while_a_receiver_is_called(partner: Partner) -> None:
    called, ended = Event(), Event()

    def meanwhile() -> None:
        called.set()
        ended.wait(60)

    partner.meanwhile = meanwhile
    with MockAxle(socket=False) as axle:
        plugged_in(axle, partner)
        assert called.wait(60)
    ended.set()
    assert len(partner.received) == 1
