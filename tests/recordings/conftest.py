"""A partner whose world is recorded, and a server elsewhere on which the recording is repeated."""

from collections.abc import Iterator

import pytest

from mockaxle.app import create_app
from mockaxle.serving.listener import serve_in_thread
from mockaxle.serving.settings import ServerSettings
from tests.recordings.lives import Partner
from tests.serving import Served


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """A server whose ids and prices come from another seed."""
    with serve_in_thread(create_app(ServerSettings(seed="elsewhere"))) as url:
        yield url


@pytest.fixture
def partner(served: Served, request: pytest.FixtureRequest) -> Iterator[Partner]:
    with Partner(served.base_url, f"it's {request.node.name}") as partner:
        yield partner
