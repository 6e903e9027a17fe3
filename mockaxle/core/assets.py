"""Assets: how a request creates, changes or deletes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from mockaxle.core.announcing import announce_batteries
from mockaxle.core.order import Page
from mockaxle.core.records import Asset, AssetType
from mockaxle.core.reference import Reference, UnknownModel
from mockaxle.core.rule_errors import (
    AssetUnknown,
    ExternalIdElsewhere,
    ExternalIdOfOtherType,
    ExternalIdRepeated,
    ExternalIdTaken,
    ModelUnknown,
)
from mockaxle.core.state import (
    Outcome,
    State,
    add_asset,
    asset_named,
    asset_of,
    attach,
    drop_asset,
    next_id,
    put_asset,
    site_of,
)
from mockaxle.core.timestamps import whole_second
from mockaxle.core.upsert import Field, Upserted, compare, sent


class AssetDetails(NamedTuple):
    """An asset as a request describes it. Units: power in kW, capacity in kWh."""

    external_id: str
    type: AssetType
    power_kw: float | None = None
    capacity_kwh: float | None = None
    model: str | None = None
    installed_on: date | None = None


@dataclass(frozen=True, slots=True)
class AssetChange:
    """The fields that a PATCH sends; None for all others. Units: power in kW, capacity in kWh."""

    power_kw: float | None = None
    capacity_kwh: float | None = None
    model: str | None = None
    installed_on: date | None = None


def check_models(state: State, assets: Sequence[AssetDetails]) -> None:
    """Check that each model is in the catalogue, unless the world stores any. Raises: ModelUnknown. Source: Q5."""
    if state.reference.settings.unknown_model is UnknownModel.STORED:
        return
    for details in assets:
        if details.model is not None and details.model not in state.reference.models:
            raise ModelUnknown(details.model)


def check_external_ids(state: State, assets: Sequence[AssetDetails], *, site_id: str | None) -> None:
    """Check that each external id is free or belongs to the same asset; site_id is None for a new site.

    Raises: ExternalIdRepeated, ExternalIdElsewhere, ExternalIdOfOtherType. Source: U6.
    """
    seen: set[str] = set()
    for details in assets:
        if details.external_id in seen:
            raise ExternalIdRepeated(details.external_id)
        seen.add(details.external_id)
        known = asset_named(state, details.external_id)
        if known is not None and known.site_id != site_id:
            raise ExternalIdElsewhere(details.external_id)
        if known is not None and known.type != details.type:
            raise ExternalIdOfOtherType(details.external_id, known.type)


def check_external_id(state: State, external_id: str) -> None:
    """Check that no live asset has the external id. Raises: ExternalIdTaken. Source: L9, U11."""
    if asset_named(state, external_id) is not None:
        raise ExternalIdTaken(external_id)


def upsert_assets(
    state: State, assets: Sequence[AssetDetails], *, site_id: str, now: datetime
) -> Outcome[tuple[Upserted, ...]]:
    """Find each asset by its external id, and create it or fill in its missing fields. Source: U1-U3, U5."""
    upserted: list[Upserted] = []
    for details in assets:
        known = asset_named(state, details.external_id)
        step = _fill_in(state, known, details) if known else _add(state, details, site_id=site_id, now=now)
        state = step.state
        upserted.append(step.value)
    created = tuple(asset.id for asset in upserted if asset.created)
    state = attach(state, site_id, asset_ids=created)
    return Outcome(announce_batteries(state, site_id, asset_ids=created, now=now), tuple(upserted))


def _add(state: State, details: AssetDetails, *, site_id: str, now: datetime) -> Outcome[Upserted]:
    state, asset = _create(state, details, site_id=site_id, now=now)
    return Outcome(state, Upserted(asset.id, True))


def _fill_in(state: State, asset: Asset, details: AssetDetails) -> Outcome[Upserted]:
    filled, updated, warnings = compare(asset, _fields(details))
    upserted = Upserted(asset.id, False, updated, (*warnings, *_doubts(filled, state.reference)))
    if not updated:
        return Outcome(state, upserted)
    return Outcome(put_asset(state, asset._replace(**filled)), upserted)


def create_asset(state: State, details: AssetDetails, *, site_id: str, now: datetime) -> Outcome[Asset]:
    """Create an asset at a site. The site's enrolment does not change. Source: L8, L9.

    Raises: SiteUnknown, ExternalIdTaken.
    """
    site_of(state, site_id)
    check_external_id(state, details.external_id)
    step = _create(state, details, site_id=site_id, now=now)
    created = (step.value.id,)
    state = attach(step.state, site_id, asset_ids=created)
    return Outcome(announce_batteries(state, site_id, asset_ids=created, now=now), step.value)


def change_asset(state: State, asset_id: str, *, change: AssetChange) -> Outcome[Asset]:
    """Change the fields that were sent, and no others. Raises: AssetUnknown. Source: U14."""
    changed = asset_of(state, asset_id)._replace(**sent(change))
    return Outcome(put_asset(state, changed), changed)


def delete_asset(state: State, asset_id: str) -> Outcome[None]:
    """Remove the asset. The site's enrolment does not change. Raises: AssetUnknown. Source: L9, U5."""
    return Outcome(drop_asset(state, asset_of(state, asset_id)), None)


def asset_by_external_id(state: State, external_id: str) -> Asset:
    """Raises: AssetUnknown. Source: U5, E4."""
    asset = asset_named(state, external_id)
    if asset is None:
        raise AssetUnknown(external_id)
    return asset


def page_of_assets(state: State, *, offset: int, limit: int) -> Page[Asset]:
    """Live assets in creation order. Source: U12."""
    ids = state.asset_order.page(offset, limit=limit)
    return Page(tuple(asset_of(state, asset_id) for asset_id in ids), state.asset_order.live, offset, limit)


def new_asset(details: AssetDetails, *, id: str, place: int, site_id: str, now: datetime) -> Asset:
    return Asset(
        id=id,
        place=place,
        site_id=site_id,
        external_id=details.external_id,
        type=details.type,
        created_at=whole_second(now),
        power_kw=details.power_kw,
        capacity_kwh=details.capacity_kwh,
        model=details.model,
        installed_on=details.installed_on,
    )


def _create(state: State, details: AssetDetails, *, site_id: str, now: datetime) -> Outcome[Asset]:
    asset = new_asset(details, id=next_id(state), place=state.asset_order.places, site_id=site_id, now=now)
    return Outcome(add_asset(state, asset), asset)


def _fields(details: AssetDetails) -> tuple[Field, ...]:
    return (
        Field("properties", {"power_kw": details.power_kw, "capacity_kwh": details.capacity_kwh}),
        Field("asset_model", {"model": details.model}),
        Field("installation_date", {"installed_on": details.installed_on}),
    )


def _doubts(filled: dict[str, object], reference: Reference) -> tuple[str, ...]:
    """Source: Q5."""
    model = filled.get("model")
    known = model is None or str(model) in reference.models
    return () if known else ("asset_model is not in the catalogue; it is stored nevertheless",)
