"""Exact arithmetic of energy and money; halves are rounded away from zero. Source: B7."""

from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from mockaxle.core.tariffs import Span

EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
HOUR, MICROSECOND, NOTHING = timedelta(hours=1), timedelta(microseconds=1), timedelta()
MICROSECONDS_PER_HOUR = Decimal(HOUR // MICROSECOND)
_UNITS = tuple(Decimal(1).scaleb(-places) for places in range(7))


def rounded(value: Fraction | Decimal, places: int) -> Decimal:
    """Round to so many decimal places, at most 6."""
    if isinstance(value, Fraction):
        value = EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))
    found = value.quantize(_UNITS[places], context=EXACT)
    return found if found else _UNITS[places] * 0


def product(one: Decimal, other: Decimal) -> Decimal:
    return EXACT.multiply(one, other)


def energy(power_kw: Decimal, lapse: timedelta) -> Decimal:
    """Return the energy of a power for a time. Units: kWh."""
    return EXACT.divide(EXACT.multiply(power_kw, Decimal(lapse // MICROSECOND)), MICROSECONDS_PER_HOUR)


def part(amount: Decimal, lapse: timedelta, *, of: timedelta) -> Decimal:
    """Return a lapse's part of an amount for a longer time, to 60 digits."""
    return EXACT.divide(EXACT.multiply(amount, Decimal(lapse // MICROSECOND)), Decimal(of // MICROSECOND))


def hours(span: Span) -> Fraction:
    start, end = span
    return Fraction((end - start) // MICROSECOND, HOUR // MICROSECOND)


def overlap(one: Span, other: Span) -> timedelta:
    """Return how long two spans overlap."""
    return max(min(one[1], other[1]) - max(one[0], other[0]), NOTHING)


def exactly(value: float) -> Fraction:
    """Return the number that a float's shortest text spells."""
    return Fraction(str(value))


def share_of(at: datetime, span: Span) -> Fraction:
    """Return how far into a span an instant is, from 0 to 1."""
    return hours((span[0], at)) / hours(span)
