"""Price curves as they are answered."""

from decimal import Decimal
from typing import Annotated

from pydantic import PlainSerializer, WithJsonSchema

from mockaxle.wire.shape import Component, Instant

Price = Annotated[
    Decimal | None,
    PlainSerializer(lambda price: None if price is None else float(price), return_type=float | None),
    WithJsonSchema({"type": "number"}),
]
"""None only in `wire` style. Units: GBP per MWh. Source: P1."""


class HalfHourlyPrice(Component):
    start_timestamp: Instant
    price_gbp_per_mwh: Price


class PriceCurveResponse(Component):
    half_hourly_traded_prices: list[HalfHourlyPrice]
