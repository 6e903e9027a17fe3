"""The market's flex windows: times at which a pause is paid for, with prices. Source: F4."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from mockaxle.core.half_hours import DAWN, HALF_HOUR, PER_DAY, ceil, floor, since_dawn
from mockaxle.core.local_time import DAY, LAST_DAY, LONDON, instant_of


@dataclass(frozen=True, slots=True)
class DailyWindow:
    """A flex window of every local date; `to_time` before `from_time` is on the next date.

    Units: price in GBP per MWh. Raises: ValueError if both times are equal.
    """

    from_time: time
    to_time: time
    price_gbp_per_mwh: Decimal
    timezone: str = LONDON
    id: str = ""

    def __post_init__(self) -> None:
        if self.from_time == self.to_time:
            raise ValueError("a window needs two different times")

    def on(self, day: int) -> tuple[timedelta, timedelta] | None:
        """Return its ends on a local date, as times since the start of year 1; None if it does not occur."""
        start = instant_of(day, self.from_time, timezone=self.timezone)
        end = instant_of(day + (self.to_time < self.from_time), self.to_time, timezone=self.timezone)
        return None if start is None or end is None or end <= start else (start, end)


@dataclass(frozen=True, slots=True)
class SingleWindow:
    """A flex window that occurs once. Units: price in GBP per MWh. Shape: two aware instants."""

    from_at: datetime
    to_at: datetime
    price_gbp_per_mwh: Decimal
    id: str = ""

    def __post_init__(self) -> None:
        if self.to_at <= self.from_at:
            raise ValueError("a window ends after it starts")

    @property
    def ends(self) -> tuple[timedelta, timedelta]:
        return since_dawn(self.from_at), since_dawn(self.to_at)


@dataclass(frozen=True, slots=True)
class Market:
    """All flex windows of a world; `made` counts those added since it was opened.

    `prices` for half-hours affect the price curves only. Shape: pairs of a half-hour and its price, in order.
    """

    daily: tuple[DailyWindow, ...] = ()
    single: tuple[SingleWindow, ...] = ()
    made: int = 0
    prices: tuple[tuple[int, Decimal], ...] = ()


class Search(NamedTuple):
    """Selects half-hours of a period: those where a pause fits, or all that the period touches."""

    pause: timedelta | None

    def half_hours(self, ends: tuple[timedelta, timedelta]) -> range:
        start, end = ends
        if self.pause is None:
            return range(floor(start), ceil(end))
        return range(ceil(start), floor(end - self.pause) + 1)


def paying(windows: tuple[DailyWindow, ...]) -> tuple[DailyWindow, ...]:
    return tuple(window for window in windows if window.price_gbp_per_mwh > 0)


def singles(market: Market, search: Search) -> Iterator[tuple[range, Decimal]]:
    """Yield the half-hours and the price of each single window that pays."""
    for window in market.single:
        if window.price_gbp_per_mwh > 0:
            yield search.half_hours(window.ends), window.price_gbp_per_mwh


def covering_price(market: Market, half_hour: int) -> Decimal | None:
    """Return the highest price of the windows that cover a half-hour, whether they pay or not. Source: P1."""
    whole, day = Search(HALF_HOUR), half_hour // PER_DAY
    found = [window.price_gbp_per_mwh for window in market.single if half_hour in whole.half_hours(window.ends)]
    for window in market.daily:
        happens = (window.on(local_day) for local_day in range(day - 2, day + 2))
        if any(half_hour in whole.half_hours(ends) for ends in happens if ends):
            found.append(window.price_gbp_per_mwh)
    return max(found, default=None)


class Occurrence(NamedTuple):
    """A time of a flex window. Shape: aware UTC, half-open. Units: price in GBP per MWh."""

    start_at: datetime
    end_at: datetime
    price_gbp_per_mwh: Decimal
    window_id: str


def occurrences(market: Market, start_at: datetime, *, end_at: datetime) -> tuple[Occurrence, ...]:
    """Return the times of all windows that overlap a period, in order."""
    found = [Occurrence(one.from_at, one.to_at, one.price_gbp_per_mwh, one.id) for one in market.single]
    first, last = since_dawn(start_at) // DAY - 2, since_dawn(end_at) // DAY + 2
    for window in market.daily:
        happens = (window.on(day) for day in range(max(first, 0), min(last, LAST_DAY) + 1))
        found += [
            Occurrence(DAWN + ends[0], DAWN + ends[1], window.price_gbp_per_mwh, window.id) for ends in happens if ends
        ]
    return tuple(sorted(one for one in found if one.start_at < end_at and start_at < one.end_at))
