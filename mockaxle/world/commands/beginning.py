"""Commands on a world as a whole: reset, scenario and settings."""

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from mockaxle.core.awkward_deliveries import USUAL
from mockaxle.core.falling_due import begun
from mockaxle.core.reference import Baseline, Style, TokenTimes, UnknownModel, Unmeasured, settings_of
from mockaxle.scenarios.building import blueprint
from mockaxle.scenarios.fields import Days, PauseMinutes, Pence, Section, Share
from mockaxle.scenarios.reading import read_scenario
from mockaxle.scenarios.sections import QuirksSection, Scenario
from mockaxle.world.awkwardness import NOT_AWKWARD
from mockaxle.world.commands.done import Done, Moment, with_reference
from mockaxle.world.commands.row import TOML
from mockaxle.world.faults import NO_FAULTS
from mockaxle.world.value import World

Part = Literal["state", "clock", "market", "settings", "faults", "log"]
PARTS: tuple[Part, ...] = ("state", "clock", "market", "settings", "faults", "log")


class Reset(Section):
    """The parts to reset, by default all."""

    what: Annotated[tuple[Part, ...], Field(max_length=len(PARTS))] = PARTS


class ChangeSettings(Section):
    """The settings to change; null leaves a setting as it is."""

    style: Style | None = None
    pause_minutes: PauseMinutes | None = None
    strict_time: bool | None = None
    withdrawal_memory: bool | None = None
    strict_readings: bool | None = None
    minimum_withdrawal_pence: Pence | None = None
    withdrawal_min_wait_days: Days | None = None
    consent_exempt: bool | None = None
    token_times: TokenTimes | None = None
    unknown_model: UnknownModel | None = None
    plan_follows_market: bool | None = None
    production_schedules: bool | None = None
    home_assistant_quirks: QuirksSection | None = None
    baseline: Baseline | None = None
    unmeasured: Unmeasured | None = None
    user_share: Share | None = None
    estimate_share: Share | None = None
    cm_pence_per_month: Pence | None = None
    signup_bonus_pence: Pence | None = None


def reset(world: World, body: Reset, moment: Moment) -> Done:
    """Reset the parts named to their beginning. Tokens are kept."""
    what = body.what
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
        world = with_reference(world, awkward_deliveries=USUAL)
        world = world._replace(faults=NO_FAULTS, awkwardness=NOT_AWKWARD)
    if "clock" in what:
        world = world._replace(clock=world.origin_clock)
    world = world._replace(state=begun(world.state, now=world.clock.now(moment.real_at)))
    return Done(world, {"reset": list(what)}, "begin_anew" if "log" in what else "go_on")


def load_scenario(world: World, body: Scenario, moment: Moment) -> Done:
    """Start the world anew from a scenario. Tokens and seed are kept, and the clock if the scenario has none."""
    plan = blueprint(body)
    clock = plan.clock(moment.real_at) if body.clock else world.clock
    state = plan.state(world.state.seed, now=clock.now(moment.real_at))
    origin_clock = clock if body.clock else world.origin_clock
    world = world._replace(origin=state, state=state, clock=clock, origin_clock=origin_clock)
    return Done(world, {"sites": len(state.sites), "assets": len(state.assets)})


def change_settings(world: World, body: ChangeSettings, moment: Moment) -> Done:
    """Change the settings named, and answer all settings."""
    settings = settings_of(
        body.model_dump(exclude_none=True, exclude_unset=True), before=world.state.reference.settings
    )
    world = with_reference(world, settings=settings)
    return Done(world._replace(state=begun(world.state, now=moment.at)), settings.data())


def parse_scenario(body: bytes, media_type: str) -> Scenario:
    """Raises: ScenarioRefused."""
    return read_scenario(body, name="scenario", format="toml" if media_type == TOML else "json")
