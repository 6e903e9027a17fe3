"""Schedules, windows and pauses on one time axis."""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from mockaxle.core.market import Occurrence
from mockaxle.core.tariffs import Span, joined
from mockaxle.inspector.rendering import both_times, in_uk

WIDTH, LABELS, MARGIN, ROW, TOP = 760, 90, 28, 34, 30
LONGEST, DAY, HOUR = timedelta(days=7), timedelta(days=1), timedelta(hours=1)
LAST_HOUR = datetime.max.replace(tzinfo=UTC) - HOUR
STEPS = tuple(timedelta(hours=hours) for hours in (1, 2, 3, 6, 12, 24))
MAX_TICKS, MAX_DATED_TICKS = 12, 7


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
    kept, found = deque(joined(list(returned))), list[Span]()
    for start, end in joined(list(sent)):
        at = start
        while kept and kept[0][0] < end:
            if kept[0][0] > at:
                found.append((at, kept[0][0]))
            at = max(at, kept[0][1])
            if at >= end:
                break
            kept.popleft()
        if at < end:
            found.append((at, end))
    return tuple(found)


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
    ticks = tuple(Tick(x(at), _tick_text(at, is_long=last - first > DAY)) for at in _ticks(first, last))
    return Chart(rows, ticks, TOP + len(rows) * ROW + 8)


def _ticks(first: datetime, last: datetime) -> Iterable[datetime]:
    most = MAX_TICKS if last - first <= DAY else MAX_DATED_TICKS
    step = next((step for step in STEPS if (last - first) / step <= most), STEPS[-1])
    at = first.astimezone(UTC)
    count = (last - first) // step + 1
    yield from (at + number * step for number in range(count))


def _tick_text(at: datetime, *, is_long: bool) -> str:
    """Write an hour of the axis, with its day if there are several."""
    local = in_uk(at)
    return f"{local.day} {local:%b} {local:%H:%M}" if is_long else f"{local:%H:%M}"


def _next_hour(at: datetime) -> datetime:
    """Return the next full hour; at the end of the calendar the instant itself."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    return at if hour == at or hour > LAST_HOUR else hour + HOUR
