"""Builds the start of a world from a scenario."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from itertools import count

from mockaxle.core import market, reference
from mockaxle.core.clock import REAL_TIME, WorldClock
from mockaxle.core.falling_due import begun
from mockaxle.core.half_hours import floor, since_dawn
from mockaxle.core.home_assistant import HomeAssistantEvent, HomeAssistantEvents
from mockaxle.core.reference import Reference
from mockaxle.core.state import State
from mockaxle.core.timestamps import whole_second
from mockaxle.scenarios.homes import given_ids, with_homes
from mockaxle.scenarios.sections import AssetSection, HomeAssistantSection, Scenario
from mockaxle.scenarios.shipped import default


@dataclass(frozen=True, slots=True)
class Blueprint:
    """A scenario with its reference data built once, for any number of worlds."""

    scenario: Scenario
    reference: Reference

    @property
    def size(self) -> int:
        """The number of records of a world: sites, assets, transactions, pauses and readings."""
        sites = sum(1 + len(site.transactions) for site in self.scenario.sites)
        homes = sum(portfolio.count for portfolio in self.scenario.portfolios)
        return sites + len(self.scenario.withdrawals) + 2 * homes + sum(map(_size_of, self.scenario.assets))

    def state(self, seed: bytes, *, now: datetime) -> State:
        """Build the first state, at its first instant. `seed` is used if the scenario has none."""
        counters, given = self.scenario.counters, given_ids(self.scenario)
        known = replace(self.reference, home_assistant=_home_assistant(self.scenario, now=now))
        if counters is not None:
            state = State(bytes.fromhex(counters.seed), known, minted=counters.ids, periods=counters.periods)
        else:
            state = State(_apart(seed, given), known)
        began_at = counters.month_ends_at if counters else None
        state = begun(state, now=now) if began_at is None else state._replace(month_ends_at=began_at)
        return with_homes(state, self.scenario, now=now)

    def clock(self, real: datetime) -> WorldClock:
        """Return the clock of a world that starts at a real instant."""
        section = self.scenario.clock
        return REAL_TIME if section is None else WorldClock(real, section.at or real, section.rate)


def _size_of(asset: AssetSection) -> int:
    return 1 + len(asset.pauses) + sum(map(len, asset.registers.values()))


def blueprint(scenario: Scenario) -> Blueprint:
    return Blueprint(scenario, _reference(scenario))


def _apart(seed: bytes, given: set[str]) -> bytes:
    """Derive a seed whose ids differ from the given ones, which the world's own seed may have made."""
    return blake2b("\n".join(sorted(given)).encode(), key=seed[:64], digest_size=32).digest() if given else seed


def _reference(scenario: Scenario) -> Reference:
    meters = (scenario.meters if scenario.meters is not None else default().meters) or ()
    models = (scenario.models if scenario.models is not None else default().models) or ()
    return Reference(
        reference.meters(reference.Meter(**section.model_dump()) for section in meters),
        reference.models(reference.Model(**section.model_dump()) for section in models),
        _market(scenario),
        reference.settings_of(scenario.settings.model_dump()),
        receivers=tuple(sorted(section.receiver(section.name) for section in scenario.receivers)),
    )


def _home_assistant(scenario: Scenario, *, now: datetime) -> HomeAssistantEvents:
    """Build the events of a world that starts at an instant."""
    sections, withdrawn = scenario.home_assistant_events, scenario.home_assistant_withdrawn
    made = scenario.counters.home_assistant_events if scenario.counters else 0
    ids, made = _named("ha", [section.id for section in sections], made=made)
    events = tuple(_event(section, id, now=now) for section, id in zip(sections, ids, strict=True))
    over = _event(withdrawn, withdrawn.id, now=now) if withdrawn else None
    return HomeAssistantEvents(events, over, made)


def _event(section: HomeAssistantSection, id: str, *, now: datetime) -> HomeAssistantEvent:
    updated_at = section.updated_at or whole_second(now)
    return HomeAssistantEvent(
        id, section.start_at, section.end_at, section.import_export, updated_at, section.opted_out
    )


def _market(scenario: Scenario) -> market.Market:
    daily = (scenario.daily_windows if scenario.daily_windows is not None else default().daily_windows) or ()
    single = (scenario.single_windows if scenario.single_windows is not None else default().single_windows) or ()
    made = scenario.counters.windows if scenario.counters else 0
    names, made = _named("w", [*(w.id for w in daily), *(w.id for w in single)], made=made)
    ids = iter(names)
    days = tuple(market.DailyWindow(w.from_time, w.to_time, w.price_gbp_per_mwh, w.timezone, next(ids)) for w in daily)
    once = tuple(market.SingleWindow(w.from_at, w.to_at, w.price_gbp_per_mwh, next(ids)) for w in single)
    prices = tuple(sorted((floor(since_dawn(one.at)), one.price_gbp_per_mwh) for one in scenario.prices))
    return market.Market(days, once, made, prices)


def _named(prefix: str, given: Sequence[str], *, made: int) -> tuple[list[str], int]:
    """Return the ids, with missing ones made as control makes them, and the count of those made."""
    taken = set(given)
    fresh = (f"{prefix}{number}" for number in count(made + 1) if f"{prefix}{number}" not in taken)
    ids = [id or next(fresh) for id in given]
    counted = re.compile(rf"{prefix}([0-9]{{1,9}})")
    return ids, max([made, *(int(found[1]) for id in ids if (found := counted.fullmatch(id)))])
