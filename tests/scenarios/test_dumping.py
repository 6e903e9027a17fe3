"""A world written as a scenario loads to the same answers."""

import pytest
from hypothesis import given, settings

from mockaxle.app import create_app
from mockaxle.scenarios.dumping import dump, spelt
from mockaxle.scenarios.lines import Format
from mockaxle.scenarios.reading import read_scenario
from mockaxle.settings import ServerSettings
from tests.living import Life, Step, fresh_life, steps


def reloaded(life: Life, format: Format) -> Life:
    """The same organisation on a new server that starts from its world as written."""
    section = {"at": life.caller.world.clock.now(life.clock.at).isoformat(), "rate": str(life.caller.world.clock.rate)}
    text = spelt(dump(life.caller.state, clock=section), format)
    scenario = read_scenario(text, name="dump", format=format)
    again = Life(create_app(ServerSettings(seed="other"), scenario=scenario, clock=life.clock).reception, life.clock)
    again.ids = dict(life.ids)
    return again


@pytest.mark.property
@settings(max_examples=150)
@given(steps, steps)
def test_a_dumped_world_loads_to_the_same_answers(before: list[Step], after: list[Step]) -> None:
    life = fresh_life().live(before)
    life.caller.token = life.caller.log_in().json["access_token"]
    for format in ("toml", "json"):
        again = reloaded(life, format)
        assert dump(again.caller.state, clock=None) == dump(life.caller.state, clock=None)
    again.caller.token = again.caller.log_in().json["access_token"]
    for step in after:
        if step[0] == "command" and step[1][0] == "reset":
            continue  # the two began differently
        one, other = life.take(step), None
        if step[0] != "wait":
            other = again.take(step)
        assert (one and one.status) == (other and other.status)
        if one and other and step[0] != "log in":
            assert one.json == other.json
