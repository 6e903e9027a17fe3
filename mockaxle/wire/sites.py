"""Sites as they are sent and answered."""

from datetime import time
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field

from mockaxle.wire.shape import Component, Instant, Optional, UniqueItems


class MarketResponse(StrEnum):
    CM = "cm"
    DFS = "dfs"
    DNO = "dno"
    LCM = "lcm"
    SFFR = "sffr"
    WHOLESALE = "wholesale"


class DispatchMethodResponse(StrEnum):
    CM_INFREQUENT_DISPATCH = "cm_infrequent_dispatch"
    FULL_ASSET_SCHEDULE_CONTROL = "full_asset_schedule_control"
    LIMITED_PAUSE = "limited_pause"
    VPP_LIMITED_CONTROL = "vpp_limited_control"


class TariffType(StrEnum):
    SINGLE_RATE = "single_rate"
    DUAL_RATE = "dual_rate"
    DYNAMIC = "dynamic"
    SMART = "smart"
    UNKNOWN = "unknown"


class TariffResponse(Component):
    tariff_type: Optional[TariffType] = None
    tariff_cheap_start_time: Optional[time] = None
    tariff_cheap_end_time: Optional[time] = None


class SiteRequest(Component):
    mpan: str
    postcode: str
    street_address: Optional[str] = None
    email: Optional[str] = None
    gave_boundary_meter_consent_at: Optional[Instant] = None


class SiteResponse(Component):
    id: UUID
    mpan: Optional[str] = None
    postcode: Optional[str] = None
    address: Optional[str] = None
    asset_ids: Annotated[list[UUID], Field(default_factory=list, json_schema_extra={"default": []})]
    markets: Annotated[Optional[list[MarketResponse]], UniqueItems] = None
    dispatch_methods: Annotated[Optional[list[DispatchMethodResponse]], UniqueItems] = None
    tariff: Optional[TariffResponse] = None
    gave_boundary_meter_consent_at: Optional[Instant] = None
