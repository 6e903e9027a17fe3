"""Reading assets, and the pause in a charger's schedule. Source: E4, F1-F10."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from tests.foreign.access import Own, SecuredRoute
from tests.foreign.bodies import Block, ScheduleBody
from tests.foreign.eligibility import is_eligible
from tests.foreign.errors import Refusal
from tests.foreign.instants import read_instant, spell
from tests.foreign.store import Asset

PAUSE = timedelta(minutes=30)
GRID = timedelta(minutes=30)
LEFT_OVER = timedelta(minutes=30)
"""The least time of a block before its pause, and after it."""

WINDOW_BEGINS, WINDOW_ENDS = timedelta(hours=1), timedelta(hours=2)
"""The flex window of every night, since midnight of UTC. It is the only one, so that its price decides nothing."""

NIGHTS = 3
LEAST_PAUSES = 4
"""A schedule shorter than so many pauses is tight. Source: F6."""

router = APIRouter(route_class=SecuredRoute)


class Planned(BaseModel):
    modified_charging_schedule: list[Block]


@dataclass(frozen=True)
class Span:
    """A block as sent, and its instants in UTC."""

    sent: Block
    start: datetime
    end: datetime


@router.get("/entities/asset/{asset_id}")
async def read_asset(asset_id: UUID, own: Own) -> Asset:
    return own.asset(asset_id)


@router.post("/entities/asset/{asset_id}/event/plug-in-schedule")
async def plan_schedule(asset_id: UUID, body: ScheduleBody, own: Own) -> Planned:
    """Source: F9, L9."""
    spans = read_spans(body.charging_schedule)
    asset = own.asset(asset_id)
    site = own.site(asset.site_id)
    if asset.type != "charger":
        raise Refusal(404, f"asset {asset_id} is not a charger")
    if not site.is_in("limited_pause"):
        raise Refusal(403, "the site is not enrolled in limited_pause")
    takes_part = is_eligible(asset, site, "limited_pause")
    return Planned(modified_charging_schedule=paused(spans) if takes_part else body.charging_schedule)


def read_spans(blocks: Sequence[Block]) -> list[Span]:
    """Raises: Refusal. Source: F8."""
    spans = [
        Span(one, *(read_instant(text).astimezone(UTC) for text in (one.start_timestamp, one.end_timestamp)))
        for one in blocks
    ]
    for earlier, later in pairwise(sorted(range(len(spans)), key=lambda number: spans[number].start)):
        if spans[later].start < spans[earlier].end:
            loc = ("body", "charging_schedule", max(earlier, later), "start_timestamp")
            raise Refusal(422, "the block overlaps another", loc=loc)
    return spans


def paused(spans: Sequence[Span]) -> list[Block]:
    """Return the schedule with its pause, or as it was sent. Source: F2-F6."""
    blocks = [span.sent for span in spans]
    total = sum((span.end - span.start for span in spans), timedelta())
    found = [pause for number, span in enumerate(spans) for pause in _pauses(number, span)]
    if not found or total < LEAST_PAUSES * PAUSE:
        return blocks
    _, number, stop, resume = min(found)
    before, after = (
        blocks[number].model_copy(update=end) for end in ({"end_timestamp": stop}, {"start_timestamp": resume})
    )
    return [*blocks[:number], before, after, *blocks[number + 1 :]]


def _pauses(number: int, span: Span) -> Iterator[tuple[datetime, int, str, str]]:
    """Yield the pauses that fit into a block: start, place of the block, start and end as written. Source: F5."""
    for start in _starts(span.start):
        if start - span.start >= LEFT_OVER and span.end - start >= PAUSE + LEFT_OVER:
            with suppress(OverflowError):
                stop = spell(start, like=span.sent.start_timestamp)
                yield start, number, stop, spell(start + PAUSE, like=span.sent.end_timestamp)


def _starts(earliest: datetime) -> Iterator[datetime]:
    """Yield the instants at which a pause may start, on so many nights that the first possible one is among them."""
    midnight = earliest.replace(hour=0, minute=0, second=0, microsecond=0)
    with suppress(OverflowError):
        for night in range(NIGHTS):
            for slot in range((WINDOW_ENDS - WINDOW_BEGINS - PAUSE) // GRID + 1):
                yield midnight + timedelta(days=night) + WINDOW_BEGINS + slot * GRID
