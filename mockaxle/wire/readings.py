"""Readings as they are sent and answered."""

from mockaxle.core.reading_labels import ReadingDataPointLabel
from mockaxle.wire.shape import Component, Id, Instant, Optional, SentId

__all__ = ["ReadingDataPointLabel"]  # the core's own, under the component's name


class ReadingDataPoint(Component):
    asset_id: SentId
    start_timestamp: Instant
    end_timestamp: Instant
    value: float
    label: ReadingDataPointLabel


class ReadingsDataPoints(Component):
    readings: list[ReadingDataPoint]


class ReadingResponse(Component):
    asset_id: Id
    start_timestamp: Instant
    end_timestamp: Instant
    label: ReadingDataPointLabel
    accepted: bool
    error: Optional[str] = None


class ReadingsResponse(Component):
    responses: list[ReadingResponse]
