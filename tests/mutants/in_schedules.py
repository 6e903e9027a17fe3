"""Faults in the code of schedules."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from mockaxle.core import charging, optimiser, schedule
from mockaxle.core.optimiser import Pause, split
from mockaxle.core.schedule import Block
from mockaxle.core.timestamps import Timestamp
from tests.mutants.planting import Planter, in_code

HALF_HOUR = timedelta(minutes=30)


def moved(end: Timestamp, lapse: timedelta) -> Timestamp:
    return Timestamp((end.at + lapse).isoformat(), end.at + lapse, end.offset)


def splitting(planter: Planter, change: Callable[[Any, Pause], Any]) -> None:
    """Another way to put a pause into a schedule."""
    planter.setattr(optimiser, "split", change)


@in_code("F2a", "F1a", "F5a", "F5c")
def pause_outside_its_block(planter: Planter) -> None:
    def outside(blocks: Any, pause: Pause) -> Any:
        late = Pause(pause.start_at + timedelta(days=3), pause.end_at + timedelta(days=3), pause.price_gbp_per_mwh)
        place = next(n for n, one in enumerate(blocks) if one.start.at <= pause.start_at < one.end.at)
        block = blocks[place]
        parts = (Block(block.start, moved(block.end, late.start_at - block.end.at)), Block(block.start, block.end))
        return (*blocks[:place], *parts, *blocks[place + 1 :])

    splitting(planter, outside)


@in_code("F5c", "F2a", "F2b")
def pause_moves_the_end(planter: Planter) -> None:
    def later(blocks: Any, pause: Pause) -> Any:
        paused = split(blocks, pause)
        place = next(n for n, one in enumerate(paused) if one.start.at == pause.end_at)
        end = Block(paused[place].start, moved(paused[place].end, HALF_HOUR))
        return (*paused[:place], end, *paused[place + 1 :])

    splitting(planter, later)


@in_code("F3b")
def unchanged_schedule_respelt(planter: Planter) -> None:
    optimise = optimiser.optimise

    def respelt(blocks: Any, market: Any, **more: Any) -> Any:
        plan = optimise(blocks, market, **more)
        if plan.pause is not None:
            return plan
        same = tuple(Block(moved(one.start, timedelta()), moved(one.end, timedelta())) for one in blocks)
        return optimiser.Plan(same, reason=plan.reason)

    planter.setattr(charging, "optimise", respelt)


@in_code("F3a", "F2a")
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
