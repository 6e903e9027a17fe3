"""The market's offers for given half-hours, found without testing every window against every half-hour.

A table holds the price of each half-hour of a day, over all daily windows. All days of the same offset that are far
from a clock change have the same prices, so one table serves them all, and a walk over centuries visits only days that
can differ.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache

from mockaxle.core.half_hours import LAST, PER_DAY
from mockaxle.core.local_time import LAST_DAY, LAST_IRREGULAR_YEAR, Change, changes, offset_on, year_of
from mockaxle.core.market import DailyWindow, Market, Search, paying, singles

REACH = 3  # days: a clock change further away never matters to a day's windows, at any offset, past midnight or not
REMEMBERED_DAYS = 4096

Prices = tuple[Decimal | None, ...]


def offers(rooms: Sequence[range], market: Market, *, search: Search) -> list[tuple[Decimal, int]]:
    """Return prices with half-hours; not all, but always the earliest one of the highest price. Units: GBP per MWh."""
    roomy = sorted((room for room in rooms if room), key=lambda room: room.start)
    return [*_single_offers(roomy, market, search), *_daily_offers(roomy, market, search)]


def _single_offers(rooms: Sequence[range], market: Market, search: Search) -> Iterator[tuple[Decimal, int]]:
    lasts = [room.stop for room in rooms]
    for window, price in singles(market, search):
        at = bisect_left(lasts, window.start + 1)
        if at < len(rooms):
            number = max(rooms[at].start, window.start)
            if number in window:
                yield price, number


def _daily_offers(rooms: Sequence[range], market: Market, search: Search) -> Iterator[tuple[Decimal, int]]:
    table = price_table(market.daily, search)
    for room in rooms:
        for day in table.distinct_days(room.start // PER_DAY, (room.stop - 1) // PER_DAY):
            prices = table.on(day)
            for number in range(max(room.start, day * PER_DAY), min(room.stop, (day + 1) * PER_DAY)):
                price = prices[number - day * PER_DAY]
                if price is not None:
                    yield price, number
                    if price == table.ceiling:
                        return


class PriceTable:
    """Prices by UTC day. Units: GBP per MWh; days count from 1 January of year 1. Shape: 48 prices a day."""

    def __init__(self, windows: tuple[DailyWindow, ...], search: Search) -> None:
        self.windows = windows
        self.search = search
        self.ceiling = max((window.price_gbp_per_mwh for window in windows), default=None)
        self.timezones = tuple(dict.fromkeys(window.timezone for window in windows))
        self._known: dict[object, Prices] = {}
        self._by_day: dict[int, Prices] = {}

    def on(self, day: int) -> Prices:
        known = self._by_day.get(day)
        if known is not None:
            return known
        alike = tuple(_likeness(day, timezone) for timezone in self.timezones)
        prices = self._known.get(alike)
        if prices is None:
            prices = self._known[alike] = self._price(day)
        if len(self._by_day) >= REMEMBERED_DAYS:
            self._by_day.clear()
        self._by_day[day] = prices
        return prices

    def _price(self, day: int) -> Prices:
        best: list[Decimal | None] = [None] * PER_DAY
        for window in self.windows:
            for local_day in range(day - 2, day + 2):
                ends = window.on(local_day)
                for number in self.search.half_hours(ends) if ends else ():
                    place = number - day * PER_DAY
                    if 0 <= place < PER_DAY:
                        best[place] = max(best[place] or window.price_gbp_per_mwh, window.price_gbp_per_mwh)
        return tuple(best)

    def distinct_days(self, first: int, last: int) -> Iterator[int]:
        """Yield the days from first to last on which a half-hour's price may differ from that on earlier days.

        A period without clock changes yields its first two days, since the first may be asked for in part only.
        """
        if last - first <= REACH:
            yield from range(first, last + 1)
            return
        day = first
        horizon = min(year_of(last), max(year_of(first), LAST_IRREGULAR_YEAR) + 2)
        while day <= last:
            yield day
            calm = not any(_changes_near(day, timezone) for timezone in self.timezones)
            if calm and day + 1 <= last:
                yield day + 1
                day = max(day + 2, self._next_change(day, horizon) - REACH)
            else:
                day += 1

    def _next_change(self, day: int, horizon: int) -> int:
        for year in range(max(year_of(day), 1), horizon + 1):
            later = [c.day for zone in self.timezones for c in changes(year, timezone=zone) if c.day >= day + REACH]
            if later:
                return min(later)
        return LAST // PER_DAY + 2 * REACH


@lru_cache(maxsize=128)
def price_table(windows: tuple[DailyWindow, ...], search: Search) -> PriceTable:
    """Return the price table of the windows that pay."""
    return PriceTable(paying(windows), search)


@lru_cache(maxsize=1 << 16)
def _changes_near(day: int, timezone: str) -> tuple[Change, ...]:
    years = sorted({year_of(day - REACH), year_of(day + REACH)})
    near = (change for year in years for change in changes(year, timezone=timezone))
    return tuple(change for change in near if abs(change.day - day) <= REACH)


@lru_cache(maxsize=1 << 16)
def _likeness(day: int, timezone: str) -> object:
    """Return a key that is equal for days whose local times have the same UTC times, within a window's reach."""
    if not REACH <= day <= LAST_DAY - REACH:
        return ("edge of the calendar", day)
    near = _changes_near(day, timezone)
    if not near:
        return offset_on(day, timezone=timezone)
    return tuple((change.day - day, change.into_day, change.before, change.after) for change in near)
