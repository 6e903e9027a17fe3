"""Instants and dates as texts. Source: F8, G10."""

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(?P<offset>[Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def read_instant(text: object) -> datetime:
    """Return the instant with the offset it is written with. Raises: ValueError."""
    if not isinstance(text, str) or not INSTANT.fullmatch(text):
        raise ValueError("not a date-time with an offset, as in RFC 3339")
    try:
        instant = datetime.fromisoformat(text.upper())
        instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("no such instant in the years 1 to 9999") from None
    return instant


def spell(instant: datetime, *, like: str) -> str:
    """Write an instant without a fraction, and with the offset of a text. Raises: OverflowError. Source: F5."""
    local = instant.astimezone(read_instant(like).tzinfo)
    found = INSTANT.fullmatch(like)
    assert found
    return local.replace(tzinfo=None).isoformat(timespec="seconds") + found["offset"]


def _read_day(text: object) -> date:
    if not isinstance(text, str) or not DAY.fullmatch(text):
        raise ValueError("not a date")
    return date.fromisoformat(text)


Instant = Annotated[
    datetime,
    BeforeValidator(lambda text: text if isinstance(text, datetime) else read_instant(text)),
    PlainSerializer(lambda instant: instant.astimezone(UTC).isoformat(), return_type=str),
]
Day = Annotated[date, BeforeValidator(_read_day)]
