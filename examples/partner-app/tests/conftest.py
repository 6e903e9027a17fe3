"""The app's homes, at the world of a test."""

from collections.abc import Iterator

import pytest
from ev_app.axle import Axle
from ev_app.homes import Homes

from mockaxle import World


@pytest.fixture
def waited() -> list[float]:
    """The seconds that the app would have waited."""
    return []


@pytest.fixture
def homes(mockaxle: World, waited: list[float]) -> Iterator[Homes]:
    axle = Axle(mockaxle.base_url, username=mockaxle.username, password=mockaxle.password, wait=waited.append)
    yield Homes(axle)
    axle.close()
