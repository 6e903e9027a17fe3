"""Makes a scenario into what a world starts from."""

import re
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from itertools import count

from mockaxle.clock import REAL_TIME, WorldClock
from mockaxle.core import market, reference
from mockaxle.core.half_hours import floor, since_dawn
from mockaxle.core.reference import Reference
from mockaxle.core.state import State
from mockaxle.scenarios.homes import given_ids, with_homes
from mockaxle.scenarios.sections import (
    HomeAssistantSection,
    Scenario,
)
from mockaxle.scenarios.shipped import default
from mockaxle.world import World, new_world, seed_of

_COUNTED = re.compile(r"w[0-9]{1,9}")


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A scenario with its reference data made once, for any number of worlds."""

    scenario: Scenario
    reference: Reference

    def state(self, seed: bytes, *, now: datetime) -> State:
        """The world's first state, at its first instant; the seed counts where the scenario has none of its own."""
        counters, given = self.scenario.counters, given_ids(self.scenario)
        if counters is not None:
            state = State(bytes.fromhex(counters.seed), self.reference, minted=counters.ids)
        else:
            state = State(_apart(seed, given), self.reference)
        return with_homes(state, self.scenario, now=now)

    def world(self, name: str, *, server_seed: str, real: datetime) -> World:
        """A world at its beginning, at a real instant."""
        clock = self.clock(real)
        state = self.state(seed_of(name, server_seed=server_seed), now=clock.now(real))
        return new_world(name, origin=state, clock=clock)

    def clock(self, real: datetime) -> WorldClock:
        """The clock of a world that starts at a real instant."""
        section = self.scenario.clock
        return REAL_TIME if section is None else WorldClock(real, section.at or real, section.rate)


def blueprint(scenario: Scenario) -> Blueprint:
    return Blueprint(scenario, _reference(scenario))


def _apart(seed: bytes, given: set[str]) -> bytes:
    """A seed whose ids are none of the given ones, which the world's own seed may have made."""
    return blake2b("\n".join(sorted(given)).encode(), key=seed[:64], digest_size=32).digest() if given else seed


def _reference(scenario: Scenario) -> Reference:
    meters = (scenario.meters if scenario.meters is not None else default().meters) or ()
    models = (scenario.models if scenario.models is not None else default().models) or ()
    return Reference(
        reference.meters(reference.Meter(**section.model_dump()) for section in meters),
        reference.models(reference.Model(**section.model_dump()) for section in models),
        _market(scenario),
        reference.Settings(**scenario.settings.model_dump()),
        tuple(_home_assistant(section) for section in scenario.home_assistant_events),
    )


def _home_assistant(section: HomeAssistantSection) -> reference.HomeAssistantEvent:
    start, end = section.start_at, section.end_at
    updated_at = section.updated_at or start
    return reference.HomeAssistantEvent(start, end, section.import_export, updated_at, section.opted_out)


def _market(scenario: Scenario) -> market.Market:
    """Windows without an id are named as those that are added later, and counted with them."""
    daily = (scenario.daily_windows if scenario.daily_windows is not None else default().daily_windows) or ()
    single = (scenario.single_windows if scenario.single_windows is not None else default().single_windows) or ()
    made = scenario.counters.windows if scenario.counters else 0
    taken = {window.id for window in daily} | {window.id for window in single}
    fresh = (f"w{number}" for number in count(made + 1) if f"w{number}" not in taken)
    days = tuple(
        market.DailyWindow(w.from_time, w.to_time, w.price_gbp_per_mwh, w.timezone, w.id or next(fresh)) for w in daily
    )
    once = tuple(market.SingleWindow(w.from_at, w.to_at, w.price_gbp_per_mwh, w.id or next(fresh)) for w in single)
    prices = tuple(sorted((floor(since_dawn(one.at)), one.price_gbp_per_mwh) for one in scenario.prices))
    ids = [window.id for window in days] + [window.id for window in once]
    return market.Market(days, once, max([made, *(int(id[1:]) for id in ids if _COUNTED.fullmatch(id))]), prices)
