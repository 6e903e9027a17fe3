"""Readings as they are sent and answered."""

from enum import StrEnum

from mockaxle.core.readings import ReadingLabel
from mockaxle.wire.shape import Component, Id, Instant, Optional, SentId


class ReadingDataPointLabel(StrEnum):
    BOUNDARY_IMPORT_KW = ReadingLabel.BOUNDARY_IMPORT_KW.value
    BATTERY_INVERTER_IMPORT_KW = ReadingLabel.BATTERY_INVERTER_IMPORT_KW.value
    CHARGER_CONSUMPTION_ENERGY_KWH = ReadingLabel.CHARGER_CONSUMPTION_ENERGY_KWH.value
    CHARGER_LIFETIME_CONSUMPTION_ENERGY_KWH = ReadingLabel.CHARGER_LIFETIME_CONSUMPTION_ENERGY_KWH.value
    BOUNDARY_LIFETIME_IMPORT_ENERGY_KWH = ReadingLabel.BOUNDARY_LIFETIME_IMPORT_ENERGY_KWH.value
    BOUNDARY_LIFETIME_EXPORT_ENERGY_KWH = ReadingLabel.BOUNDARY_LIFETIME_EXPORT_ENERGY_KWH.value
    PROVISIONAL_CONSUMPTION_KWH = ReadingLabel.PROVISIONAL_CONSUMPTION_KWH.value
    SOLAR_POWER_KW = ReadingLabel.SOLAR_POWER_KW.value
    BATTERY_STATE_OF_CHARGE_PCT = ReadingLabel.BATTERY_STATE_OF_CHARGE_PCT.value
    BATTERY_STORED_ENERGY_KWH = ReadingLabel.BATTERY_STORED_ENERGY_KWH.value


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
