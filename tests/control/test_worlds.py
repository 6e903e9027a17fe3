"""Describing and resetting a world."""

from time import process_time

from benchmarks.growth import grow
from mockaxle.core.clock import EPOCH
from mockaxle.scenarios.building import blueprint
from mockaxle.scenarios.shipped import default
from mockaxle.world.commands.beginning import Reset, reset
from mockaxle.world.commands.done import Moment
from mockaxle.world.opening import new_world
from tests.calling import onboarding
from tests.clocks import START
from tests.control.controlling import Controller


def test_a_world_is_described(controller: Controller) -> None:
    controller.call("POST", "/entities/site/onboard", onboarding())
    world = controller.done("GET", "")
    assert (world["world"], world["accounts"]) == (controller.username, [controller.username])
    assert (world["sites"], world["assets"], world["tokens"], world["entries"]) == (1, 1, 1, 2)


def test_a_reset_empties_the_world_and_keeps_the_tokens(controller: Controller) -> None:
    first = controller.call("POST", "/entities/site/onboard", onboarding()).json()
    controller.done("POST", "/reset")
    world = controller.done("GET", "")
    assert (world["sites"], world["assets"], world["entries"], world["tokens"]) == (0, 0, 0, 1)
    assert controller.call("POST", "/entities/site/onboard", onboarding()).json() == first


def test_only_what_is_named_is_reset(controller: Controller) -> None:
    controller.call("POST", "/entities/site/onboard", onboarding())
    controller.done("PATCH", "/settings", {"strict_time": True, "unknown_model": "refused"})
    controller.done("POST", "/reset", {"what": ["log"]})
    world = controller.done("GET", "")
    assert (world["sites"], world["entries"]) == (1, 0)
    controller.done("POST", "/reset", {"what": ["state"]})
    assert controller.done("GET", "")["sites"] == 0
    settings = controller.done("GET", "/settings")
    assert (settings["strict_time"], settings["unknown_model"]) == (True, "refused")


def test_a_reset_costs_the_same_whatever_the_worlds_size() -> None:
    def seconds(size: int) -> float:
        world = new_world(blueprint(default()), "w", server_seed="s", real=EPOCH)
        world = world._replace(state=grow(world.state, start=0, to=size))
        body, moment = Reset(what=("state", "market", "settings", "clock")), Moment(START, START, {})
        times = []
        for _ in range(20):
            started = process_time()
            emptied = reset(world, body, moment).world
            times.append(process_time() - started)
        assert len(emptied.state.sites) == 0
        return min(times)

    assert seconds(5_000) < 5 * seconds(10)
