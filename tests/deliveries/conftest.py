"""The partner's server of a test, and an evening whose plans go there."""

import re
from collections.abc import Iterator

import pytest
from pytest_httpserver import HTTPServer

from tests.control.controlling import Controller, controllers
from tests.deliveries.partners import Evening, Partner
from tests.serving import Served


@pytest.fixture
def controller(served: Served) -> Iterator[Controller]:
    yield from controllers(served)


@pytest.fixture(scope="session")
def partner_server() -> Iterator[HTTPServer]:
    """One server for all tests, since it takes half a second to stop."""
    with HTTPServer(host="127.0.0.1", threaded=True) as server:
        yield server


@pytest.fixture
def partner(partner_server: HTTPServer) -> Iterator[Partner]:
    found = Partner(partner_server.url_for("").rstrip("/"))
    partner_server.expect_request(re.compile(".*")).respond_with_handler(found.answer)
    yield found
    partner_server.clear()


@pytest.fixture
def evening(controller: Controller, partner: Partner) -> Evening:
    return Evening(controller, partner)
