"""The state of a world: frozen, made of persistent maps, so that a step that raises has changed nothing."""

from dataclasses import dataclass, field, replace
from hashlib import blake2b

from mockaxle.core.errors import AssetUnknown, SiteUnknown
from mockaxle.core.order import Order
from mockaxle.core.records import Asset, Site
from mockaxle.core.reference import Reference
from mockaxle.core.table import Table


@dataclass(frozen=True, slots=True)
class State:
    """Shape: sites and assets by id; site_ids by MPAN and asset_ids by external id, of the live ones only."""

    seed: bytes
    reference: Reference
    minted: int = 0
    sites: Table[str, Site] = field(default_factory=Table)
    site_ids: Table[str, str] = field(default_factory=Table)
    site_order: Order = field(default_factory=Order)
    assets: Table[str, Asset] = field(default_factory=Table)
    asset_ids: Table[str, str] = field(default_factory=Table)
    asset_order: Order = field(default_factory=Order)


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
    """The live site of an MPAN. Source: U5."""
    site_id = state.site_ids.get(mpan)
    return state.sites.get(site_id) if site_id else None


def asset_named(state: State, external_id: str) -> Asset | None:
    """The live asset of an external id. Source: U5."""
    asset_id = state.asset_ids.get(external_id)
    return state.assets.get(asset_id) if asset_id else None


def assets_at(state: State, site: Site) -> tuple[Asset, ...]:
    return tuple(asset_of(state, asset_id) for asset_id in site.asset_ids)


def next_id(state: State) -> str:
    """A fresh id: a version 4 UUID in form, made of the world's seed and its count of ids."""
    digest = blake2b(state.minted.to_bytes(8, "big"), key=state.seed, digest_size=16).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:]}"


def add_site(state: State, site: Site) -> State:
    """The state with a site at the next place; its id is the one that next_id gives."""
    return replace(
        state,
        minted=state.minted + 1,
        sites=state.sites.put(site.id, site),
        site_ids=state.site_ids.put(site.mpan, site.id),
        site_order=state.site_order.append(site.id),
    )


def put_site(state: State, site: Site) -> State:
    return replace(state, sites=state.sites.put(site.id, site))


def add_asset(state: State, asset: Asset) -> State:
    """The state with an asset at the next place and at its site; its id is the one that next_id gives."""
    site = site_of(state, asset.site_id)
    return replace(
        state,
        minted=state.minted + 1,
        sites=state.sites.put(site.id, replace(site, asset_ids=(*site.asset_ids, asset.id))),
        assets=state.assets.put(asset.id, asset),
        asset_ids=state.asset_ids.put(asset.external_id, asset.id),
        asset_order=state.asset_order.append(asset.id),
    )


def put_asset(state: State, asset: Asset) -> State:
    return replace(state, assets=state.assets.put(asset.id, asset))
