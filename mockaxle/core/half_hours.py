"""The half-hours of UTC, numbered from the first one of year 1: the grid on which pauses start."""

from datetime import UTC, datetime, timedelta

HALF_HOUR = timedelta(minutes=30)
PER_DAY = 48
DAWN = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max - datetime.min
LAST = LATEST // HALF_HOUR


def since_dawn(at: datetime) -> timedelta:
    return at - DAWN


def floor(age: timedelta) -> int:
    """The half-hour that holds an instant. Units: time since the first instant of year 1."""
    return age // HALF_HOUR


def ceil(age: timedelta) -> int:
    """The first half-hour that starts at or after an instant."""
    return -(-age // HALF_HOUR)


def start_of(number: int) -> datetime:
    return DAWN + number * HALF_HOUR
