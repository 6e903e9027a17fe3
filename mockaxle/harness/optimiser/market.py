"""A model of the market, written by hand from rules F4 to F7. It shares no code with the mock.

Instants are aware UTC, periods half-open. Schedules far from the ends of the calendar are modelled only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from mockaxle.harness.json_values import Json

HALF_HOUR, DAY = timedelta(minutes=30), timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TIGHT = 4
"""The pauses that a schedule must be long if its energy is not known. Source: F6."""


class Period(NamedTuple):
    """Shape: aware UTC, half-open."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def meets(self, other: "Period") -> bool:
        return self.start < other.end and other.start < self.end


class Paid(NamedTuple):
    """A period in which a pause is paid for. Units: price in GBP per MWh."""

    period: Period
    price: Decimal


@dataclass(frozen=True, slots=True)
class RecurringWindow:
    """A window of every local date. Source: F4."""

    from_time: time
    to_time: time
    timezone: ZoneInfo
    price: Decimal

    def within(self, span: Period) -> Iterator[Paid]:
        """Yield the occurrences that touch a span."""
        day, last = span.start.date() - 2 * DAY, span.end.date() + 2 * DAY
        while day <= last:
            start, end = self._at(day, self.from_time), self._at(day + self._later, self.to_time)
            if start < end and span.meets(Period(start, end)):
                yield Paid(Period(start, end), self.price)
            day += DAY

    def first_after(self, at: datetime) -> Paid | None:
        return next((one for one in self.within(Period(at, at + 3 * DAY)) if one.period.start >= at), None)

    @property
    def _later(self) -> timedelta:
        return DAY if self.to_time < self.from_time else timedelta(0)

    def _at(self, day: date, at: time) -> datetime:
        """Read a local time: the first of two, and a skipped one with the offset before the change."""
        return datetime.combine(day, at, self.timezone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class OneOffWindow:
    """A window that happens once. Source: F4."""

    period: Period
    price: Decimal

    def within(self, span: Period) -> Iterator[Paid]:
        if self.period.meets(span):
            yield Paid(self.period, self.price)

    def first_after(self, at: datetime) -> Paid | None:
        """Return its only occurrence, before the instant or after it."""
        return Paid(self.period, self.price)


PaidWindow = RecurringWindow | OneOffWindow


def read_windows(listed: Json) -> tuple[PaidWindow, ...] | None:
    """Read the windows that a mockaxle reports; None if they cannot be read."""
    try:
        return tuple(_window(one) for one in listed) if isinstance(listed, list) else None
    except (TypeError, KeyError, ValueError, ArithmeticError, OSError):
        return None


def _window(reported: Json) -> PaidWindow:
    """Raises: TypeError, KeyError, ValueError, ArithmeticError, OSError."""
    if not isinstance(reported, dict):
        raise TypeError("a window is an object")
    price, texts = Decimal(str(reported["price_gbp_per_mwh"])), {name: str(value) for name, value in reported.items()}
    if not price.is_finite():
        raise ValueError("a price is a number")
    if "from_at" in texts:
        start, end = (datetime.fromisoformat(texts[name]) for name in ("from_at", "to_at"))
        if start.tzinfo is None or end.tzinfo is None:
            raise ValueError("an instant has an offset")
        return OneOffWindow(Period(start.astimezone(UTC), end.astimezone(UTC)), price)
    times = time.fromisoformat(texts["from_time"]), time.fromisoformat(texts["to_time"])
    return RecurringWindow(*times, ZoneInfo(texts["timezone"]), price)


def paid_within(windows: Sequence[PaidWindow], span: Period) -> list[Paid]:
    """Return the occurrences with a price above 0 that touch a span. Source: F4."""
    return [paid for window in windows if window.price > 0 for paid in window.within(span)]


class Forecast(NamedTuple):
    """What becomes of a schedule.

    Shape: `of` is the statement that a pause, or its absence, is judged by. `paid` are the periods that pauses fit in.
    `is_dearest` is true if no reading of the rules moves the pause to a lower price.
    """

    pause: Period | None
    of: str
    paid: tuple[Paid, ...] = ()
    is_dearest: bool = False


def forecast(
    blocks: Sequence[Period], windows: Sequence[PaidWindow] | None, *, pause: timedelta, not_before: datetime | None
) -> Forecast | None:
    """Predict the pause of a schedule. Shape: None if it depends on a market that is not known. Source: F3-F7."""
    if all(block.length <= pause for block in blocks):
        return Forecast(None, "F3a" if blocks else "F7b")
    if windows is None:
        return None
    paid = paid_within(windows, Period(min(blocks).start, max(block.end for block in blocks)))
    if not any(one.period.meets(block) for one in paid for block in blocks):
        return Forecast(None, "F3a")
    found = best(blocks, paid, pause=pause, not_before=not_before)
    if found is None:
        return Forecast(None, "F7c" if best(blocks, paid, pause=pause, not_before=None) else "F5a")
    if total(blocks) < TIGHT * pause:
        return Forecast(None, "F6b")
    is_free = total(blocks) >= 2 * TIGHT * pause and not_before is None
    dearest = [one for one in paid if one.price == price_of(found, paid)]
    of = "F2c" if is_free and _have_room(blocks, paid, pause) else "F5b"
    return Forecast(found, of, tuple(paid), is_free and _have_room(blocks, dearest, pause))


def price_of(pause: Period, paid: Sequence[Paid]) -> Decimal:
    """Return the highest price of the windows that cover a pause, 0 if none does. Units: GBP per MWh."""
    covering = (one for one in paid if one.period.start <= pause.start and pause.end <= one.period.end)
    return max((one.price for one in covering), default=Decimal(0))


def best(
    blocks: Sequence[Period], paid: Sequence[Paid], *, pause: timedelta, not_before: datetime | None
) -> Period | None:
    """Return the dearest pause that fits, the earliest among equally dear ones. Source: F5."""
    found = [(-one.price, fit) for one in paid for fit in _fits(blocks, one.period, pause, not_before)]
    return min(found)[1] if found else None


def _fits(blocks: Sequence[Period], window: Period, pause: timedelta, not_before: datetime | None) -> Iterator[Period]:
    """Yield the earliest pause inside a window and each block."""
    for block in blocks:
        if block.meets(window):
            start = on_grid(max(block.start + HALF_HOUR, window.start, not_before or block.start))
            if start + pause <= min(block.end - HALF_HOUR, window.end):
                yield Period(start, start + pause)


def _have_room(blocks: Sequence[Period], paid: Sequence[Paid], pause: timedelta) -> bool:
    """Tell whether a block has room for a pause by any reading of the rules."""
    wide = [Period(block.start + 2 * HALF_HOUR, block.end - 2 * HALF_HOUR) for block in blocks]
    long = [one.period for one in paid if one.period.length >= pause + HALF_HOUR]
    return any(room.start <= one.start and one.end <= room.end for room in wide for one in long)


def on_grid(at: datetime) -> datetime:
    """Return the first half-hour of UTC that starts at or after an instant."""
    return EPOCH - (EPOCH - at) // HALF_HOUR * HALF_HOUR


def total(blocks: Sequence[Period]) -> timedelta:
    return sum((block.length for block in blocks), timedelta(0))
