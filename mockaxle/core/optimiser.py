"""The schedule optimiser of Flex Lite: one pause, at the highest price that still leaves the user enough charge."""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from mockaxle.core.half_hours import HALF_HOUR, LAST, ceil, since_dawn, start_of
from mockaxle.core.market import Market, Search
from mockaxle.core.offers import offers
from mockaxle.core.reasons import NO_BLOCK, NO_WINDOW, Reason, no_room, too_little_energy, too_tight
from mockaxle.core.schedule import Block, Schedule, total
from mockaxle.core.timestamps import Timestamp, spell

MARGIN = HALF_HOUR  # of its block, before and after a pause: F5
MICROSECOND, HOUR = timedelta(microseconds=1), timedelta(hours=1)
SLACK = 4  # a schedule must be this many pauses long: F6


class Pause(NamedTuple):
    """Units: price in GBP per MWh. Shape: aware UTC, half-open."""

    start_at: datetime
    end_at: datetime
    price_gbp_per_mwh: Decimal


class Plan(NamedTuple):
    """The schedule to return: with a pause, or unchanged with the reason."""

    schedule: Schedule
    pause: Pause | None = None
    reason: Reason | None = None


class Charge(NamedTuple):
    """The energy to charge, and the rate. Units: kWh, kW (above 0). Source: F6."""

    energy_kwh: Fraction
    rate_kw: Fraction


def optimise(
    schedule: Schedule,
    market: Market,
    *,
    pause: timedelta,
    not_before: datetime | None = None,
    charge: Charge | None = None,
) -> Plan:
    """Add a pause to a schedule. Source: F2-F6; `not_before` for F7's strict_time and F11's charge-now."""
    if not schedule:
        return Plan(schedule, reason=NO_BLOCK)
    found = dearest(schedule, market, pause=pause, not_before=not_before)
    if found is None:
        return Plan(schedule, reason=no_room(pause) if is_met(schedule, market) else NO_WINDOW)
    tight = tightness(total(schedule), pause, charge=charge)
    if tight is not None:
        return Plan(schedule, reason=tight)
    return Plan(split(schedule, found), pause=found)


def tightness(total: timedelta, pause: timedelta, *, charge: Charge | None) -> Reason | None:
    """Return the reason if a pause would cost the user their charge, else None. Source: F6."""
    if charge is None:
        return too_tight(total, needed=SLACK * pause) if total < SLACK * pause else None
    possible = charge.rate_kw * Fraction((total - pause) // MICROSECOND, HOUR // MICROSECOND)
    return too_little_energy(possible, charge.energy_kwh) if possible < charge.energy_kwh else None


def split(schedule: Schedule, pause: Pause) -> Schedule:
    """Split the block that contains the pause in two; all other blocks keep their strings. Source: F5."""
    paused: list[Block] = []
    for block in schedule:
        if block.start.at <= pause.start_at < block.end.at:
            stop, resume = _spelt(pause.start_at, like=block.start), _spelt(pause.end_at, like=block.end)
            paused += [Block(block.start, stop), Block(resume, block.end)]
        else:
            paused.append(block)
    return tuple(paused)


def dearest(
    schedule: Schedule, market: Market, *, pause: timedelta, not_before: datetime | None = None
) -> Pause | None:
    """Return the earliest candidate of the highest price; None if none fits. Source: F5."""
    search = Search(pause)
    found = offers([_room(block, pause, not_before) for block in schedule], market, search=search)
    if not found:
        return None
    price, number = max(found, key=lambda offer: (offer[0], -offer[1]))
    return Pause(start_of(number), start_of(number) + pause, price)


def is_met(schedule: Schedule, market: Market) -> bool:
    """Tell whether any window touches a half-hour that a block touches. Source: F13."""
    search = Search(pause=None)
    touched = [search.half_hours((since_dawn(block.start.at), since_dawn(block.end.at))) for block in schedule]
    return bool(offers(touched, market, search=search))


def _room(block: Block, pause: timedelta, not_before: datetime | None) -> range:
    """Return the half-hours at which a pause may start in a block, as far as the offsets of its ends can spell them."""
    room = Search(pause).half_hours((since_dawn(block.start.at) + MARGIN, since_dawn(block.end.at) - MARGIN))
    first = max(room.start, ceil(-block.end.offset - pause))
    if not_before is not None:
        first = max(first, ceil(since_dawn(not_before)))
    return range(first, min(room.stop, LAST + 1 - ceil(block.start.offset)))


def _spelt(at: datetime, *, like: Timestamp) -> Timestamp:
    return Timestamp(spell(at, like=like), at, like.offset)
