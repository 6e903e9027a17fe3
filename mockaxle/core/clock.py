"""The clock of a world, which is a function of the machine's clock."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

Clock = Callable[[], datetime]
"""Returns an aware instant in UTC."""

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
FIRST = datetime.min.replace(tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_DURATION = re.compile(r"(?:(\d{1,9})d)?(?:(\d{1,9})h)?(?:(\d{1,9})m)?(?:(\d{1,9})s)?", re.ASCII)


class WorldClock(NamedTuple):
    """A world's time as a line through one point: at `real_at` it is `world_at`, and it runs at `rate`.

    A rate of 0 is a frozen clock; the default is the machine's own time. Shape: aware UTC.
    """

    real_at: datetime = EPOCH
    world_at: datetime = EPOCH
    rate: Decimal = Decimal(1)

    def now(self, real: datetime) -> datetime:
        """Return the world's instant at a real one. The clock stops at the ends of the calendar."""
        if self is REAL_TIME:
            return real
        lapse = real - self.real_at
        if self.rate != 1:
            lapse = _times(lapse, self.rate)
        return self.world_at + max(min(lapse, LAST - self.world_at), FIRST - self.world_at)

    @property
    def mode(self) -> str:
        """The mode: real, shifted, frozen or rate."""
        if self.rate == 1:
            return "real" if self.world_at == self.real_at else "shifted"
        return "frozen" if self.rate == 0 else "rate"


REAL_TIME = WorldClock()


def _times(lapse: timedelta, rate: Decimal) -> timedelta:
    """Multiply, up to the longest timedelta."""
    microseconds = int(Decimal(lapse // MICROSECOND) * rate)
    longest = timedelta.max // MICROSECOND
    return max(min(microseconds, longest), -longest) * MICROSECOND


def later(at: datetime, lapse: timedelta) -> datetime:
    """Return the instant after a lapse, at most the calendar's last one."""
    return at + min(lapse, LAST - at)


def system_clock() -> datetime:
    return datetime.now(UTC)


def read_duration(text: str) -> timedelta | None:
    """Read a duration such as `61m`, `1d12h` or `90s`; None if the text is not one."""
    match = _DURATION.fullmatch(text)
    if not text or match is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    try:
        return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        return None
