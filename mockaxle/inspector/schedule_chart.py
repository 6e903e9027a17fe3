"""Schedules, windows and pauses on one time axis."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from mockaxle.core.market import Occurrence
from mockaxle.core.tariffs import Span, joined
from mockaxle.inspector.rendering import both_times, in_uk

WIDTH, LABELS, MARGIN, ROW, TOP = 760, 90, 28, 34, 30
LONGEST, HOUR = timedelta(days=7), timedelta(hours=1)
LAST_HOUR = datetime.max.replace(tzinfo=UTC) - HOUR
STEPS = tuple(timedelta(hours=hours) for hours in (1, 2, 3, 6, 12, 24))
MAX_TICKS = 12


class Bar(NamedTuple):
    """A time on the axis. Shape: aware UTC; text is written on it, title describes it. Units: pixels."""

    start_at: datetime
    end_at: datetime
    x: float
    width: float
    text: str
    title: str


class ChartRow(NamedTuple):
    """Shape: kind names the look: sent, returned, pause, window, plan or mark."""

    label: str
    kind: str
    y: int
    bars: tuple[Bar, ...]


class Tick(NamedTuple):
    """An hour of the axis, in UK time."""

    x: float
    text: str


class Chart(NamedTuple):
    """Units: pixels of the drawing."""

    rows: tuple[ChartRow, ...]
    ticks: tuple[Tick, ...]
    height: int
    width: int = WIDTH
    labels: int = LABELS
    row: int = ROW


class Line(NamedTuple):
    """What a row shows. Shape: spans with the text on each."""

    label: str
    kind: str
    spans: Sequence[tuple[datetime, datetime, str]]


def window_line(windows: Iterable[Occurrence]) -> Line:
    """Show flex windows with their prices."""
    return Line("windows", "window", [(w.start_at, w.end_at, f"£{w.price_gbp_per_mwh:f}/MWh") for w in windows])


def plain_line(label: str, kind: str, *, spans: Iterable[Span]) -> Line:
    return Line(label, kind, [(start, end, "") for start, end in spans])


def pauses_of(sent: Sequence[Span], returned: Sequence[Span]) -> tuple[Span, ...]:
    """Return the times that were sent and not returned."""
    left = list(joined(sorted(sent)))
    for start, end in returned:
        left = [part for span in left for part in _without(span, start, end)]
    return tuple(left)


def chart(lines: Sequence[Line], *, start_at: datetime, end_at: datetime) -> Chart | None:
    """Draw lines between two instants; None if that is longer than a week, or nothing."""
    if not timedelta() < end_at - start_at <= LONGEST:
        return None
    first = start_at.replace(minute=0, second=0, microsecond=0)
    last = _next_hour(end_at)
    scale = (WIDTH - LABELS - MARGIN) / (last - first).total_seconds()

    def x(at: datetime) -> float:
        return round(LABELS + (at - first).total_seconds() * scale, 2)

    def bar(span: tuple[datetime, datetime, str]) -> Bar:
        start, end, text = span
        left, right = x(max(start, first)), x(min(end, last))
        return Bar(start, end, left, round(right - left, 2), text, both_times(start, end))

    rows = tuple(
        ChartRow(line.label, line.kind, TOP + number * ROW, tuple(map(bar, line.spans)))
        for number, line in enumerate(lines)
    )
    ticks = tuple(Tick(x(at), f"{in_uk(at):%H:%M}") for at in _ticks(first, last))
    return Chart(rows, ticks, TOP + len(rows) * ROW + 8)


def _ticks(first: datetime, last: datetime) -> Iterable[datetime]:
    step = next((step for step in STEPS if (last - first) / step <= MAX_TICKS), STEPS[-1])
    at = first.astimezone(UTC)
    count = (last - first) // step + 1
    yield from (at + number * step for number in range(count))


def _next_hour(at: datetime) -> datetime:
    """Return the next full hour; at the end of the calendar the instant itself."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    return at if hour == at or hour > LAST_HOUR else hour + HOUR


def _without(span: Span, start: datetime, end: datetime) -> Iterable[Span]:
    if start >= span[1] or end <= span[0]:
        yield span
        return
    if span[0] < start:
        yield span[0], start
    if end < span[1]:
        yield end, span[1]
