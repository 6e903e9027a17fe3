"""The half-hours that Smart Charging leaves out because the market pays for it. Source: B1, N3."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

from mockaxle.core.dear_times import pieces
from mockaxle.core.half_hours import HALF_HOUR, LAST, floor, since_dawn, start_of
from mockaxle.core.market import Market
from mockaxle.core.records import FlexCause, PlannedFlex
from mockaxle.core.tariffs import Span


def shifts(
    without: Sequence[Span], charging: Sequence[Span], *, market: Market, rate_kw: Decimal
) -> tuple[PlannedFlex, ...]:
    """Return the paid half-hours in which a plan without the market charges, and the plan does not.

    Units: rate in kW. Shape: `without` are the times of the plan without the market, in order.
    """
    found: list[PlannedFlex] = []
    found_pieces = (piece for piece in pieces(without, market) if floor(since_dawn(piece.span[0])) < LAST)
    paid = (piece for piece in found_pieces if piece.price_gbp_per_mwh > 0)
    for number, those in groupby(paid, key=lambda piece: floor(since_dawn(piece.span[0]))):
        start, end, together = start_of(number), start_of(number) + HALF_HOUR, tuple(those)
        if not any(one < end and start < other for one, other in charging):
            spans, price = tuple(piece.span for piece in together), together[0].price_gbp_per_mwh
            found.append(PlannedFlex(start, end, price, rate_kw, 0, cause=FlexCause.SHIFT, charging=spans))
    return tuple(found)
