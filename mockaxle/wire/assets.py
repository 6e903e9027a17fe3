"""Assets as they are sent and answered."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from mockaxle.core.records import AssetType
from mockaxle.wire.shape import Component, Id, Optional, SentId

__all__ = ["AssetType"]  # the core's own, under the component's name


class CreatableAssetType(StrEnum):
    """Source: U13."""

    CHARGER = AssetType.CHARGER.value
    BATTERY = AssetType.BATTERY.value
    HEAT_PUMP = AssetType.HEAT_PUMP.value
    ELECTRIC_VEHICLE = AssetType.ELECTRIC_VEHICLE.value
    HOT_WATER_TANK = AssetType.HOT_WATER_TANK.value


class AssetProperties(Component):
    power_kw: Optional[Annotated[float, Field(ge=0)]] = None
    capacity_kwh: Optional[Annotated[float, Field(ge=0)]] = None


class OnboardingAssetRequest(Component):
    external_id: str
    type: CreatableAssetType
    properties: Optional[AssetProperties] = None
    asset_model: Optional[str] = None
    installation_date: Optional[date] = None


class AssetRequest(Component):
    external_id: str
    type: CreatableAssetType
    site_id: SentId
    properties: Optional[AssetProperties] = None
    asset_model: Optional[str] = None
    installation_date: Optional[date] = None
    serial_number: Optional[str] = None


class AssetUpdateRequest(Component):
    properties: Optional[AssetProperties] = None
    asset_model: Optional[str] = None
    installation_date: Optional[date] = None


class AssetResponse(Component):
    id: Id
    external_id: str
    type: AssetType
    site_id: Id
    properties: Optional[AssetProperties] = None


class AssetResponsePage(Component):
    assets: list[AssetResponse]
    total_num_assets: int
    total_num_pages: int
    page_number: int
