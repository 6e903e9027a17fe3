"""Exact arithmetic of energy and money; halves are rounded away from zero. Source: B7."""

from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from mockaxle.core.tariffs import Span

HOUR, MICROSECOND = timedelta(hours=1), timedelta(microseconds=1)


def rounded(value: Fraction | Decimal, places: int) -> Decimal:
    """Round to so many decimal places."""
    scaled = int(abs(Fraction(value)) * 10**places + Fraction(1, 2))
    return Decimal(scaled if value >= 0 else -scaled).scaleb(-places)


def hours(span: Span) -> Fraction:
    start, end = span
    return Fraction((end - start) // MICROSECOND, HOUR // MICROSECOND)


def overlap(one: Span, other: Span) -> Fraction:
    """Return how long two spans overlap. Units: hours."""
    start, end = max(one[0], other[0]), min(one[1], other[1])
    return hours((start, end)) if start < end else Fraction(0)


def exactly(value: float) -> Fraction:
    """Return the number that a float's shortest text spells."""
    return Fraction(str(value))


def share_of(at: datetime, span: Span) -> Fraction:
    """Return how far into a span an instant is, from 0 to 1."""
    return hours((span[0], at)) / hours(span)
