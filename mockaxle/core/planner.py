"""The charging planner of Smart Charging: the times at which a car charges before its ready-by. Source: C5, C10."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from mockaxle.core.half_hours import HALF_HOUR, PER_DAY
from mockaxle.core.tariffs import Span, joined

LONGEST = 366 * PER_DAY


class ChargingMode(StrEnum):
    """Source: C5."""

    MAXIMISE = "maximise_charging_time"
    MINIMISE = "minimise_charging_time"


class Need(NamedTuple):
    """The charge that a car needs. Units: half-hours at its charging rate; None for all off-peak time."""

    half_hours: int | None = None
    mode: ChargingMode = ChargingMode.MAXIMISE
    may_charge_peak: bool = False


def half_hours_for(energy_kwh: Fraction, rate_kw: Fraction) -> int:
    """Return how many half-hours an energy takes at a rate above 0, at most a year's. Source: C5."""
    return min(max(0, -(-energy_kwh * 2 // rate_kw)), LONGEST)


def plan(start: datetime, ready_at: datetime, *, off_peak: Sequence[Span], need: Need) -> tuple[Span, ...]:
    """Plan when the car charges. Shape: off_peak is in order and lies between start and ready_at."""
    if need.half_hours is None:
        return joined(list(off_peak))
    wanted = need.half_hours * HALF_HOUR
    taken = list(_first(off_peak, wanted) if need.mode is ChargingMode.MINIMISE else off_peak)
    missing = wanted - length(off_peak)
    if need.may_charge_peak and missing > timedelta():
        taken += _from_peak(start, ready_at, off_peak, missing)
    return joined(taken)


def length(spans: Iterable[Span]) -> timedelta:
    return sum((end - start for start, end in spans), timedelta())


def _from_peak(start: datetime, ready_at: datetime, off_peak: Sequence[Span], missing: timedelta) -> list[Span]:
    """Take peak time after the last off-peak period, then backwards from the first, then between them."""
    if not off_peak:
        return list(_first([(start, ready_at)], missing))
    after = list(_first([(off_peak[-1][1], ready_at)], missing))
    missing -= length(after)
    first = off_peak[0][0]
    before = [(first - min(missing, first - start), first)]
    missing -= length(before)
    gaps = [(early[1], late[0]) for early, late in pairwise(off_peak)]
    return [*after, *before, *_first(gaps, missing)]


def _first(spans: Iterable[Span], wanted: timedelta) -> Iterator[Span]:
    """Take the earliest time of the spans, up to the wanted length."""
    for start, end in spans:
        if wanted <= timedelta():
            return
        end = min(end, start + wanted) if wanted < end - start else end
        wanted -= end - start
        yield start, end
