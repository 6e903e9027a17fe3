"""The same instant in other legal spellings of RFC 3339."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from random import Random

from mockaxle.core.timestamps import read_timestamp


def _with_z(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _in_lower_case(at: datetime) -> str:
    return _with_z(at).lower()


def _with_fraction(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


def _elsewhere(at: datetime) -> str:
    """Spell with another offset, except at the ends of the calendar."""
    try:
        return at.astimezone(timezone(timedelta(hours=5, minutes=45))).isoformat()
    except OverflowError:
        return _with_z(at)


def _without_knowing_where(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "-00:00")


SPELLINGS: tuple[Callable[[datetime], str], ...] = (
    _with_z,
    _in_lower_case,
    _with_fraction,
    _elsewhere,
    _without_knowing_where,
)


def respelt(text: str, chance: Random) -> str:
    """Spell an instant differently; other texts stay as they are."""
    read = read_timestamp(text)
    if read is None:
        return text
    return SPELLINGS[int(chance.random() * len(SPELLINGS))](read.at.astimezone(UTC))
