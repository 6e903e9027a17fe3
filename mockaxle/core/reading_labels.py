"""The kinds of readings. Source: R2."""

from enum import StrEnum


class ReadingDataPointLabel(StrEnum):
    """Units: as the label ends."""

    BOUNDARY_IMPORT_KW = "boundary_import_kw"
    BATTERY_INVERTER_IMPORT_KW = "battery_inverter_import_kw"
    CHARGER_CONSUMPTION_ENERGY_KWH = "charger_consumption_energy_kwh"
    CHARGER_LIFETIME_CONSUMPTION_ENERGY_KWH = "charger_lifetime_consumption_energy_kwh"
    BOUNDARY_LIFETIME_IMPORT_ENERGY_KWH = "boundary_lifetime_import_energy_kwh"
    BOUNDARY_LIFETIME_EXPORT_ENERGY_KWH = "boundary_lifetime_export_energy_kwh"
    PROVISIONAL_CONSUMPTION_KWH = "provisional_consumption_kwh"
    SOLAR_POWER_KW = "solar_power_kw"
    BATTERY_STATE_OF_CHARGE_PCT = "battery_state_of_charge_pct"
    BATTERY_STORED_ENERGY_KWH = "battery_stored_energy_kwh"

    @property
    def is_register(self) -> bool:
        """Whether the value is a meter register, which only counts up."""
        return "_lifetime_" in self

    @property
    def floor(self) -> float | None:
        return None if self in _SIGNED else 0

    @property
    def ceiling(self) -> float | None:
        return 100 if self is ReadingDataPointLabel.BATTERY_STATE_OF_CHARGE_PCT else None


_SIGNED = (ReadingDataPointLabel.BOUNDARY_IMPORT_KW, ReadingDataPointLabel.BATTERY_INVERTER_IMPORT_KW)
