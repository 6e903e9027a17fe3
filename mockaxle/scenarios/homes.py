"""Adds a scenario's sites, assets and portfolios to a state."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from mockaxle.core.agenda import agenda_of
from mockaxle.core.bank_accounts import BankAccount
from mockaxle.core.filling import filled
from mockaxle.core.flex_events import with_open_events
from mockaxle.core.property import check_digit, stored_postcode
from mockaxle.core.readings import MEASURING, in_order
from mockaxle.core.records import (
    NOWHERE,
    PROPOSITIONS,
    Asset,
    AssetType,
    DispatchMethod,
    PlannedFlex,
    Site,
    Standing,
    Transaction,
    UserTransactionType,
)
from mockaxle.core.sessions import with_shifts
from mockaxle.core.state import Interval, Register, Series, State, id_at
from mockaxle.core.table import Table
from mockaxle.core.tariffs import Tariff
from mockaxle.core.timestamps import whole_second
from mockaxle.core.withdrawals import Withdrawal, withdrawals_of
from mockaxle.scenarios.charging import begun_session
from mockaxle.scenarios.coherence import first_mpans
from mockaxle.scenarios.money import account_of, transaction_of, withdrawal_by, withdrawal_of
from mockaxle.scenarios.money_sections import PauseSection, TransactionSection, WithdrawalSection
from mockaxle.scenarios.sections import (
    AssetSection,
    PortfolioSection,
    Scenario,
    SessionSection,
    SiteSection,
    Standings,
    TariffSection,
)


def with_homes(state: State, scenario: Scenario, *, now: datetime) -> State:
    """Add the scenario's sites, assets and portfolios to an empty state. Missing ids are made."""
    homes = _Homes(state, scenario, now)
    for site in scenario.sites:
        homes.add_site(site, mpan=site.mpan)
    homes.add_assets(scenario.assets)
    for portfolio in scenario.portfolios:
        homes.add_portfolio(portfolio)
    return homes.state(scenario.withdrawals)


class _Homes:
    """Collects the records of a state."""

    def __init__(self, begun: State, scenario: Scenario, now: datetime) -> None:
        self._begun = begun
        self._minted = begun.minted
        self._now, self._second = now, whole_second(now)
        self._given = given_ids(scenario)
        self._sites: list[Site] = []
        self._assets: list[Asset] = []
        self._linked: dict[str, tuple[str, ...]] = {}
        self._transactions: dict[str, tuple[Transaction, ...]] = {}
        self._bank_accounts: dict[str, BankAccount] = {}
        self._sessions: list[tuple[Asset, SessionSection]] = []
        self._registers: dict[str, tuple[Register, ...]] = {}
        self._intervals: dict[str, tuple[Series, ...]] = {}
        self._pauses: list[tuple[int, str, PauseSection]] = []

    def add_assets(self, sections: Iterable[AssetSection]) -> None:
        by_user = {site.user: site.id for site in self._sites if site.user is not None}
        by_mpan = {site.mpan: site.id for site in self._sites if site.mpan is not None}
        site_ids = {**by_user, **by_mpan, **{site.id: site.id for site in self._sites}}
        for section in sections:
            self._add_asset(section, site_id=site_ids[section.site], external_id=section.external_id)

    def add_portfolio(self, portfolio: PortfolioSection) -> None:
        site = SiteSection(
            postcode=portfolio.postcode,
            gave_boundary_meter_consent_at=portfolio.gave_boundary_meter_consent_at,
            dispatch_methods=portfolio.dispatch_methods,
        )
        asset = AssetSection(site="", external_id="", type=AssetType.CHARGER, power_kw=portfolio.power_kw)
        for number, digits in enumerate(first_mpans(portfolio), start=1):
            site_id = self.add_site(site, mpan=f"{digits:012}" + check_digit(f"{digits:012}"))
            self._add_asset(asset, site_id=site_id, external_id=f"{portfolio.name}-{number}")

    def state(self, withdrawals: Iterable[WithdrawalSection]) -> State:
        """Return the state with everything added, and these withdrawals."""
        state = filled(self._begun._replace(minted=self._minted), self._sites, assets=self._assets)
        sessions = {
            asset.id: begun_session(state, asset, section=section, now=self._now) for asset, section in self._sessions
        }
        state = self._with_pauses(state)._replace(
            sessions=Table.of(sessions),
            registers=Table.of(self._registers),
            intervals=Table.of(self._intervals),
            transactions=Table.of(self._transactions),
            linked=Table.of(self._linked),
            bank_accounts=Table.of(self._bank_accounts),
            withdrawals=withdrawals_of(self._with_unlisted(withdrawals)),
        )
        for asset, section in self._sessions:
            session = sessions[asset.id]
            if section.plans is None and session.plan is not None:
                state = with_shifts(state, asset, session=session, made=session.plan, now=self._now)
        return with_open_events(state)

    def _with_unlisted(self, sections: Iterable[WithdrawalSection]) -> Iterator[Withdrawal]:
        """Yield the listed withdrawals, then those of which there is a transaction only."""
        listed = {section.id: withdrawal_of(section) for section in sections}
        yield from listed.values()
        for site_id, entries in self._transactions.items():
            for one in entries:
                if one.type is UserTransactionType.WITHDRAWAL and one.id not in listed:
                    yield withdrawal_by(one, site_id)

    def _with_pauses(self, state: State) -> State:
        """Add pauses in the order in which they were planned, if known. Past ones are settled at the next call."""
        planned = sorted(self._pauses, key=lambda pause: pause[0])
        agenda, places = agenda_of((one.end_at, asset_id) for _, asset_id, one in planned)
        by_asset = defaultdict[str, list[PlannedFlex]](list)
        for (_, asset_id, section), place in zip(planned, places, strict=True):
            by_asset[asset_id].append(PlannedFlex(**{**dict(section), "place": place}))
        return state._replace(agenda=agenda, planned=Table.of({id: tuple(those) for id, those in by_asset.items()}))

    def _id(self, given: str | None) -> str:
        """Return the given id, or make one that the scenario does not give."""
        if given is not None:
            return given
        while (made := id_at(self._begun.seed, self._minted)) in self._given:
            self._minted += 1
        self._minted += 1
        return made

    def add_site(self, section: SiteSection, *, mpan: str | None) -> str:
        """Add a site and its money; return its id."""
        id = self._id(section.id)
        site = Site(
            id=id,
            place=len(self._sites),
            mpan=mpan,
            postcode=None if section.postcode is None else stored_postcode(section.postcode),
            street_address=section.street_address,
            email=section.email,
            consent_at=section.gave_boundary_meter_consent_at,
            tariff=_tariff(section.tariff),
            standings=_standings(section.dispatch_methods),
            pausing_since=self._pausing_since(section),
            enrolled_at=self._enrolled_at(section),
            user=section.user,
        )
        self._sites.append(site)
        if section.bank_account:
            self._bank_accounts[id] = account_of(section.bank_account, now=self._second)
        if section.linked:
            self._linked[id] = section.linked
        if section.transactions or section.balance_pence:
            self._transactions[id] = self._money(section)
        return id

    def _pausing_since(self, section: SiteSection) -> datetime | None:
        is_in = section.dispatch_methods.get(DispatchMethod.LIMITED_PAUSE) == "in"
        return (section.pausing_since or self._now) if is_in else None

    def _enrolled_at(self, section: SiteSection) -> datetime | None:
        has_entered = any(section.dispatch_methods.get(method) in ("in", "withdrawn") for method in PROPOSITIONS)
        return section.enrolled_at or (self._second if has_entered else None)

    def _money(self, section: SiteSection) -> tuple[Transaction, ...]:
        """Return a site's transactions. A balance is entered as a goodwill credit of now."""
        sections = list(section.transactions)
        if section.balance_pence:
            sections.append(TransactionSection(credit_pence=section.balance_pence))
        return tuple(transaction_of(one, id=self._id(one.id), now=self._second) for one in sections)

    def _add_asset(self, section: AssetSection, *, site_id: str, external_id: str) -> None:
        asset = Asset(
            id=self._id(section.id),
            place=len(self._assets),
            site_id=site_id,
            external_id=external_id,
            type=section.type,
            created_at=section.created_at or self._second,
            power_kw=section.power_kw,
            capacity_kwh=section.capacity_kwh,
            model=section.asset_model,
            installed_on=section.installation_date,
        )
        self._assets.append(asset)
        if section.session is not None:
            self._sessions.append((asset, section.session))
        if section.registers:
            self._registers[asset.id] = _registers(section)
        if section.intervals:
            self._intervals[asset.id] = _intervals(section)
        number = len(self._pauses)
        self._pauses += [
            (number if one.place is None else one.place, asset.id, one)
            for number, one in enumerate(section.pauses, start=number)
        ]


def given_ids(scenario: Scenario) -> set[str]:
    """Collect the ids that a scenario gives."""
    sites = {site.id for site in scenario.sites}
    transactions = {one.id for site in scenario.sites for one in site.transactions}
    withdrawals = {one.id for one in scenario.withdrawals}
    return {id for id in sites | transactions | withdrawals | {asset.id for asset in scenario.assets} if id is not None}


def _standings(named: Standings) -> tuple[Standing, ...]:
    return tuple(Standing(named.get(method, "out")) for method in DispatchMethod) if named else NOWHERE


def _tariff(section: TariffSection | None) -> Tariff | None:
    return None if section is None else Tariff(section.type, section.cheap_from, section.cheap_to)


def _registers(section: AssetSection) -> tuple[Register, ...]:
    found = {label: tuple(sorted(pairs)) for label, pairs in section.registers.items()}
    return in_order(found)


def _intervals(section: AssetSection) -> tuple[Series, ...]:
    found = {label: sorted((Interval(*one) for one in rows), key=_by_end) for label, rows in section.intervals.items()}
    return in_order({label: tuple(those) for label, those in found.items() if label in MEASURING})


def _by_end(one: Interval) -> tuple[datetime, datetime]:
    return one.end_at, one.start_at
