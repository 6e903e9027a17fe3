"""The energy of a site or an asset over a time, as its readings say. Source: B3."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from heapq import heappop, heappush
from itertools import pairwise
from typing import NamedTuple

from mockaxle.core.clock import later
from mockaxle.core.eligibility import takes_cop11_route
from mockaxle.core.exact import EXACT, HOUR, MICROSECOND, exactly, hours, part, share_of
from mockaxle.core.reading_labels import ReadingDataPointLabel as Label
from mockaxle.core.records import Asset, MeasuredFrom
from mockaxle.core.state import Interval, State, site_of
from mockaxle.core.tariffs import Span

IMPORTED, EXPORTED = Label.BOUNDARY_LIFETIME_IMPORT_ENERGY_KWH, Label.BOUNDARY_LIFETIME_EXPORT_ENERGY_KWH
BOUNDARY_POWER = Label.BOUNDARY_IMPORT_KW
OWN_REGISTER = Label.CHARGER_LIFETIME_CONSUMPTION_ENERGY_KWH
OWN_ENERGY = Label.CHARGER_CONSUMPTION_ENERGY_KWH
OWN_POWER = Label.BATTERY_INVERTER_IMPORT_KW
LONGEST_READING = timedelta(days=1)
"""A longer interval measures no event."""

MOST_KWH = Fraction(10**9)


class Measured(NamedTuple):
    """Units: energy in kWh, positive for an import. Shape: share is the part of the time that readings cover."""

    kwh: Fraction
    share: Fraction
    source: MeasuredFrom


def measure(state: State, asset: Asset, *, window: Span) -> Measured | None:
    """Measure a time by the boundary if it covers all of it, else by the asset's own readings; None without any.

    On the CoP11 route the asset's own readings come first.
    """
    if not any(id in state.registers or id in state.intervals for id in site_of(state, asset.site_id).asset_ids):
        return None
    own = _of_asset(state, asset, window)
    if own is not None and own.share == 1 and takes_cop11_route(asset, state.reference):
        return own
    return _of_boundary(state, asset, window) or own


def _of_boundary(state: State, asset: Asset, window: Span) -> Measured | None:
    """Return the net import of the asset's site, by the first of its assets whose readings cover the whole time."""
    for asset_id in site_of(state, asset.site_id).asset_ids:
        for found in (_net_import(state, asset_id, window), _by_intervals(state, asset_id, BOUNDARY_POWER, window)):
            if found is not None and found[1] == 1:
                return _measured(found, MeasuredFrom.BOUNDARY)
    return None


def _of_asset(state: State, asset: Asset, window: Span) -> Measured | None:
    """Return the asset's energy, by the first kind of its readings that covers all of the time, else some of it."""
    partly = None
    for found in _own(state, asset.id, window):
        if found is not None and found[1] == 1:
            return _measured(found, MeasuredFrom.ASSET)
        partly = partly or found
    return _measured(partly, MeasuredFrom.ASSET) if partly else None


Found = tuple[Fraction, Fraction]
"""An energy, and the share of the time that it covers. Units: kWh."""


def _own(state: State, asset_id: str, window: Span) -> Iterator[Found | None]:
    yield _by_register(state, asset_id, OWN_REGISTER, window)
    yield _by_intervals(state, asset_id, OWN_ENERGY, window)
    yield _by_intervals(state, asset_id, OWN_POWER, window)


def _measured(found: Found, source: MeasuredFrom) -> Measured:
    kwh, share = found
    return Measured(max(min(kwh, MOST_KWH), -MOST_KWH), share, source)


def _net_import(state: State, asset_id: str, window: Span) -> Found | None:
    """Return the boundary's import less its export. Without an export register that covers it, nothing is exported."""
    imported = _by_register(state, asset_id, IMPORTED, window)
    exported = _by_register(state, asset_id, EXPORTED, window) if imported else None
    if imported is None or exported is None or exported[1] < 1:
        return imported
    return imported[0] - exported[0], imported[1]


def _by_register(state: State, asset_id: str, label: Label, window: Span) -> Found | None:
    """Return the difference of a register; between two of its readings it rises evenly."""
    entries = dict(state.registers.get(asset_id) or ()).get(label, ())
    if entries and entries[-1][1] > MOST_KWH:
        entries = entries[: bisect_right(entries, float(MOST_KWH), key=lambda entry: entry[1])]
    if len(entries) < 2:
        return None
    start, end = max(window[0], entries[0][0]), min(window[1], entries[-1][0])
    if start >= end:
        return None
    return _value_at(entries, end) - _value_at(entries, start), hours((start, end)) / hours(window)


def _value_at(entries: Sequence[tuple[datetime, float]], at: datetime) -> Fraction:
    after = bisect_left(entries, at, key=lambda entry: entry[0])
    (known_at, known) = entries[after]
    if known_at == at:
        return exactly(known)
    (before_at, before) = entries[after - 1]
    return exactly(before) + (exactly(known) - exactly(before)) * share_of(at, (before_at, known_at))


def _by_intervals(state: State, asset_id: str, label: Label, window: Span) -> Found | None:
    """Sum the readings of a time; one that covers it partly counts by its share, and of several the shortest counts."""
    series = dict(state.intervals.get(asset_id) or ()).get(label, ())
    if not series:
        return None
    first = bisect_right(series, window[0], key=lambda one: one.end_at)
    last = bisect_left(series, later(window[1], LONGEST_READING), key=lambda one: one.end_at)
    met = [one for one in series[first:last] if one.start_at < window[1] and _is_short(one)]
    is_power = label.endswith("_kw")
    kwh, covered = Decimal(0), timedelta()
    for reading, (start, end) in _pieces(met, window):
        whole = HOUR if is_power else reading.end_at - reading.start_at
        kwh = EXACT.add(kwh, part(Decimal(str(reading.value)), end - start, of=whole))
        covered += end - start
    share = Fraction(covered // MICROSECOND, (window[1] - window[0]) // MICROSECOND)
    return (Fraction(kwh), share) if covered else None


def _is_short(one: Interval) -> bool:
    return one.end_at - one.start_at <= LONGEST_READING


def _pieces(met: Sequence[Interval], window: Span) -> Iterator[tuple[Interval, Span]]:
    """Cut a time where readings begin and end; yield each piece with the shortest reading that covers it."""
    ends = (at for one in met for at in (one.start_at, one.end_at))
    edges = sorted({*window, *(at for at in ends if window[0] < at < window[1])})
    waiting = sorted(met, key=lambda one: one.start_at, reverse=True)
    open_ones: list[tuple[timedelta, int, Interval]] = []
    for start, end in pairwise(edges):
        while waiting and waiting[-1].start_at <= start:
            one = waiting.pop()
            heappush(open_ones, (one.end_at - one.start_at, len(waiting), one))
        while open_ones and open_ones[0][2].end_at <= start:
            heappop(open_ones)
        if open_ones:
            yield open_ones[0][2], (start, end)
