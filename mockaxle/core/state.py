"""The state of a world: frozen, made of persistent maps, so that a step that raises has changed nothing."""

from collections.abc import Sequence
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from mockaxle.core.agenda import Agenda
from mockaxle.core.bank_accounts import BankAccount, SentCode
from mockaxle.core.clock import LAST
from mockaxle.core.dispatches import Callback, Dispatches
from mockaxle.core.emails import Emails
from mockaxle.core.ids import made_id
from mockaxle.core.order import Order
from mockaxle.core.outbox import Outbox
from mockaxle.core.property import address_key, postcode_key
from mockaxle.core.records import Asset, PlannedFlex, Session, Site, Transaction
from mockaxle.core.reference import Reference
from mockaxle.core.rule_errors import AssetUnknown, SiteUnknown
from mockaxle.core.table import Table
from mockaxle.core.withdrawals import Withdrawals

T = TypeVar("T")

Register = tuple[str, tuple[tuple[datetime, float], ...]]
"""A register's label and its readings: their ends and values, in order."""


class Interval(NamedTuple):
    """A reading of power or energy over a half-open time. Units: as its label ends."""

    start_at: datetime
    end_at: datetime
    value: float


Series = tuple[str, tuple[Interval, ...]]
"""A label and its readings, in the order of their ends and starts."""


class State(NamedTuple):
    """Shape: sites and assets by id; site_ids by MPAN and asset_ids by external id, of live ones only.

    `neighbours` holds the ids of a postcode's sites, `occupants` those of an address, each by its key. `sessions`,
    `registers`, `intervals`, `planned` and `callbacks` are keyed by asset; `transactions`, `linked`,
    `bank_accounts` and `codes` (two-factor ones) by site. `users` has the ids of sites that component tokens
    created. `agenda` lists the assets with planned flexibility by the instants at which it ends, `finals_at` the
    instants at which events get their final revenue, in order, and `open_events` the places of those without one
    among their site's transactions; `month_ends_at` is the end of the world's month in UK time if months are paid,
    and `periods` counts those paid. `emails` are the newest, oldest first.
    """

    seed: bytes
    reference: Reference
    minted: int = 0
    sites: Table[str, Site] = Table()
    site_ids: Table[str, str] = Table()
    site_order: Order = Order()
    neighbours: Table[str, Order] = Table()
    occupants: Table[str, tuple[str, ...]] = Table()
    assets: Table[str, Asset] = Table()
    asset_ids: Table[str, str] = Table()
    asset_order: Order = Order()
    sessions: Table[str, Session] = Table()
    registers: Table[str, tuple[Register, ...]] = Table()
    intervals: Table[str, tuple[Series, ...]] = Table()
    planned: Table[str, tuple[PlannedFlex, ...]] = Table()
    agenda: Agenda = Agenda()
    finals_at: tuple[datetime, ...] = ()
    open_events: Table[str, tuple[int, ...]] = Table()
    month_ends_at: datetime = LAST
    periods: int = 0
    transactions: Table[str, tuple[Transaction, ...]] = Table()
    users: Table[str, str] = Table()
    linked: Table[str, tuple[str, ...]] = Table()
    outbox: Outbox = Outbox()
    dispatches: Dispatches = Dispatches()
    callbacks: Table[str, tuple[Callback, ...]] = Table()
    bank_accounts: Table[str, BankAccount] = Table()
    codes: Table[str, SentCode] = Table()
    withdrawals: Withdrawals = Withdrawals()
    emails: Emails = ()


class Outcome(NamedTuple, Generic[T]):
    """The result of a step: the new state and a value."""

    state: State
    value: T


def site_of(state: State, site_id: str) -> Site:
    """Raises: SiteUnknown. Source: E4."""
    site = state.sites.get(site_id)
    if site is None:
        raise SiteUnknown(site_id)
    return site


def asset_of(state: State, asset_id: str) -> Asset:
    """Raises: AssetUnknown. Source: E4."""
    asset = state.assets.get(asset_id)
    if asset is None:
        raise AssetUnknown(asset_id)
    return asset


def site_at(state: State, mpan: str) -> Site | None:
    """Find the live site of an MPAN. Source: U5."""
    site_id = state.site_ids.get(mpan)
    return state.sites.get(site_id) if site_id else None


def asset_named(state: State, external_id: str) -> Asset | None:
    """Find the live asset of an external id. Source: U5."""
    asset_id = state.asset_ids.get(external_id)
    return state.assets.get(asset_id) if asset_id else None


def assets_at(state: State, site: Site) -> tuple[Asset, ...]:
    return tuple(asset_of(state, asset_id) for asset_id in site.asset_ids)


def sites_in(state: State, postcode: str) -> tuple[Site, ...]:
    """List the live sites of a postcode, in any spelling, in creation order. Source: U9."""
    order = state.neighbours.get(postcode_key(postcode)) or Order()
    sites = (site_of(state, site_id) for site_id in order.page(0, limit=order.live))
    return tuple(sorted(sites, key=lambda site: site.place))


def sites_at_address(state: State, postcode: str, *, street_address: str) -> tuple[Site, ...]:
    """List the live sites of an address, in any spelling, in creation order. Source: U10."""
    ids = state.occupants.get(address_key(postcode, street_address)) or ()
    return tuple(sorted((site_of(state, site_id) for site_id in ids), key=lambda site: site.place))


def next_id(state: State) -> str:
    """Make an id: a version 4 UUID in form, derived from the world's seed and its count of ids."""
    return id_at(state.seed, state.minted)


def id_at(seed: bytes, count: int) -> str:
    """Make the id that follows `count` others."""
    return made_id(seed, count.to_bytes(8, "big"))


def add_site(state: State, site: Site, *, assets: Sequence[Asset] = ()) -> State:
    """Add a site at the next place, with its assets at theirs. The ids are the next ones, the site's first."""
    neighbours, site = _with_neighbour(state.neighbours, site)
    by_id, by_name, order = state.assets, state.asset_ids, state.asset_order
    for asset in assets:
        by_id, by_name = by_id.put(asset.id, asset), by_name.put(asset.external_id, asset.id)
        order = order.append(asset.id)
    return state._replace(
        minted=state.minted + 1 + len(assets),
        sites=state.sites.put(site.id, site),
        site_ids=state.site_ids if site.mpan is None else state.site_ids.put(site.mpan, site.id),
        users=state.users if site.user is None else state.users.put(site.user, site.id),
        site_order=state.site_order.append(site.id),
        neighbours=neighbours,
        occupants=_with_occupant(state.occupants, site),
        assets=by_id,
        asset_ids=by_name,
        asset_order=order,
    )


def put_site(state: State, site: Site) -> State:
    """Store a changed site, and update the look-ups by MPAN, postcode and address."""
    before = site_of(state, site.id)
    if before.mpan != site.mpan:
        site_ids = state.site_ids if before.mpan is None else state.site_ids.drop(before.mpan)
        state = state._replace(site_ids=site_ids if site.mpan is None else site_ids.put(site.mpan, site.id))
    if before.street_address != site.street_address or before.postcode != site.postcode:
        occupants = _with_occupant(_without_occupant(state.occupants, before), site)
        state = state._replace(occupants=occupants)
    if before.postcode != site.postcode:
        neighbours, site = _with_neighbour(_without_neighbour(state.neighbours, before), site)
        state = state._replace(neighbours=neighbours)
    return state._replace(sites=state.sites.put(site.id, site))


def drop_site(state: State, site: Site) -> State:
    """Remove a site and its assets. Its MPAN and their external ids become free. Its withdrawals go on (B14)."""
    for asset in assets_at(state, site):
        state = _forget(state, asset)
    return state._replace(
        sites=state.sites.drop(site.id),
        site_ids=state.site_ids if site.mpan is None else state.site_ids.drop(site.mpan),
        users=state.users if site.user is None else state.users.drop(site.user),
        linked=state.linked.drop(site.id),
        site_order=state.site_order.drop(site.id, place=site.place),
        neighbours=_without_neighbour(state.neighbours, site),
        occupants=_without_occupant(state.occupants, site),
        transactions=state.transactions.drop(site.id),
        open_events=state.open_events.drop(site.id),
        bank_accounts=state.bank_accounts.drop(site.id),
        codes=state.codes.drop(site.id),
    )


def add_asset(state: State, asset: Asset) -> State:
    """Add an asset at the next place. Its id comes from next_id; `attach` adds it to its site."""
    return state._replace(
        minted=state.minted + 1,
        assets=state.assets.put(asset.id, asset),
        asset_ids=state.asset_ids.put(asset.external_id, asset.id),
        asset_order=state.asset_order.append(asset.id),
    )


def attach(state: State, site_id: str, *, asset_ids: tuple[str, ...]) -> State:
    """Append assets to their site's."""
    if not asset_ids:
        return state
    site = site_of(state, site_id)
    return state._replace(sites=state.sites.put(site.id, site._replace(asset_ids=site.asset_ids + asset_ids)))


def put_asset(state: State, asset: Asset) -> State:
    return state._replace(assets=state.assets.put(asset.id, asset))


def drop_asset(state: State, asset: Asset) -> State:
    """Remove an asset. Its external id becomes free."""
    site = site_of(state, asset.site_id)
    kept = tuple(asset_id for asset_id in site.asset_ids if asset_id != asset.id)
    return _forget(state, asset)._replace(sites=state.sites.put(site.id, site._replace(asset_ids=kept)))


def with_transaction(state: State, transaction: Transaction, *, site_id: str) -> State:
    """Enter a transaction. Its id comes from next_id."""
    entries = (*(state.transactions.get(site_id) or ()), transaction)
    return state._replace(minted=state.minted + 1, transactions=state.transactions.put(site_id, entries))


def put_transaction(state: State, site_id: str, *, place: int, transaction: Transaction) -> State:
    """Replace a transaction of a site, by its place."""
    entries = state.transactions.get(site_id) or ()
    changed = (*entries[:place], transaction, *entries[place + 1 :])
    return state._replace(transactions=state.transactions.put(site_id, changed))


def _forget(state: State, asset: Asset) -> State:
    agenda = state.agenda
    for one in state.planned.get(asset.id) or ():
        agenda = agenda.drop(one.end_at, place=one.place)
    return state._replace(
        agenda=agenda,
        planned=state.planned.drop(asset.id),
        assets=state.assets.drop(asset.id),
        asset_ids=state.asset_ids.drop(asset.external_id),
        asset_order=state.asset_order.drop(asset.id, place=asset.place),
        sessions=state.sessions.drop(asset.id),
        registers=state.registers.drop(asset.id),
        intervals=state.intervals.drop(asset.id),
        callbacks=state.callbacks.drop(asset.id),
    )


def _with_neighbour(neighbours: Table[str, Order], site: Site) -> tuple[Table[str, Order], Site]:
    if site.postcode is None:
        return neighbours, site
    key = postcode_key(site.postcode)
    order = neighbours.get(key) or Order()
    return neighbours.put(key, order.append(site.id)), site._replace(postcode_place=order.places)


def _without_neighbour(neighbours: Table[str, Order], site: Site) -> Table[str, Order]:
    if site.postcode is None:
        return neighbours
    key = postcode_key(site.postcode)
    order = (neighbours.get(key) or Order()).drop(site.id, place=site.postcode_place)
    return neighbours.put(key, order) if order.live else neighbours.drop(key)


def _with_occupant(occupants: Table[str, tuple[str, ...]], site: Site) -> Table[str, tuple[str, ...]]:
    if site.street_address is None or site.postcode is None:
        return occupants
    key = address_key(site.postcode, site.street_address)
    return occupants.put(key, (*(occupants.get(key) or ()), site.id))


def _without_occupant(occupants: Table[str, tuple[str, ...]], site: Site) -> Table[str, tuple[str, ...]]:
    if site.street_address is None or site.postcode is None:
        return occupants
    key = address_key(site.postcode, site.street_address)
    left = tuple(id for id in occupants.get(key) or () if id != site.id)
    return occupants.put(key, left) if left else occupants.drop(key)
