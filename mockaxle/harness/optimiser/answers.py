"""Judges the answer to a schedule: at most one pause, of the right length and at the right place, and nothing else."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from mockaxle.harness.answer import Answer
from mockaxle.harness.json_values import JsonObject
from mockaxle.harness.optimiser.market import EPOCH, HALF_HOUR, Forecast, Period, price_of
from mockaxle.harness.optimiser.schedules import ENDS, MOST_BLOCKS, SentSchedule, is_plain, is_sorted, periods
from mockaxle.harness.watching.checked import Checked

OFFSET = re.compile(r"([Zz]|[+-]\d\d:\d\d)$")


class Found(NamedTuple):
    """The pause in an answer, and the place of its block in the schedule sent."""

    place: int
    pause: Period


@dataclass(frozen=True, slots=True)
class ScheduleSent:
    """A schedule as sent. Shape: `earlier` is the one sent before it; `pause` is the length that is set.

    `forecast` is None if the market is not known.
    """

    blocks: SentSchedule
    periods: list[Period]
    pause: timedelta
    forecast: Forecast | None
    earlier: list[Period]


def judged(sent: ScheduleSent, answer: Answer) -> Iterator[Checked]:
    """Yield the cases of an answer."""
    of, title = _acceptance(sent)
    yield Checked(of, answer.status == 200, title, "200")
    if answer.status != 200:
        return
    came = periods(answer.value("modified_charging_schedule"))
    title = "an answer is not a schedule"
    yield Checked("F1a", came is not None, title, "modified_charging_schedule with blocks of instants")
    if came is not None:
        yield from _compared(sent, came, answer.objects_at("modified_charging_schedule"))


def _acceptance(sent: ScheduleSent) -> tuple[str, str]:
    """Return the statement that a refusal of a valid schedule breaks, and the finding's title."""
    if not sent.blocks:
        return "F7b", "an empty schedule is refused"
    if len(sent.blocks) == MOST_BLOCKS:
        return "F8c", "a schedule of 1,000 blocks is refused"
    if not is_sorted(sent.periods):
        return "F8b", "unsorted blocks are refused"
    if not is_plain(sent.blocks):
        return "F8d", "another spelling of a timestamp is refused"
    return "F1a", "a valid schedule is refused"


def _compared(sent: ScheduleSent, came: list[Period], blocks: list[JsonObject]) -> Iterator[Checked]:
    if not _is_planned(sent.periods, came):
        yield _fault(sent, came)
        return
    found = _found(sent.periods, came)
    yield Checked("F2a", True, "", "")
    yield Checked("F10b", True, "", "")
    if found is not None:
        yield from _of_pause(sent, found)
    yield from _as_forecast(sent, found)
    yield from _written(sent, came, blocks, found=found)


def _is_planned(before: Sequence[Period], came: Sequence[Period]) -> bool:
    """Tell whether an answer has the blocks of a schedule, at most one of them with a pause."""
    return Counter(before) == Counter(came) or _found(before, came) is not None


def _found(before: Sequence[Period], came: Sequence[Period]) -> Found | None:
    """Return the pause if exactly one block is divided by one, and all others are there."""
    gone = list((Counter(before) - Counter(came)).elements())
    parts = sorted((Counter(came) - Counter(before)).elements())
    if len(gone) != 1 or len(parts) != 2:
        return None
    (start, stop), (resume, end) = parts
    divided = Period(start, end) == gone[0] and start < stop < resume < end
    return Found(before.index(gone[0]), Period(stop, resume)) if divided else None


def _of_pause(sent: ScheduleSent, found: Found) -> Iterator[Checked]:
    """Yield the cases of a pause in any market."""
    block, pause = sent.periods[found.place], found.pause
    minutes = sent.pause // timedelta(minutes=1)
    title = "a pause has another length than is set"
    yield Checked("F2b", pause.length == sent.pause, title, f"{minutes} minutes, or as --setting pause_minutes says")
    on_grid = not (pause.start - EPOCH) % HALF_HOUR
    yield Checked("F5a", on_grid, "a pause does not start on a half-hour of UTC", "a start at :00 or :30 UTC")
    margin = block.start + HALF_HOUR <= pause.start and pause.start + sent.pause + HALF_HOUR <= block.end
    title = "less than 30 minutes of the block are left before or after a pause"
    yield Checked("F5a", margin, title, "30 minutes on both sides")


def _as_forecast(sent: ScheduleSent, found: Found | None) -> Iterator[Checked]:
    """Yield the cases of a known market."""
    if sent.forecast is None:
        return
    expected, of, paid, is_dearest = sent.forecast
    if expected is None:
        yield Checked(of, found is None, f"a schedule gets a pause, but {WHY_NOT[of]}", "the schedule unchanged")
        return
    title = f"a schedule with {'just enough' if of == 'F5b' else 'ample'} room in a flex window gets no pause"
    yield Checked(of, found is not None, title, f"a pause from {expected.start.isoformat()}")
    if found is None or (found.pause.start - EPOCH) % HALF_HOUR:
        return
    pause, expects = (
        Period(found.pause.start, found.pause.start + sent.pause),
        f"a pause from {expected.start.isoformat()}",
    )
    earns, most = price_of(pause, paid), price_of(expected, paid)
    yield Checked("F5a", earns > 0, "a pause is in no window that pays", expects)
    if is_dearest and earns > 0:
        yield Checked("F2d", earns >= most, "a pause is not where it earns most", expects)
    if earns > 0 and (earns >= most or not is_dearest):
        title = "a pause is not at the highest price, or not the earliest there"
        yield Checked("F5b", pause.start == expected.start, title, expects)


WHY_NOT = {
    "F3a": "no window that pays meets it",
    "F5a": "no block has room for one in a window",
    "F6b": "it is shorter than four pauses",
    "F7b": "it is empty",
    "F7c": "every candidate starts before now",
}
"""Why a schedule gets no pause, by the statement that says so."""


def _written(
    sent: ScheduleSent, came: list[Period], blocks: list[JsonObject], *, found: Found | None
) -> Iterator[Checked]:
    """Yield the cases of the order and of the spelling."""
    expected: list[JsonObject] = [{**block} for block in sent.blocks]
    if found is not None:
        expected[found.place : found.place + 1] = _divided(sent.blocks[found.place], found.pause)
    in_order = came == periods(expected)
    title = "the blocks come back in another order"
    of = "F8b" if not is_sorted(sent.periods) else "F3a" if found is None else "F2a"
    yield Checked(of, in_order, title, "the order in which they were sent")
    if in_order:
        same = [{name: block.get(name) for name in ENDS} for block in blocks] == expected
        title = "an unchanged schedule is spelt differently" if found is None else "a timestamp is spelt differently"
        expects = "the strings that were sent" + ("" if found is None else ", a pause in the offsets of its block")
        yield Checked("F3b" if found is None else "F5c", same, title, expects)


def _divided(block: dict[str, str], pause: Period) -> list[JsonObject]:
    """Divide a block, the ends of the pause written with the offsets of the block's ends. Source: F5."""
    start, end = (block[name] for name in ENDS)
    stop, resume = _like(start, pause.start), _like(end, pause.end)
    return [dict(zip(ENDS, (start, stop), strict=True)), dict(zip(ENDS, (resume, end), strict=True))]


def _like(text: str, at: datetime) -> str:
    """Write an instant with the offset of a timestamp, as that spells it."""
    zone = datetime.fromisoformat(text.upper()).tzinfo
    offset = OFFSET.search(text)
    assert offset, "schedules are sent with offsets"
    return at.astimezone(zone).replace(tzinfo=None).isoformat(timespec="seconds") + offset[0]


def _fault(sent: ScheduleSent, came: list[Period]) -> Checked:
    """Say what is wrong with an answer that has neither the blocks sent nor one pause in one of them."""
    before, of = sent.periods, "F2a" if sent.forecast is None or sent.forecast.pause else "F3a"
    cut, added = _lacking(before, came), _lacking(came, before)
    block = next((one for one in before for part in cut if one.start <= part.start < one.end), None)
    if not before:
        return _no("F7b", "an empty schedule comes back with blocks", "no blocks")
    if sent.earlier and _is_planned(sent.earlier, came):
        return _no("F10b", "a schedule is answered by the one sent before", "a plan of this schedule")
    if added and len(came) == len(before) + 1 and len(cut) == 1:
        return _no("F5c", "a pause moves an end of its block", "the same start and end, paused inside")
    if added:
        return _no("F2a", "an answer charges outside the blocks sent", "charging inside the blocks only")
    if len(cut) > 1:
        return _no(of, "a schedule gets more than one pause, or loses blocks", "one pause at most, and all blocks")
    if block is None:
        return _no(of, "blocks are joined or divided without a pause", "the blocks as sent")
    if cut[0] == block:
        return _no(of, "a schedule loses a block", "all blocks")
    if cut[0].length == sent.pause:
        return _no("F5a", "a pause is at the edge of its block", "30 minutes of the block on both sides")
    return _no(of, "a block loses its start or its end", "the block as sent, or paused inside")


def _no(of: str, title: str, expected: str) -> Checked:
    return Checked(of, False, title, expected)


def _lacking(blocks: Sequence[Period], others: Sequence[Period]) -> list[Period]:
    """Return the parts of blocks that no other block covers."""
    parts = []
    for block in blocks:
        start = block.start
        for other in sorted(one for one in others if one.meets(block)):
            if start < other.start:
                parts.append(Period(start, other.start))
            start = max(start, other.end)
        if start < block.end:
            parts.append(Period(start, block.end))
    return parts
