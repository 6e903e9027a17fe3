"""Which off-peak time Smart Charging leaves out because the market pays for it: the setting plan_follows_market.

The dearest half-hours are left out first, as long as the rest meets the need. Of equal ones the latest go first, so
that a car is not charged later than it must be. Source: N3.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from mockaxle.core.half_hours import HALF_HOUR, PER_DAY, floor, since_dawn, start_of
from mockaxle.core.market import Market, Search, singles
from mockaxle.core.offers import price_table
from mockaxle.core.planner import ChargingMode, Need, length
from mockaxle.core.tariffs import Span, joined

WHOLE = Search(HALF_HOUR)
NOTHING = Decimal(0)


class Piece(NamedTuple):
    """Off-peak time within a half-hour of UTC. Units: price in GBP per MWh, 0 outside the flex windows."""

    span: Span
    price_gbp_per_mwh: Decimal


def without_dear(off_peak: Sequence[Span], market: Market, *, need: Need) -> tuple[Span, ...]:
    """Leave out what costs more than the rest and is not needed. Shape: off_peak and the result are in order."""
    if need.half_hours is None:
        return tuple(off_peak)
    wanted = need.half_hours * HALF_HOUR
    found = list(pieces(off_peak, market))
    if need.mode is ChargingMode.MINIMISE:
        return joined(sorted(_cheapest(found, wanted)))
    return joined(sorted(_all_but_dear(found, wanted)))


def pieces(off_peak: Iterable[Span], market: Market) -> Iterator[Piece]:
    """Cut the spans at the half-hours of UTC."""
    table, single = price_table(market.daily, WHOLE), list(singles(market, WHOLE))
    for start, end in off_peak:
        while start < end:
            number = floor(since_dawn(start))
            cut = end if floor(since_dawn(end)) == number else start_of(number + 1)
            paid = [price for numbers, price in single if number in numbers]
            paid.append(table.on(number // PER_DAY)[number % PER_DAY] or NOTHING)
            yield Piece((start, cut), max(paid))
            start = cut


def _all_but_dear(pieces: Sequence[Piece], wanted: timedelta) -> Iterator[Span]:
    left = length(piece.span for piece in pieces)
    lowest = min((piece.price_gbp_per_mwh for piece in pieces), default=NOTHING)
    for piece in sorted(pieces, key=lambda piece: (piece.price_gbp_per_mwh, piece.span), reverse=True):
        lapse = length([piece.span])
        if piece.price_gbp_per_mwh > lowest and left - lapse >= wanted:
            left -= lapse
        else:
            yield piece.span


def _cheapest(pieces: Sequence[Piece], wanted: timedelta) -> Iterator[Span]:
    for (start, end), _ in sorted(pieces, key=lambda piece: (piece.price_gbp_per_mwh, piece.span)):
        if wanted <= timedelta():
            return
        end = min(end, start + wanted)
        wanted -= end - start
        yield start, end
