"""Meter look-ups as they are sent and answered."""

from mockaxle.core.meters import EligibleMarket
from mockaxle.wire.shape import Component, Optional, UniqueItems

__all__ = ["EligibleMarket"]  # the core's own, under the component's name


class MeterByAddressRequest(Component):
    address: str


class MeterByMPANRequest(Component):
    mpan: str


class MeterSearchResponse(Component):
    ref: str
    address: str


class MeterResponse(Component):
    mpan: str
    half_hourly_settled: Optional[bool] = None
    supplier_mpid: Optional[str] = None
    supplier_name: Optional[str] = None
    eligible_markets: list[EligibleMarket] = UniqueItems


class MPANValidationRequest(Component):
    mpan: str


class MPANValidationResponse(Component):
    isValid: bool


class MPANValidationError(Component):
    detail: list[str]
