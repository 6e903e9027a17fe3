"""Sites as they are sent and answered."""

from datetime import time
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from mockaxle.core.records import DispatchMethod
from mockaxle.core.tariffs import TariffType
from mockaxle.wire.shape import Component, Id, Instant, Optional, Unique, UniqueItems

__all__ = ["TariffType"]  # the core's own, under the component's name


class MarketResponse(StrEnum):
    CM = "cm"
    DFS = "dfs"
    DNO = "dno"
    LCM = "lcm"
    SFFR = "sffr"
    WHOLESALE = "wholesale"


class DispatchMethodResponse(StrEnum):
    CM_INFREQUENT_DISPATCH = DispatchMethod.CM_INFREQUENT_DISPATCH.value
    FULL_ASSET_SCHEDULE_CONTROL = DispatchMethod.FULL_ASSET_SCHEDULE_CONTROL.value
    LIMITED_PAUSE = DispatchMethod.LIMITED_PAUSE.value
    VPP_LIMITED_CONTROL = DispatchMethod.VPP_LIMITED_CONTROL.value


class TariffRequest(Component):
    tariff_type: TariffType
    tariff_cheap_start_time: Optional[time] = None
    tariff_cheap_end_time: Optional[time] = None


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


class SiteUpdateRequest(Component):
    tariff: Optional[TariffRequest] = None
    address: Optional[str] = None
    postcode: Optional[str] = None
    mpan: Optional[str] = None
    email: Optional[str] = None


class SiteMeterConsentRequest(Component):
    gave_boundary_meter_consent_at: Instant


class SiteDispatchConsentRequest(Component):
    dispatch_methods: Annotated[list[DispatchMethodResponse], Unique, UniqueItems]


class SiteResponse(Component):
    id: Id
    mpan: Optional[str] = None
    postcode: Optional[str] = None
    address: Optional[str] = None
    asset_ids: Annotated[list[Id], Field(default_factory=list, json_schema_extra={"default": []})]
    markets: Annotated[Optional[list[MarketResponse]], UniqueItems] = None
    dispatch_methods: Annotated[Optional[list[DispatchMethodResponse]], UniqueItems] = None
    tariff: Optional[TariffResponse] = None
    gave_boundary_meter_consent_at: Optional[Instant] = None


class SiteResponsePage(Component):
    sites: list[SiteResponse]
    total_num_sites: int
    total_num_pages: int
    page_number: int
