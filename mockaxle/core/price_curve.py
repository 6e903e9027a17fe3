"""The price curve: the market's price for each of the next half-hours. Source: P1."""

from bisect import bisect_left
from datetime import datetime, time
from decimal import Decimal
from fractions import Fraction
from hashlib import blake2b
from typing import NamedTuple

from mockaxle.core.eligibility import takes_cop11_route
from mockaxle.core.exact import energy, hours, overlap, rounded
from mockaxle.core.half_hours import HALF_HOUR, LAST, PER_DAY, ceil, floor, since_dawn, start_of
from mockaxle.core.local_time import LONDON, instant_of, local_day_and_time
from mockaxle.core.market import Market, covering_price
from mockaxle.core.records import CREATABLE, AssetType, Site
from mockaxle.core.rule_errors import NotPriced
from mockaxle.core.state import State, asset_of, assets_at, site_of

LAST_HALF_HOUR_ENDS, TOMORROW_FROM = time(23), time(14)
PRICED = (AssetType.CHARGER, AssetType.BATTERY, AssetType.ELECTRIC_VEHICLE)
PENCE, PENNY_PLACES = Decimal("0.01"), 2
PRICED_HALF_HOURS = 31 * PER_DAY
"""The half-hours of a dispatch that count for its price."""

LOWEST_PENCE, SPREAD_PENCE = -1_500, 10_000


class HalfHourPrice(NamedTuple):
    """A half-hour and its price; None if the site does not participate. Units: GBP per MWh. Shape: aware UTC."""

    start_at: datetime
    price_gbp_per_mwh: Decimal | None


def site_curve(state: State, site_id: str, *, now: datetime) -> tuple[HalfHourPrice, ...]:
    """Raises: SiteUnknown."""
    site = site_of(state, site_id)
    is_priced = participates(state, site)
    return tuple(HalfHourPrice(start_of(n), price_at(state, n) if is_priced else None) for n in half_hours_to_come(now))


def participates(state: State, site: Site) -> bool:
    """Tell whether a home with consent is settled by half-hours, by its meter or by an asset of any type."""
    meter = state.reference.meter(site.mpan)
    if not meter.domestic or site.consent_at is None:
        return False
    measuring = (asset for asset in assets_at(state, site) if asset.type in CREATABLE)
    return meter.half_hourly_settled or any(takes_cop11_route(asset, state.reference) for asset in measuring)


def asset_curve(state: State, asset_id: str, *, now: datetime) -> tuple[HalfHourPrice, ...]:
    """Return the curve of the asset's site. Raises: AssetUnknown, NotPriced."""
    asset = asset_of(state, asset_id)
    if asset.type not in PRICED:
        raise NotPriced(asset_id, asset.type)
    return site_curve(state, asset.site_id, now=now)


def half_hours_to_come(now: datetime) -> range:
    """Number the half-hours from the current one to 23:00 UK time today (from 14:00: tomorrow)."""
    day, at = local_day_and_time(since_dawn(now), timezone=LONDON)
    end = instant_of(day + (at >= TOMORROW_FROM), LAST_HALF_HOUR_ENDS, timezone=LONDON)
    return range(floor(since_dawn(now)), LAST + 1 if end is None else floor(end))


def price_at(state: State, half_hour: int) -> Decimal:
    """Return the price set for a half-hour, else a window's, else one drawn from the world's seed; to the penny."""
    market = state.reference.market
    price = set_price(market, half_hour)
    if price is None:
        price = covering_price(market, half_hour)
    return (price if price is not None else _drawn(state.seed, half_hour)).quantize(PENCE)


def mean_price(state: State, start_at: datetime, *, end_at: datetime) -> Decimal:
    """Return the mean price of the half-hours of a time, each by its share; of a long one, of its first days.

    Units: GBP per MWh, to the penny. Source: B5.
    """
    numbers = range(floor(since_dawn(start_at)), min(ceil(since_dawn(end_at)), LAST))[:PRICED_HALF_HOURS]
    if not numbers:
        return price_at(state, LAST)
    span = (start_at, min(end_at, start_of(numbers.stop)))
    paid = [
        energy(price_at(state, number), overlap((start_of(number), start_of(number) + HALF_HOUR), span))
        for number in numbers
    ]
    return rounded(Fraction(sum(paid, Decimal(0))) / hours(span), PENNY_PLACES)


def set_price(market: Market, half_hour: int) -> Decimal | None:
    at = bisect_left(market.prices, half_hour, key=lambda pair: pair[0])
    found = market.prices[at : at + 1]
    return found[0][1] if found and found[0][0] == half_hour else None


def _drawn(seed: bytes, half_hour: int) -> Decimal:
    digest = blake2b(b"price" + half_hour.to_bytes(8, "big"), key=seed, digest_size=8).digest()
    return (LOWEST_PENCE + int.from_bytes(digest, "big") % SPREAD_PENCE) * PENCE
