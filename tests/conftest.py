"""What tests start from: a manual clock, an app in this process, and one over a socket."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from mockaxle.app import App, create_app
from tests.calling import Caller
from tests.clocks import ManualClock
from tests.serving import Served, serving

settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fuzz", settings.get_profile("ci"), derandomize=False, max_examples=5_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def app(clock: ManualClock) -> App:
    return create_app(clock=clock)


@pytest.fixture
def acme(app: App) -> Caller:
    return Caller(app.reception, "acme")


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    with serving() as served:
        yield served
