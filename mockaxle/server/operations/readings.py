"""Readings over HTTP."""

from mockaxle.core.readings import Reading, take_readings
from mockaxle.server.call import Call, Handler, Reply, reply
from mockaxle.server.operations.components import own_site
from mockaxle.wire.readings import ReadingDataPoint, ReadingResponse, ReadingsDataPoints, ReadingsResponse


def post_readings(call: Call[ReadingsDataPoints]) -> Reply:
    sent = call.body.readings
    outcome = take_readings(call.state, [_reading(point) for point in sent], site_id=own_site(call))
    verdicts = [_verdict(point, error) for point, error in zip(sent, outcome.value, strict=True)]
    return reply(outcome, ReadingsResponse(responses=verdicts), rules=("R1", "R2"))


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
