"""Commands on a world's market."""

from dataclasses import replace
from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from mockaxle.core import market
from mockaxle.core.half_hours import floor, since_dawn
from mockaxle.core.market import Market
from mockaxle.core.sessions import follow_market
from mockaxle.scenarios.dumping import market_sections
from mockaxle.scenarios.fields import Price, Section
from mockaxle.scenarios.sections import MAX_PRICES, MAX_WINDOWS, DailyWindow, PriceSection, SingleWindow
from mockaxle.world.commands.done import Done, Moment, with_reference
from mockaxle.world.commands.refusals import TooManyPrices, TooManyWindows, WindowUnknown
from mockaxle.world.value import World


def _kind_of(value: object) -> str:
    if isinstance(value, dict):
        return "single" if {"from_at", "to_at"} & value.keys() else "daily"
    return "single" if isinstance(value, SingleWindow) else "daily"


AddWindow = Annotated[
    Annotated[DailyWindow, Tag("daily")] | Annotated[SingleWindow, Tag("single")], Discriminator(_kind_of)
]
"""A daily window, or a single one between two instants."""


class PriceWindow(Section):
    """Units: price in GBP per MWh."""

    price_gbp_per_mwh: Price


class SetPrices(Section):
    """Prices of half-hours, for the price curves."""

    prices: Annotated[tuple[PriceSection, ...], Field(max_length=MAX_PRICES)]


def add_window(world: World, body: DailyWindow | SingleWindow, moment: Moment) -> Done:
    """Add a flex window and answer its id. The next plug-in-schedule uses it. Raises: TooManyWindows."""
    known = world.state.reference.market
    if len(known.daily) + len(known.single) >= MAX_WINDOWS:
        raise TooManyWindows(f"The market has {MAX_WINDOWS} windows already")
    price, id = body.price_gbp_per_mwh, f"w{known.made + 1}"
    if isinstance(body, SingleWindow):
        grown = replace(known, single=(*known.single, market.SingleWindow(body.from_at, body.to_at, price, id)))
    else:
        added = market.DailyWindow(body.from_time, body.to_time, price, body.timezone, id)
        grown = replace(known, daily=(*known.daily, added))
    return Done(_followed(world, replace(grown, made=known.made + 1), moment), {"id": id})


def price_window(world: World, body: PriceWindow, moment: Moment) -> Done:
    """Change a flex window's price. Raises: WindowUnknown."""
    known, id = _market_with(world, moment.path["id"]), moment.path["id"]
    price = body.price_gbp_per_mwh
    daily = tuple(replace(w, price_gbp_per_mwh=price) if w.id == id else w for w in known.daily)
    single = tuple(replace(w, price_gbp_per_mwh=price) if w.id == id else w for w in known.single)
    return Done(_followed(world, replace(known, daily=daily, single=single), moment), {})


def remove_window(world: World, body: None, moment: Moment) -> Done:
    """Raises: WindowUnknown."""
    known, id = _market_with(world, moment.path["id"]), moment.path["id"]
    daily = tuple(window for window in known.daily if window.id != id)
    single = tuple(window for window in known.single if window.id != id)
    return Done(_followed(world, replace(known, daily=daily, single=single), moment), {})


def set_prices(world: World, body: SetPrices, moment: Moment) -> Done:
    """Set prices of half-hours in the price curves, in addition to those set before. Raises: TooManyPrices."""
    known = world.state.reference.market
    fresh = {floor(since_dawn(one.at)): one.price_gbp_per_mwh for one in body.prices}
    prices = tuple(sorted({**dict(known.prices), **fresh}.items()))
    if len(prices) > MAX_PRICES:
        raise TooManyPrices(f"The market would have {len(prices)} prices, more than {MAX_PRICES}")
    return Done(_followed(world, replace(known, prices=prices), moment), {"prices": len(prices)})


def clear_prices(world: World, body: None, moment: Moment) -> Done:
    """Clear all prices, so that windows and seed determine the price curves again."""
    return Done(_followed(world, replace(world.state.reference.market, prices=()), moment), {"prices": 0})


def describe_market(market: Market) -> dict[str, Any]:
    """Shape: each window as a body that adds it, with its id."""
    sections = market_sections(market, price=float)
    return {"windows": [*sections["daily_windows"], *sections["single_windows"]], "prices": sections["prices"]}


def _followed(world: World, market: Market, moment: Moment) -> World:
    """Change the market, and the plans that follow it. Source: N3."""
    world = with_reference(world, market=market)
    return world._replace(state=follow_market(world.state, now=moment.at))


def _market_with(world: World, id: str) -> Market:
    """Return the market, if it has a window of that id. Raises: WindowUnknown."""
    known = world.state.reference.market
    if id not in {window.id for window in known.daily} | {window.id for window in known.single}:
        raise WindowUnknown(f"There is no window {id!r:.60}")
    return known
