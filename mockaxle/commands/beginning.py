"""Commands on a world as a whole: its beginning and its settings."""

from dataclasses import replace

from mockaxle.awkwardness import AT_EASE
from mockaxle.commands.done import Done, with_reference
from mockaxle.core.reference import Style, TokenTimes, UnknownModel
from mockaxle.exchange import Command
from mockaxle.faults import NO_FAULTS
from mockaxle.scenarios.building import blueprint
from mockaxle.scenarios.sections import Scenario
from mockaxle.world import World

SETTING_TYPES = {"style": Style, "token_times": TokenTimes, "unknown_model": UnknownModel}


def reset(world: World, command: Command) -> Done:
    """Back to the beginning; arguments: what, of state, market, settings, faults and clock. Tokens stay."""
    what = command.arguments["what"]
    if "state" in what:
        first = world.origin.reference
        reference = replace(
            world.state.reference, meters=first.meters, models=first.models, home_assistant=first.home_assistant
        )
        world = world._replace(state=world.origin._replace(reference=reference))
    if "market" in what:
        world = with_reference(world, market=world.origin.reference.market)
    if "settings" in what:
        world = with_reference(world, settings=world.origin.reference.settings)
    if "faults" in what:
        world = world._replace(faults=NO_FAULTS, awkwardness=AT_EASE)
    if "clock" in what:
        world = world._replace(clock=world.origin_clock)
    return world, {"reset": list(what)}


def load_scenario(world: World, command: Command) -> Done:
    """The world begun anew; arguments: scenario. Tokens and seed stay, the clock where the scenario names none."""
    plan = blueprint(Scenario.model_validate(command.arguments["scenario"]))
    clock = plan.clock(command.real_at) if plan.scenario.clock else world.clock
    state = plan.state(world.state.seed, now=clock.now(command.real_at))
    origin_clock = clock if plan.scenario.clock else world.origin_clock
    world = world._replace(origin=state, state=state, clock=clock, origin_clock=origin_clock)
    return world, {"sites": len(state.sites), "assets": len(state.assets)}


def change_settings(world: World, command: Command) -> Done:
    """The settings named changed, no others."""
    typed = {name: of(command.arguments[name]) for name, of in SETTING_TYPES.items() if name in command.arguments}
    settings = replace(world.state.reference.settings, **{**command.arguments, **typed})
    return with_reference(world, settings=settings), {}
