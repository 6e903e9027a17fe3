"""What a test may do to a world that Axle cannot: commands, as pure steps of the world's value.

CommandRefused
├── ClockWouldGoBack
├── OffTheCalendar
├── WindowUnknown
├── TooManyWindows
├── TooManyPrices
├── WorldGone
├── OtherWorld
└── UsernameTaken
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from mockaxle.clock import LAST, WorldClock
from mockaxle.core.half_hours import floor, since_dawn
from mockaxle.core.market import DailyWindow, Market, SingleWindow
from mockaxle.core.reference import Reference, Style
from mockaxle.core.rewards import settle
from mockaxle.core.timestamps import spell_utc
from mockaxle.exchange import Command
from mockaxle.scenarios.building import blueprint
from mockaxle.scenarios.dumping import market_sections
from mockaxle.scenarios.sections import MAX_PRICES, MAX_WINDOWS, Scenario
from mockaxle.world import World

Done = tuple[World, dict[str, Any]]


class CommandRefused(Exception):
    """A command that cannot be carried out; nothing has changed. Shape: text is what is wrong and what would do."""

    advice: ClassVar[str]

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.text = f"{what}. {self.advice}"


class ClockWouldGoBack(CommandRefused):
    advice = "A clock only goes on: choose a later instant, or reset the clock first"


class OffTheCalendar(CommandRefused):
    advice = "Choose an instant in the years 1 to 9999"


class WindowUnknown(CommandRefused):
    advice = "GET market lists the windows with their ids"


class TooManyWindows(CommandRefused):
    advice = "Remove one first, or reset the market"


class TooManyPrices(CommandRefused):
    advice = "DELETE them first"


class WorldGone(CommandRefused):
    advice = "Log in again; --max-worlds keeps more"


class OtherWorld(CommandRefused):
    advice = "Leave its world out, or serve the scenario from the server's start on"


class UsernameTaken(CommandRefused):
    advice = "Choose another, or delete that world first"


def carry_out(world: World, command: Command) -> Done:
    """The world after a command, and what it answers. Raises: CommandRefused."""
    return COMMANDS[command.name](_settled(world, command.at), command)


def _settled(world: World, now: datetime) -> World:
    """The world after what fell due until now."""
    return world._replace(state=settle(world.state, now=now))


def set_clock(world: World, command: Command) -> Done:
    """Frozen, shifted or running at a rate from an instant on; arguments: at (now where absent), rate."""
    at = _instant(command.arguments.get("at")) or command.at
    if at < command.at:
        raise ClockWouldGoBack(f"The clock stands at {spell_utc(command.at)}, after {spell_utc(at)}")
    clock = WorldClock(command.real_at, at, Decimal(command.arguments["rate"]))
    return _settled(world._replace(clock=clock), at), describe_clock(clock, command.real_at)


def advance(world: World, command: Command) -> Done:
    """The clock set forward, running on as before; arguments: seconds, or to.

    What falls due on the way happens in order, each at its own instant. A token's end needs no step of its own.
    """
    to = _instant(command.arguments.get("to"))
    if to is None:
        lapse = timedelta(seconds=command.arguments["seconds"])
        if lapse > LAST - command.at:
            raise OffTheCalendar(f"{lapse} after {spell_utc(command.at)} there is no calendar")
        to = command.at + lapse
    if to < command.at:
        raise ClockWouldGoBack(f"The clock stands at {spell_utc(command.at)}, after {spell_utc(to)}")
    clock = WorldClock(command.real_at, to, world.clock.rate)
    return _settled(world._replace(clock=clock), to), describe_clock(clock, command.real_at)


def reset(world: World, command: Command) -> Done:
    """Back to the beginning; arguments: what, of state, market, settings and clock. Tokens stay."""
    what = command.arguments["what"]
    if "state" in what:
        kept = world.state.reference
        reference = replace(kept, meters=world.origin.reference.meters, models=world.origin.reference.models)
        world = world._replace(state=world.origin._replace(reference=reference))
    if "market" in what:
        world = _with_reference(world, market=world.origin.reference.market)
    if "settings" in what:
        world = _with_reference(world, settings=world.origin.reference.settings)
    if "clock" in what:
        world = world._replace(clock=world.origin_clock)
    return world, {"reset": list(what)}


def load_scenario(world: World, command: Command) -> Done:
    """The world begun anew; arguments: scenario. Tokens and seed stay, the clock where the scenario names none."""
    plan = blueprint(Scenario.model_validate(command.arguments["scenario"]))
    clock = plan.clock(command.real_at) if plan.scenario.clock else world.clock
    state = plan.state(world.state.seed, now=clock.now(command.real_at))
    origin_clock = clock if plan.scenario.clock else world.origin_clock
    world = world._replace(origin=state, state=state, clock=clock, origin_clock=origin_clock)
    return world, {"sites": len(state.sites), "assets": len(state.assets)}


def change_settings(world: World, command: Command) -> Done:
    """The settings named changed, no others."""
    arguments = dict(command.arguments)
    if "style" in arguments:
        arguments["style"] = Style(arguments["style"])
    settings = replace(world.state.reference.settings, **arguments)
    return _with_reference(world, settings=settings), {}


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
    return _with_reference(world, market=replace(grown, made=market.made + 1)), {"id": id}


def price_window(world: World, command: Command) -> Done:
    """A flex window's price changed; arguments: id, price_gbp_per_mwh. Raises: WindowUnknown."""
    market, id, price = world.state.reference.market, command.arguments["id"], command.arguments["price_gbp_per_mwh"]
    _check_window(market, id)
    daily = tuple(replace(w, price_gbp_per_mwh=Decimal(price)) if w.id == id else w for w in market.daily)
    single = tuple(replace(w, price_gbp_per_mwh=Decimal(price)) if w.id == id else w for w in market.single)
    return _with_reference(world, market=replace(market, daily=daily, single=single)), {}


def set_prices(world: World, command: Command) -> Done:
    """Prices of half-hours in the price curves, beside those set before; arguments: prices. Raises: TooManyPrices."""
    market = world.state.reference.market
    fresh = {
        floor(since_dawn(_at(one["at"]))): Decimal(one["price_gbp_per_mwh"]) for one in command.arguments["prices"]
    }
    prices = tuple(sorted({**dict(market.prices), **fresh}.items()))
    if len(prices) > MAX_PRICES:
        raise TooManyPrices(f"The market would have {len(prices)} prices, more than {MAX_PRICES}")
    return _with_reference(world, market=replace(market, prices=prices)), {"prices": len(prices)}


def clear_prices(world: World, command: Command) -> Done:
    """The price curves as the windows and the seed make them."""
    return _with_reference(world, market=replace(world.state.reference.market, prices=())), {"prices": 0}


def remove_window(world: World, command: Command) -> Done:
    """A flex window less; arguments: id. Raises: WindowUnknown."""
    market, id = world.state.reference.market, command.arguments["id"]
    _check_window(market, id)
    daily = tuple(window for window in market.daily if window.id != id)
    single = tuple(window for window in market.single if window.id != id)
    return _with_reference(world, market=replace(market, daily=daily, single=single)), {}


def _check_window(market: Market, id: str) -> None:
    """Raises: WindowUnknown."""
    if id not in {window.id for window in market.daily} | {window.id for window in market.single}:
        raise WindowUnknown(f"There is no window {id!r:.60}")


def describe_clock(clock: WorldClock, real: datetime) -> dict[str, Any]:
    return {"now": spell_utc(clock.now(real)), "mode": clock.mode, "rate": float(clock.rate)}


def describe_market(market: Market) -> dict[str, Any]:
    """Shape: each window as it would be added, with its id."""
    sections = market_sections(market, price=float)
    return {"windows": [*sections["daily_windows"], *sections["single_windows"]], "prices": sections["prices"]}


def _with_reference(world: World, **changes: Any) -> World:
    reference: Reference = replace(world.state.reference, **changes)
    return world._replace(state=world.state._replace(reference=reference))


def _instant(text: str | None) -> datetime | None:
    return _at(text) if text else None


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


COMMANDS: Mapping[str, Callable[[World, Command], Done]] = {
    "set clock": set_clock,
    "advance": advance,
    "reset": reset,
    "change settings": change_settings,
    "add window": add_window,
    "price window": price_window,
    "remove window": remove_window,
    "set prices": set_prices,
    "clear prices": clear_prices,
    "load scenario": load_scenario,
}
