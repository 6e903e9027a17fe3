"""Makes a scenario into what a world starts from."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count

from mockaxle.clock import REAL_TIME, WorldClock
from mockaxle.core import market, reference
from mockaxle.core.addresses import stored_postcode
from mockaxle.core.half_hours import floor, since_dawn
from mockaxle.core.mpan import check_digit
from mockaxle.core.readings import ReadingLabel
from mockaxle.core.records import Asset, AssetType, DispatchMethod, Site, Standing, Tariff
from mockaxle.core.reference import Reference
from mockaxle.core.state import Register, State, add_asset, add_site, attach, next_id
from mockaxle.scenarios.charging import begun_session
from mockaxle.scenarios.coherence import first_mpans
from mockaxle.scenarios.money import with_pauses, with_transactions
from mockaxle.scenarios.sections import (
    AssetSection,
    HomeAssistantSection,
    PortfolioSection,
    Scenario,
    SiteSection,
    Standings,
    TariffSection,
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
        counters = self.scenario.counters
        state = State(bytes.fromhex(counters.seed) if counters else seed, self.reference)
        if not (self.scenario.sites or self.scenario.portfolios):
            return state._replace(minted=counters.ids) if counters else state
        state = _with_sites(state, self.scenario, now=now)
        return state._replace(minted=max(counters.ids, state.minted)) if counters else state

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
    start, end = section.start_at.astimezone(UTC), section.end_at.astimezone(UTC)
    updated_at = _utc(section.updated_at) or start
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
    once = tuple(
        market.SingleWindow(
            w.from_at.astimezone(UTC), w.to_at.astimezone(UTC), w.price_gbp_per_mwh, w.id or next(fresh)
        )
        for w in single
    )
    prices = tuple(sorted((floor(since_dawn(one.at)), one.price_gbp_per_mwh) for one in scenario.prices))
    ids = [window.id for window in days] + [window.id for window in once]
    return market.Market(days, once, max([made, *(int(id[1:]) for id in ids if _COUNTED.fullmatch(id))]), prices)


def _with_sites(state: State, scenario: Scenario, *, now: datetime) -> State:
    named: dict[str, str] = {}
    for section in scenario.sites:
        state, site_id = _add_site(state, section, now)
        named |= {name: site_id for name in (section.mpan, section.user, site_id) if name is not None}
    for asset in scenario.assets:
        state = _add_asset(state, asset, named[asset.site], now)
    for portfolio in scenario.portfolios:
        for number, twelve in enumerate(first_mpans(portfolio), start=1):
            state = _add_home(state, portfolio, number, f"{twelve:012}", now)
    return state


def _add_site(state: State, section: SiteSection, now: datetime) -> tuple[State, str]:
    site = Site(
        id=section.id or next_id(state),
        place=state.site_order.places,
        mpan=section.mpan,
        postcode=None if section.postcode is None else stored_postcode(section.postcode),
        user=section.user,
        street_address=section.street_address,
        email=section.email,
        consent_at=_utc(section.gave_boundary_meter_consent_at),
        tariff=_tariff(section.tariff),
        standings=_standings(section.dispatch_methods),
    )
    state = add_site(state, site)
    if site.standing(DispatchMethod.LIMITED_PAUSE) is Standing.IN:
        since = _utc(section.pausing_since) or now
        state = state._replace(pausing_since=state.pausing_since.put(site.id, since))
    if section.linked:
        state = state._replace(linked=state.linked.put(site.id, section.linked))
    return with_transactions(state, site.id, section=section, now=now), site.id


def _add_asset(state: State, section: AssetSection, site_id: str, now: datetime) -> State:
    asset = Asset(
        id=section.id or next_id(state),
        place=state.asset_order.places,
        site_id=site_id,
        external_id=section.external_id,
        type=section.type,
        power_kw=section.power_kw,
        capacity_kwh=section.capacity_kwh,
        model=section.asset_model,
        installed_on=section.installation_date,
    )
    state = attach(add_asset(state, asset), site_id, asset_ids=(asset.id,))
    if section.session is not None:
        session = begun_session(state, asset, section=section.session, now=now)
        state = state._replace(sessions=state.sessions.put(asset.id, session))
    if section.registers:
        state = state._replace(registers=state.registers.put(asset.id, _registers(section)))
    state = with_pauses(state, asset.id, sections=section.pauses)
    return state._replace(created_at=state.created_at.put(asset.id, _utc(section.created_at) or now))


def _registers(section: AssetSection) -> tuple[Register, ...]:
    found = {
        label: tuple(sorted((at.astimezone(UTC), value) for at, value in pairs))
        for label, pairs in section.registers.items()
    }
    return tuple((label.value, found[label]) for label in ReadingLabel if found.get(label))


def _add_home(state: State, portfolio: PortfolioSection, number: int, twelve: str, now: datetime) -> State:
    mpan = twelve + check_digit(twelve)
    site = SiteSection(
        mpan=mpan,
        postcode=portfolio.postcode,
        gave_boundary_meter_consent_at=portfolio.gave_boundary_meter_consent_at,
        dispatch_methods=portfolio.dispatch_methods,
    )
    state, site_id = _add_site(state, site, now)
    external_id = f"{portfolio.name}-{number}"
    charger = AssetSection(site=mpan, external_id=external_id, type=AssetType.CHARGER, power_kw=portfolio.power_kw)
    return _add_asset(state, charger, site_id, now)


def _standings(named: Standings) -> tuple[Standing, ...]:
    return tuple(Standing(named.get(method, "out")) for method in DispatchMethod)


def _tariff(section: TariffSection | None) -> Tariff | None:
    return None if section is None else Tariff(section.type, section.cheap_from, section.cheap_to)


def _utc(at: datetime | None) -> datetime | None:
    return at and at.astimezone(UTC)
