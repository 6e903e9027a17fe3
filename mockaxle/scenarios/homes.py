"""Adds a scenario's sites, assets and portfolios to a state."""

from collections.abc import Iterable
from datetime import datetime

from mockaxle.core.half_hours import floor, since_dawn
from mockaxle.core.property import check_digit, stored_postcode
from mockaxle.core.readings import ReadingDataPointLabel
from mockaxle.core.records import Asset, AssetType, DispatchMethod, PlannedPause, Site, Standing
from mockaxle.core.state import Register, State, add_asset, add_site, attach, next_id
from mockaxle.core.tariffs import Tariff
from mockaxle.core.timestamps import whole_second
from mockaxle.scenarios.charging import begun_session
from mockaxle.scenarios.coherence import first_mpans
from mockaxle.scenarios.money import transaction_of
from mockaxle.scenarios.sections import (
    AssetSection,
    PauseSection,
    PortfolioSection,
    Scenario,
    SiteSection,
    Standings,
    TariffSection,
    TransactionSection,
)


def with_homes(state: State, scenario: Scenario, *, now: datetime) -> State:
    """Add the scenario's sites, assets and portfolios. Missing ids are made."""
    homes = _Homes(state, scenario, now)
    homes.add_sites(scenario.sites)
    homes.add_assets(scenario.assets)
    for portfolio in scenario.portfolios:
        homes.add_portfolio(portfolio)
    homes.add_pauses()
    return homes.state


class _Homes:
    def __init__(self, state: State, scenario: Scenario, now: datetime) -> None:
        self.state = state
        self._now = now
        self._given = given_ids(scenario)
        self._by_id: dict[str, str] = {}
        self._by_mpan: dict[str, str] = {}
        self._by_user: dict[str, str] = {}
        self._pauses: list[tuple[int, str, PauseSection]] = []

    def add_sites(self, sections: Iterable[SiteSection]) -> None:
        for section in sections:
            site_id = self._add_site(section)
            self._by_id[site_id] = site_id
            if section.mpan is not None:
                self._by_mpan[section.mpan] = site_id
            if section.user is not None:
                self._by_user[section.user] = site_id

    def add_assets(self, sections: Iterable[AssetSection]) -> None:
        for section in sections:
            name = section.site
            self._add_asset(section, self._by_id.get(name) or self._by_mpan.get(name) or self._by_user[name])

    def add_portfolio(self, portfolio: PortfolioSection) -> None:
        for number, digits in enumerate(first_mpans(portfolio), start=1):
            mpan = f"{digits:012}" + check_digit(f"{digits:012}")
            site = SiteSection(
                mpan=mpan,
                postcode=portfolio.postcode,
                gave_boundary_meter_consent_at=portfolio.gave_boundary_meter_consent_at,
                dispatch_methods=portfolio.dispatch_methods,
            )
            name = f"{portfolio.name}-{number}"
            asset = AssetSection(site=mpan, external_id=name, type=AssetType.CHARGER, power_kw=portfolio.power_kw)
            self._add_asset(asset, self._add_site(site))

    def add_pauses(self) -> None:
        """Add pauses in the order in which they were planned, if known. Past ones are settled at the next call."""
        for _, asset_id, section in sorted(self._pauses, key=lambda pause: pause[0]):
            state = self.state
            agenda, place = state.agenda.add(floor(since_dawn(section.end_at)), asset_id)
            pause = PlannedPause(**{**dict(section), "place": place})
            pauses = (*(state.pauses.get(asset_id) or ()), pause)
            self.state = state._replace(agenda=agenda, pauses=state.pauses.put(asset_id, pauses))

    def _fresh_id(self) -> str:
        """Make an id that the scenario does not use."""
        while (made := next_id(self.state)) in self._given:
            self.state = self.state._replace(minted=self.state.minted + 1)
        return made

    def _kept_count(self, before: int, given_id: str | None) -> None:
        """Return the count of ids made; an id given by the scenario does not count."""
        if given_id is not None:
            self.state = self.state._replace(minted=before)

    def _add_site(self, section: SiteSection) -> str:
        id = section.id or self._fresh_id()
        minted = self.state.minted
        site = Site(
            id=id,
            place=self.state.site_order.places,
            mpan=section.mpan,
            postcode=None if section.postcode is None else stored_postcode(section.postcode),
            street_address=section.street_address,
            email=section.email,
            consent_at=section.gave_boundary_meter_consent_at,
            tariff=_tariff(section.tariff),
            standings=_standings(section.dispatch_methods),
            pausing_since=self._pausing_since(section),
            user=section.user,
        )
        self.state = add_site(self.state, site)
        self._kept_count(minted, section.id)
        if section.linked:
            self.state = self.state._replace(linked=self.state.linked.put(id, section.linked))
        self._add_money(section, id)
        return id

    def _pausing_since(self, section: SiteSection) -> datetime | None:
        is_in = section.dispatch_methods.get(DispatchMethod.LIMITED_PAUSE) == "in"
        return (section.pausing_since or self._now) if is_in else None

    def _add_money(self, section: SiteSection, site_id: str) -> None:
        """Add a site's transactions. A balance is entered as a goodwill credit of now."""
        sections = list(section.transactions)
        if section.balance_pence:
            sections.append(TransactionSection(credit_pence=section.balance_pence))
        entries = []
        for one in sections:
            id = one.id or self._fresh_id()
            entries.append(transaction_of(one, id=id, now=whole_second(self._now)))
            if one.id is None:
                self.state = self.state._replace(minted=self.state.minted + 1)
        if entries:
            self.state = self.state._replace(transactions=self.state.transactions.put(site_id, tuple(entries)))

    def _add_asset(self, section: AssetSection, site_id: str) -> None:
        id = section.id or self._fresh_id()
        minted = self.state.minted
        asset = Asset(
            id=id,
            place=self.state.asset_order.places,
            site_id=site_id,
            external_id=section.external_id,
            type=section.type,
            created_at=section.created_at or whole_second(self._now),
            power_kw=section.power_kw,
            capacity_kwh=section.capacity_kwh,
            model=section.asset_model,
            installed_on=section.installation_date,
        )
        state = attach(add_asset(self.state, asset), site_id, asset_ids=(id,))
        if section.session is not None:
            session = begun_session(state, asset, section=section.session, now=self._now)
            state = state._replace(sessions=state.sessions.put(id, session))
        if section.registers:
            state = state._replace(registers=state.registers.put(id, _registers(section)))
        self.state = state
        self._kept_count(minted, section.id)
        number = len(self._pauses)
        self._pauses += [
            (number if one.place is None else one.place, id, one)
            for number, one in enumerate(section.pauses, start=number)
        ]


def given_ids(scenario: Scenario) -> set[str]:
    """Collect the ids that a scenario gives."""
    sites = {site.id for site in scenario.sites}
    transactions = {one.id for site in scenario.sites for one in site.transactions}
    return {id for id in sites | transactions | {asset.id for asset in scenario.assets} if id is not None}


def _standings(named: Standings) -> tuple[Standing, ...]:
    return tuple(Standing(named.get(method, "out")) for method in DispatchMethod)


def _tariff(section: TariffSection | None) -> Tariff | None:
    return None if section is None else Tariff(section.type, section.cheap_from, section.cheap_to)


def _registers(section: AssetSection) -> tuple[Register, ...]:
    found = {label: tuple(sorted(pairs)) for label, pairs in section.registers.items()}
    return tuple((label.value, found[label]) for label in ReadingDataPointLabel if found.get(label))
