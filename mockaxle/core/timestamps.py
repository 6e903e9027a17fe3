"""Timestamps of the API: one grammar for reading, one form for writing."""

import re
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

_GRAMMAR = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?"
    r"(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)


class Timestamp(NamedTuple):
    """An instant with its sender's spelling. Shape: at is aware UTC, offset as spelt."""

    text: str
    at: datetime
    offset: timedelta

    @property
    def zone_text(self) -> str:
        """The spelling of the offset: `Z`, `z`, `-00:00`, `+01:00`."""
        return self.text[-1] if self.text[-1] in "Zz" else self.text[-6:]


def read_timestamp(text: str) -> Timestamp | None:
    """Read a timestamp; None if the text is not one. Source: F8."""
    if _GRAMMAR.fullmatch(text) is None:
        return None
    try:
        local = datetime.fromisoformat(text.upper())
        return Timestamp(text, local.astimezone(UTC), local.utcoffset() or timedelta())
    except (ValueError, OverflowError):
        return None


def spell(at: datetime, *, like: Timestamp) -> str:
    """Spell an instant to the second, with the offset of another timestamp. Source: F5."""
    local = at.replace(tzinfo=None) + like.offset
    return local.isoformat(timespec="seconds") + like.zone_text


def spell_utc(at: datetime) -> str:
    """Spell an instant in ISO 8601 with `+00:00`, in whole seconds unless it has a fraction. Source: G10."""
    return at.astimezone(UTC).isoformat()


def whole_second(at: datetime) -> datetime:
    """Drop the fraction of a second, as in all instants that the mock creates. Source: G10."""
    return at.replace(microsecond=0)
