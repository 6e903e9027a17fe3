"""Commands on a world's market."""

from dataclasses import replace
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from mockaxle.commands.done import Done, at, with_reference
from mockaxle.commands.refusals import TooManyPrices, TooManyWindows, WindowUnknown
from mockaxle.core.half_hours import floor, since_dawn
from mockaxle.core.market import DailyWindow, Market, SingleWindow
from mockaxle.exchange import Command
from mockaxle.scenarios.dumping import market_sections
from mockaxle.scenarios.sections import MAX_PRICES, MAX_WINDOWS
from mockaxle.world import World


def add_window(world: World, command: Command) -> Done:
    """A flex window more; the next plug-in-schedule sees it. Answers its id. Raises: TooManyWindows."""
    market, arguments = world.state.reference.market, command.arguments
    if len(market.daily) + len(market.single) >= MAX_WINDOWS:
        raise TooManyWindows(f"The market has {MAX_WINDOWS} windows already")
    price, id = Decimal(arguments["price_gbp_per_mwh"]), f"w{market.made + 1}"
    if "from_at" in arguments:
        ends = (datetime.fromisoformat(arguments["from_at"]), datetime.fromisoformat(arguments["to_at"]))
        grown = replace(market, single=(*market.single, SingleWindow(*ends, price, id)))
    else:
        times = (time.fromisoformat(arguments["from_time"]), time.fromisoformat(arguments["to_time"]))
        grown = replace(market, daily=(*market.daily, DailyWindow(*times, price, arguments["timezone"], id)))
    return with_reference(world, market=replace(grown, made=market.made + 1)), {"id": id}


def price_window(world: World, command: Command) -> Done:
    """A flex window's price changed; arguments: id, price_gbp_per_mwh. Raises: WindowUnknown."""
    market, id, price = world.state.reference.market, command.arguments["id"], command.arguments["price_gbp_per_mwh"]
    _check_window(market, id)
    daily = tuple(replace(w, price_gbp_per_mwh=Decimal(price)) if w.id == id else w for w in market.daily)
    single = tuple(replace(w, price_gbp_per_mwh=Decimal(price)) if w.id == id else w for w in market.single)
    return with_reference(world, market=replace(market, daily=daily, single=single)), {}


def set_prices(world: World, command: Command) -> Done:
    """Prices of half-hours in the price curves, beside those set before; arguments: prices. Raises: TooManyPrices."""
    market = world.state.reference.market
    fresh = {floor(since_dawn(at(one["at"]))): Decimal(one["price_gbp_per_mwh"]) for one in command.arguments["prices"]}
    prices = tuple(sorted({**dict(market.prices), **fresh}.items()))
    if len(prices) > MAX_PRICES:
        raise TooManyPrices(f"The market would have {len(prices)} prices, more than {MAX_PRICES}")
    return with_reference(world, market=replace(market, prices=prices)), {"prices": len(prices)}


def clear_prices(world: World, command: Command) -> Done:
    """The price curves as the windows and the seed make them."""
    return with_reference(world, market=replace(world.state.reference.market, prices=())), {"prices": 0}


def remove_window(world: World, command: Command) -> Done:
    """A flex window less; arguments: id. Raises: WindowUnknown."""
    market, id = world.state.reference.market, command.arguments["id"]
    _check_window(market, id)
    daily = tuple(window for window in market.daily if window.id != id)
    single = tuple(window for window in market.single if window.id != id)
    return with_reference(world, market=replace(market, daily=daily, single=single)), {}


def _check_window(market: Market, id: str) -> None:
    """Raises: WindowUnknown."""
    if id not in {window.id for window in market.daily} | {window.id for window in market.single}:
        raise WindowUnknown(f"There is no window {id!r:.60}")


def describe_market(market: Market) -> dict[str, Any]:
    """Shape: each window as it would be added, with its id."""
    sections = market_sections(market, price=float)
    return {"windows": [*sections["daily_windows"], *sections["single_windows"]], "prices": sections["prices"]}
