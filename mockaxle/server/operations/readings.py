"""Readings over HTTP."""

from collections.abc import Sequence

from mockaxle.core.readings import Reading, take_readings
from mockaxle.core.records import Transaction
from mockaxle.core.timestamps import spell_utc
from mockaxle.server.call import Call, Handler, Reply, reply
from mockaxle.server.operations.components import own_site
from mockaxle.wire.readings import ReadingDataPoint, ReadingResponse, ReadingsDataPoints, ReadingsResponse


def post_readings(call: Call[ReadingsDataPoints]) -> Reply:
    sent = call.body.readings
    outcome = take_readings(call.state, [_reading(point) for point in sent], site_id=own_site(call))
    verdicts = [_verdict(point, error) for point, error in zip(sent, outcome.value.verdicts, strict=True)]
    hint = _too_late(outcome.value.settled)
    return reply(
        outcome, ReadingsResponse(responses=verdicts), rules=("R1", "R2", "B6") if hint else ("R1", "R2"), hint=hint
    )


def _too_late(settled: Sequence[Transaction]) -> str:
    """Name the first event that readings no longer change. Source: B6."""
    if not settled:
        return ""
    first = min(settled, key=lambda event: event.start_at)
    more = f" and {len(settled) - 1} more" if len(settled) > 1 else ""
    return (
        f"The flex event of {spell_utc(first.start_at)}{more} is settled since {first.settled_on}: "
        "these readings change nothing of its revenue (B6)."
    )


def _reading(point: ReadingDataPoint) -> Reading:
    return Reading(str(point.asset_id), point.start_timestamp, point.end_timestamp, point.value, point.label)


def _verdict(point: ReadingDataPoint, error: str | None) -> ReadingResponse:
    return ReadingResponse(
        asset_id=str(point.asset_id),
        start_timestamp=point.start_timestamp,
        end_timestamp=point.end_timestamp,
        label=point.label,
        accepted=error is None,
        error=error,
    )


HANDLERS = (Handler("POST /data/readings", post_readings, ReadingsDataPoints, takes_gzip=True),)
