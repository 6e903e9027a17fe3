"""The partner's server of a test, and an evening whose plans go there."""

from collections.abc import Iterator

import pytest

from tests.control.controlling import Controller, controllers
from tests.deliveries.partners import Evening, Partner, partner_serving
from tests.serving import Served


@pytest.fixture
def controller(served: Served) -> Iterator[Controller]:
    yield from controllers(served)


@pytest.fixture
def partner() -> Iterator[Partner]:
    with partner_serving() as found:
        yield found


@pytest.fixture
def evening(controller: Controller, partner: Partner) -> Evening:
    return Evening(controller, partner)
