"""Two worlds of one server never influence each other."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockaxle.world.entries import to_json
from tests.living import Life, Step, calls, fresh_life

turns = st.lists(
    st.tuples(st.sampled_from(["acme", "beta"]), calls.filter(lambda step: step[0] != "wait")), max_size=25
)


@pytest.mark.property
@settings(max_examples=200)
@given(turns)
def test_two_lives_at_once_go_as_each_would_alone(turns: list[tuple[str, Step]]) -> None:
    acme = fresh_life("acme")
    together = {"acme": acme, "beta": Life(acme.caller.api, acme.clock, "beta")}
    for who, step in turns:
        together[who].take(step)
    for who, life in together.items():
        alone = fresh_life(who).live([step for name, step in turns if name == who])
        assert [to_json(entry) for entry in life.log] == [to_json(entry) for entry in alone.log]
        assert life.caller.world == alone.caller.world
