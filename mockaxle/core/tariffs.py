"""Tariffs: the off-peak times of a driver or a site. Source: C3, C10."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from mockaxle.core.half_hours import DAWN, LATEST, since_dawn
from mockaxle.core.local_time import DAY, LONDON, instant_of, is_timezone
from mockaxle.core.rule_errors import TariffInvalid

PER_DAY = 24 * 60
_RANGE = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])-(?:([01][0-9]|2[0-3]):([0-5][0-9])|24:00)", re.ASCII)

Span = tuple[datetime, datetime]
"""Shape: aware UTC, half-open."""


class TariffType(StrEnum):
    SINGLE_RATE = "single_rate"
    DUAL_RATE = "dual_rate"
    DYNAMIC = "dynamic"
    SMART = "smart"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Tariff:
    """A site's tariff with its cheap hours. Shape: local times of Europe/London. Source: C10."""

    type: TariffType
    cheap_from: time | None = None
    cheap_to: time | None = None


class OffPeak(NamedTuple):
    """Off-peak ranges of every local date. Units: minutes of the date; an end past 1440 is on the next date."""

    text: str
    ranges: tuple[tuple[int, int], ...]
    timezone: str = LONDON
    tariff_type: TariffType | None = None

    def spans(self, start: datetime, end: datetime) -> tuple[Span, ...]:
        """List the off-peak spans between two instants, in order and joined. Local times are read as in F4."""
        first, last = since_dawn(start) // DAY, since_dawn(end) // DAY
        found = (span for day in range(first - 3, last + 3) for span in self._on(day))
        clipped = [(max(since, start), min(until, end)) for since, until in found]
        return joined([span for span in clipped if span[0] < span[1]])

    def _on(self, day: int) -> Iterator[Span]:
        for opens, closes in self.ranges:
            start = instant_of(day, _time(opens), timezone=self.timezone)
            end = instant_of(day + closes // PER_DAY, _time(closes % PER_DAY), timezone=self.timezone)
            if start is not None and end is not None and start < end and timedelta() < end and start < LATEST:
                yield DAWN + max(start, timedelta()), DAWN + min(end, LATEST)


def read_off_peak(text: str, timezone: str, *, tariff_type: TariffType | None = None) -> OffPeak:
    """Raises: TariffInvalid. Source: C3."""
    if not is_timezone(timezone):
        raise TariffInvalid(f"{timezone!r:.40} is not an IANA timezone")
    ranges = tuple(_range(part) for part in text.split(","))
    _check_apart(ranges)
    return OffPeak(text, ranges, timezone, tariff_type)


def cheap_times(since: time | None, until: time | None) -> OffPeak | None:
    """Return the off-peak times of a site's own tariff; None if they do not divide the day. Source: C10."""
    if since is None or until is None or _minute(since) == _minute(until):
        return None
    opens, closes = _minute(since), _minute(until)
    return OffPeak("", ((opens, closes if closes > opens else closes + PER_DAY),))


def joined(spans: list[Span]) -> tuple[Span, ...]:
    """Join spans that touch or overlap, in order."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple(found)


def _range(text: str) -> tuple[int, int]:
    match = _RANGE.fullmatch(text.strip())
    if match is None:
        raise TariffInvalid(f"{text.strip()!r:.40} is not a range such as 23:30-05:30")
    opens = int(match[1]) * 60 + int(match[2])
    closes = PER_DAY if match[3] is None else int(match[3]) * 60 + int(match[4])
    if closes == opens:
        raise TariffInvalid(f"{text.strip()} is empty: it ends when it starts")
    return opens, closes if closes > opens else closes + PER_DAY


def _check_apart(ranges: tuple[tuple[int, int], ...]) -> None:
    """Raises: TariffInvalid."""
    ordered = sorted(ranges)
    around = [*ordered, (ordered[0][0] + PER_DAY, 0)]
    if any(late[0] < early[1] for early, late in pairwise(around)):
        raise TariffInvalid("ranges overlap")


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)
