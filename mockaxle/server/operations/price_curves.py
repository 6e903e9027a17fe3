"""Price curves over HTTP."""

from mockaxle.core.price_curve import HalfHourPrice, asset_curve, site_curve
from mockaxle.core.reference import Style
from mockaxle.server.call import Call, Handler, Reply
from mockaxle.wire.price_curves import HalfHourlyPrice, PriceCurveResponse


def get_site_curve(call: Call[None]) -> Reply:
    return _curve(call, site_curve(call.state, call.values["site_id"], now=call.now))


def get_asset_curve(call: Call[None]) -> Reply:
    return _curve(call, asset_curve(call.state, call.values["asset_id"], now=call.now))


def _curve(call: Call[None], half_hours: tuple[HalfHourPrice, ...]) -> Reply:
    """The document allows no null price, so `contract` style leaves out half-hours without one. Source: P1."""
    if call.state.reference.settings.style is Style.CONTRACT:
        half_hours = tuple(one for one in half_hours if one.price_gbp_per_mwh is not None)
    prices = [HalfHourlyPrice(start_timestamp=at, price_gbp_per_mwh=price) for at, price in half_hours]
    return Reply(PriceCurveResponse(half_hourly_traded_prices=prices), rules=("P1",))


HANDLERS = (
    Handler("GET /entities/site/{site_id}/price-curve", get_site_curve),
    Handler("GET /entities/asset/{asset_id}/price-curve", get_asset_curve),
)
