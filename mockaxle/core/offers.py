"""Where the market pays: the offers for given half-hours, without looking at every window for every one of them."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from decimal import Decimal

from mockaxle.core.half_hours import PER_DAY
from mockaxle.core.market import Market, Search, singles
from mockaxle.core.price_table import price_table


def offers(rooms: Sequence[range], market: Market, *, search: Search) -> list[tuple[Decimal, int]]:
    """Prices, in GBP per MWh, and the half-hours that pay them; not all, but the dearest and earliest is among them."""
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
        for day in table.telling_days(room.start // PER_DAY, (room.stop - 1) // PER_DAY):
            prices = table.on(day)
            for number in range(max(room.start, day * PER_DAY), min(room.stop, (day + 1) * PER_DAY)):
                price = prices[number - day * PER_DAY]
                if price is not None:
                    yield price, number
                    if price == table.ceiling:
                        return
