"""A base is the world itself: what is read again equals what was written, field by field, and is written the same."""

import asyncio
from random import Random

import pytest
from hypothesis import given, settings

from mockaxle.app import create_app
from mockaxle.serving.settings import ServerSettings
from mockaxle.world.base_form import digests_in, read_base, write_base
from mockaxle.world.value import World
from tests.calling import Caller
from tests.clocks import ManualClock
from tests.deliveries.test_replay import history
from tests.living import Step, fresh_life, steps
from tests.replaying import SEED


def read_again(world: World) -> World:
    written = write_base(world)
    again = read_base(written.lines, written.states.__getitem__)
    assert digests_in(written.lines) == written.states.keys()
    assert write_base(again) == written, "numbers and instants have the same types"
    return again


@pytest.mark.property
@settings(max_examples=150)
@given(steps)
def test_any_world_is_read_as_it_was_written(steps: list[Step]) -> None:
    life = fresh_life().live(steps)
    hosted = life.caller.api.worlds.find(life.caller.username)
    assert hosted is not None
    world, again = hosted.world, read_again(hosted.world)
    for name in World._fields:
        assert getattr(again, name) == getattr(world, name), name


def test_worlds_with_deliveries_are_read_as_they_were_written() -> None:
    app = create_app(ServerSettings(seed=SEED, max_worlds=150), clock=ManualClock())
    for n in range(150):
        hosted = asyncio.run(history(app, Caller(app.api, f"h{n}"), Random(n)))
        assert read_again(hosted.world) == hosted.world


def test_a_state_that_a_world_has_twice_is_one_object() -> None:
    app = create_app(ServerSettings(seed=SEED))
    Caller(app.api)
    hosted = app.api.worlds.find("acme")
    assert hosted is not None
    again = read_again(hosted.world)
    assert (again.origin is again.state) == (hosted.world.origin is hosted.world.state)
