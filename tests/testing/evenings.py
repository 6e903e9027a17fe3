"""A home in Smart Charging at ten in the evening, whose car a test plugs in."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from mockaxle.testing.world import World
from tests.calling import onboarding

FULL, TEN = "full_asset_schedule_control", "2040-01-20T22:00:00Z"


@contextmanager
def clients(axle: World) -> Iterator[httpx.Client]:
    """A partner's client, with or without a socket."""
    bearer = {"Authorization": f"Bearer {axle.token}"}
    with httpx.Client(transport=axle.transport, base_url=axle.base_url, headers=bearer) as client:
        yield client


def plug_in(client: httpx.Client, asset_id: str) -> None:
    assert client.post(f"/entities/asset/{asset_id}/event/plug-in", json={}).status_code == 200


def plugged_in(axle: World) -> str:
    """The id of a charger that was onboarded and whose car was plugged in, on a clock that stands."""
    axle.clock.freeze(TEN)
    with clients(axle) as client:
        made = client.post("/entities/site/onboard", json=onboarding(proposition=FULL)).json()
        asset_id: str = made["assets"][0]["asset_id"]
        plug_in(client, asset_id)
    return asset_id
