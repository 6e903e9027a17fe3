"""Faults in schedules."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from mockaxle.core import charging, optimiser, schedule
from mockaxle.core.optimiser import Pause, split
from mockaxle.core.rule_errors import AssetUnknown, NotEnrolled
from mockaxle.core.schedule import Block
from mockaxle.core.timestamps import Timestamp
from mockaxle.server import refusals
from tests.mutants.planting import Planter, found_by

HALF_HOUR = timedelta(minutes=30)


def moved(end: Timestamp, lapse: timedelta) -> Timestamp:
    return Timestamp((end.at + lapse).isoformat(), end.at + lapse, end.offset)


def splitting(planter: Planter, change: Callable[[Any, Pause], Any]) -> None:
    """Another way to put a pause into a schedule."""
    planter.setattr(optimiser, "split", change)


@found_by("optimiser", "F2")
def pause_outside_its_block(planter: Planter) -> None:
    def outside(blocks: Any, pause: Pause) -> Any:
        late = Pause(pause.start_at + timedelta(days=3), pause.end_at + timedelta(days=3), pause.price_gbp_per_mwh)
        place = next(n for n, one in enumerate(blocks) if one.start.at <= pause.start_at < one.end.at)
        block = blocks[place]
        parts = (Block(block.start, moved(block.end, late.start_at - block.end.at)), Block(block.start, block.end))
        return (*blocks[:place], *parts, *blocks[place + 1 :])

    splitting(planter, outside)


@found_by("optimiser", "F2")
def two_pauses(planter: Planter) -> None:
    def twice(blocks: Any, pause: Pause) -> Any:
        again = Pause(pause.start_at + HALF_HOUR * 2 / 3, pause.end_at + HALF_HOUR / 4, pause.price_gbp_per_mwh)
        first = split(blocks, pause)
        return split(first, Pause(pause.end_at + HALF_HOUR / 6, again.end_at, pause.price_gbp_per_mwh))

    splitting(planter, twice)


@found_by("optimiser", "F5")
def pause_moves_the_end(planter: Planter) -> None:
    def later(blocks: Any, pause: Pause) -> Any:
        paused = split(blocks, pause)
        place = next(n for n, one in enumerate(paused) if one.start.at == pause.end_at)
        end = Block(paused[place].start, moved(paused[place].end, HALF_HOUR))
        return (*paused[:place], end, *paused[place + 1 :])

    splitting(planter, later)


@found_by("optimiser", "F2")
def pause_cuts_off_the_start(planter: Planter) -> None:
    def late(blocks: Any, pause: Pause) -> Any:
        return (Block(moved(blocks[0].start, HALF_HOUR / 2), blocks[0].end), *blocks[1:])

    splitting(planter, late)


@found_by("optimiser", "F5")
def boundary_respelt(planter: Planter) -> None:
    def respelt(blocks: Any, pause: Pause) -> Any:
        return tuple(Block(moved(one.start, timedelta()), moved(one.end, timedelta())) for one in split(blocks, pause))

    splitting(planter, respelt)


@found_by("optimiser", "F3")
def unchanged_schedule_respelt(planter: Planter) -> None:
    optimise = optimiser.optimise

    def respelt(blocks: Any, market: Any, **more: Any) -> Any:
        plan = optimise(blocks, market, **more)
        if plan.pause is not None:
            return plan
        same = tuple(Block(moved(one.start, timedelta()), moved(one.end, timedelta())) for one in blocks)
        return optimiser.Plan(same, reason=plan.reason)

    planter.setattr(charging, "optimise", respelt)


@found_by("optimiser", "F2")
def rest_of_the_schedule_dropped(planter: Planter) -> None:
    def cut(blocks: Any, pause: Pause) -> Any:
        paused = split(blocks, pause)
        place = next(n for n, one in enumerate(paused) if one.start.at == pause.end_at)
        return paused[: place + 1]

    splitting(planter, cut)


@found_by("optimiser", "F2")
def touching_blocks_merged(planter: Planter) -> None:
    read = schedule.read_schedule

    def merged(pairs: Any) -> Any:
        blocks: list[Block] = []
        for block in read(pairs):
            if blocks and blocks[-1].end.at == block.start.at:
                blocks[-1] = Block(blocks[-1].start, block.end)
            else:
                blocks.append(block)
        return tuple(blocks)

    from mockaxle.server.operations import charging as over_http

    planter.setattr(over_http, "read_schedule", merged)


@found_by("optimiser", "F9")
def site_that_left_takes_schedules(planter: Planter) -> None:
    planter.setitem(refusals.STATUS, NotEnrolled, 200)


@found_by("optimiser", "F9")
def unknown_charger_is_400(planter: Planter) -> None:
    planter.setitem(refusals.STATUS, AssetUnknown, 400)


@found_by("optimiser", "F1")
def many_blocks_refused(planter: Planter) -> None:
    from mockaxle.core.rule_errors import MalformedSchedule
    from mockaxle.server.operations import charging as over_http

    read = schedule.read_schedule

    def few(pairs: Any) -> Any:
        if len(pairs) > 5:
            raise MalformedSchedule((schedule._fault(5, "start_timestamp", "too many blocks"),))
        return read(pairs)

    planter.setattr(over_http, "read_schedule", few)
