"""What an organisation has: its sites with their assets, in order of creation. They are answered as they are stored."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Literal
from uuid import UUID, uuid4

from pydantic import BaseModel, Field, computed_field

from tests.foreign.bodies import AssetType, Proposition
from tests.foreign.errors import Refusal
from tests.foreign.instants import Instant

PROPOSITIONS: tuple[Proposition, ...] = ("full_asset_schedule_control", "limited_pause")
"""In the order of the document's enumeration. Source: L13."""


class Asset(BaseModel):
    """Source: U13."""

    id: UUID = Field(default_factory=uuid4)
    external_id: str
    type: AssetType
    site_id: UUID
    properties: dict[str, float]
    asset_model: str | None = Field(exclude=True)
    installation_date: date | None = Field(exclude=True)


class Site(BaseModel):
    """Shape: standings has the propositions that are `in` or `withdrawn`; the others are `out`. Source: L0, U10."""

    id: UUID = Field(default_factory=uuid4)
    mpan: str
    postcode: str
    street_address: str | None = Field(serialization_alias="address")
    email: str | None = Field(exclude=True)
    gave_boundary_meter_consent_at: Instant | None
    asset_ids: list[UUID] = []
    standings: dict[Proposition, Literal["in", "withdrawn"]] = Field({}, exclude=True)
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0), exclude=True)

    @computed_field
    def dispatch_methods(self) -> list[Proposition]:
        return [one for one in PROPOSITIONS if self.is_in(one)]

    @computed_field
    def markets(self) -> list[str]:
        return ["wholesale"] if "in" in self.standings.values() else []

    def is_in(self, proposition: Proposition) -> bool:
        return self.standings.get(proposition) == "in"


@dataclass
class Organisation:
    sites: dict[UUID, Site] = field(default_factory=dict)
    assets: dict[UUID, Asset] = field(default_factory=dict)

    def site(self, site_id: UUID) -> Site:
        """Raises: Refusal. Source: E4."""
        if site_id not in self.sites:
            raise Refusal(404, f"site {site_id} does not exist")
        return self.sites[site_id]

    def asset(self, asset_id: UUID) -> Asset:
        """Raises: Refusal. Source: E4."""
        if asset_id not in self.assets:
            raise Refusal(404, f"asset {asset_id} does not exist")
        return self.assets[asset_id]

    def assets_of(self, site: Site) -> list[Asset]:
        return [self.assets[asset_id] for asset_id in site.asset_ids]

    def save(self, site: Site, assets: list[Asset]) -> None:
        self.sites[site.id] = site
        self.assets |= {asset.id: asset for asset in assets}

    def remove(self, site: Site) -> None:
        del self.sites[site.id]
        for asset_id in site.asset_ids:
            del self.assets[asset_id]
