"""Timestamps as the API spells them: one grammar for reading, one form for writing."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

_GRAMMAR = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?"
    r"(?:[Zz]|([+-])([01]\d|2[0-3]):([0-5]\d))",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Timestamp:
    """An instant and how its sender spelt it. Shape: at is aware UTC, offset as spelt."""

    text: str
    at: datetime
    offset: timedelta

    @property
    def zone_text(self) -> str:
        """The offset's spelling: `Z`, `z`, `-00:00`, `+01:00`."""
        return self.text[-1] if self.text[-1] in "Zz" else self.text[-6:]


def read_timestamp(text: str) -> Timestamp | None:
    """The timestamp that the text spells, or None where it spells none. Source: F8."""
    match = _GRAMMAR.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, sign, offset_hour, offset_minute = match.groups()
    offset = timedelta()
    if sign:
        offset = timedelta(hours=int(offset_hour), minutes=int(offset_minute)) * (-1 if sign == "-" else 1)
    microsecond = int((fraction or "")[:6].ljust(6, "0"))
    try:
        zone = timezone(offset)
        local = datetime(int(year), int(month), int(day), int(hour), int(minute), int(second or 0), microsecond, zone)
        return Timestamp(text, local.astimezone(UTC), offset)
    except (ValueError, OverflowError):
        return None


def spell(at: datetime, *, like: Timestamp) -> str:
    """An instant to the second, with the offset of another timestamp. Source: F5."""
    local = at.replace(tzinfo=None) + like.offset
    return local.isoformat(timespec="seconds") + like.zone_text


def spell_utc(at: datetime) -> str:
    """ISO 8601 with `+00:00`, whole seconds unless there is a fraction. Source: G10."""
    return at.astimezone(UTC).isoformat()
