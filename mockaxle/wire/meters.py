"""Meters as they are looked up and answered."""

from enum import StrEnum

from mockaxle.core import meters
from mockaxle.wire.shape import Component, Optional, UniqueItems


class EligibleMarket(StrEnum):
    CM = meters.EligibleMarket.CM.value
    DNO = meters.EligibleMarket.DNO.value
    WHOLESALE = meters.EligibleMarket.WHOLESALE.value


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
