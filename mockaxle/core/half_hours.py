"""The half-hours of UTC, numbered from the start of year 1. Pauses start on this grid."""

from datetime import UTC, datetime, timedelta

HALF_HOUR = timedelta(minutes=30)
PER_DAY = 48
DAWN = datetime.min.replace(tzinfo=UTC)
LATEST = datetime.max - datetime.min
LAST = LATEST // HALF_HOUR


def since_dawn(at: datetime) -> timedelta:
    return at - DAWN


def floor(age: timedelta) -> int:
    """Return the half-hour that contains an instant. Units: time since the first instant of year 1."""
    return age // HALF_HOUR


def ceil(age: timedelta) -> int:
    """Return the first half-hour that starts at or after an instant."""
    return -(-age // HALF_HOUR)


def start_of(number: int) -> datetime:
    return DAWN + number * HALF_HOUR
