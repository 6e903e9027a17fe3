"""Commands on a world's time."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from mockaxle.clock import LAST, WorldClock
from mockaxle.commands.done import Done, at, settled
from mockaxle.commands.refusals import ClockWouldGoBack, OffTheCalendar
from mockaxle.core.timestamps import spell_utc
from mockaxle.exchange import Command
from mockaxle.world import World


def set_clock(world: World, command: Command) -> Done:
    """Frozen, shifted or running at a rate from an instant on; arguments: at (now where absent), rate.

    It goes back only while there is no site that remembers. Raises: ClockWouldGoBack.
    """
    at = _instant(command.arguments.get("at")) or command.at
    if at < command.at and len(world.state.sites):
        raise ClockWouldGoBack(f"The clock stands at {spell_utc(command.at)}, after {spell_utc(at)}")
    clock = WorldClock(command.real_at, at, Decimal(command.arguments["rate"]))
    return settled(world._replace(clock=clock), at), describe_clock(clock, command.real_at)


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
    return settled(world._replace(clock=clock), to), describe_clock(clock, command.real_at)


def describe_clock(clock: WorldClock, real: datetime) -> dict[str, Any]:
    return {"now": spell_utc(clock.now(real)), "mode": clock.mode, "rate": float(clock.rate)}


def _instant(text: str | None) -> datetime | None:
    return at(text) if text else None
