"""The optimiser's rule by brute force: minute by minute, sharing no code and no window arithmetic with it."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
Window = tuple[str, str, int, str]


@cache
def utc_of(local: datetime, timezone: str) -> datetime:
    """The first minute of UTC at which a wall clock shows a time; where none does, by the last clock before it."""
    zone, minute = ZoneInfo(timezone), local.replace(tzinfo=UTC) - timedelta(hours=16)
    while True:
        shown = minute.astimezone(zone).replace(tzinfo=None)
        if shown == local:
            return minute
        if shown > local:
            before = minute - MINUTE
            return before + (local - before.astimezone(zone).replace(tzinfo=None))
        minute += MINUTE


def is_inside(window: Window, start: datetime, end: datetime) -> bool:
    first, last, _, timezone = window
    for days in range(-3, 4):
        date = (start + timedelta(days=days)).date()
        next_date = date + timedelta(days=1) if last < first else date
        opens = utc_of(datetime.combine(date, time.fromisoformat(first)), timezone)
        closes = utc_of(datetime.combine(next_date, time.fromisoformat(last)), timezone)
        if opens < closes and opens <= start and end <= closes:
            return True
    return False


def best_pause(
    blocks: list[tuple[datetime, datetime]], windows: list[Window], pause: timedelta
) -> tuple[datetime, Decimal] | None:
    """Start and price of the pause that F5 asks for, tightness aside."""
    found: list[tuple[Decimal, timedelta, datetime]] = []
    for start, end in blocks:
        candidate = start.replace(minute=0, second=0, microsecond=0)
        while candidate < end:
            roomy = start + 30 * MINUTE <= candidate and candidate + pause + 30 * MINUTE <= end
            prices = [w[2] for w in windows if roomy and w[2] > 0 and is_inside(w, candidate, candidate + pause)]
            if prices:
                found.append((Decimal(max(prices)), datetime.max.replace(tzinfo=UTC) - candidate, candidate))
            candidate += 30 * MINUTE
    return (max(found)[2], max(found)[0]) if found else None
