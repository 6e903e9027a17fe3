"""A visitor and a partner of the same new world, over a socket."""

import pytest

from tests.inspector.visiting import Partner, Visiting, fresh_name
from tests.serving import Served


@pytest.fixture
def visitor(served: Served) -> Visiting:
    visiting = Visiting(served.base_url)
    assert visiting.log_in(fresh_name()).status_code == 303
    return visiting


@pytest.fixture
def partner(served: Served, visitor: Visiting) -> Partner:
    return Partner(served.base_url, visitor.world.rpartition("/")[2])
