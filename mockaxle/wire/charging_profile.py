"""Charging profiles of OCPP 1.6 as they are answered and pushed."""

from enum import StrEnum

from mockaxle.wire.shape import Component, Instant, Optional


class ChargingRateUnitType(StrEnum):
    W = "W"
    A = "A"


class ChargingProfilePurposeType(StrEnum):
    CHARGE_POINT_MAX_PROFILE = "ChargePointMaxProfile"
    TX_DEFAULT_PROFILE = "TxDefaultProfile"
    TX_PROFILE = "TxProfile"


class ChargingProfileKindType(StrEnum):
    ABSOLUTE = "Absolute"
    RECURRING = "Recurring"
    RELATIVE = "Relative"


class RecurrencyKindType(StrEnum):
    DAILY = "Daily"
    WEEKLY = "Weekly"


class ChargingSchedulePeriod(Component):
    """Units: start in seconds since the schedule's, limit in the schedule's unit."""

    startPeriod: int
    limit: float
    numberPhases: Optional[int] = None


class ChargingSchedule(Component):
    """Units: duration in seconds."""

    duration: Optional[int] = None
    startSchedule: Optional[Instant] = None
    chargingRateUnit: ChargingRateUnitType
    chargingSchedulePeriod: list[ChargingSchedulePeriod]
    minChargingRate: Optional[float] = None


class ChargingProfile(Component):
    chargingProfileId: int
    transactionId: Optional[int] = None
    stackLevel: int
    chargingProfilePurpose: ChargingProfilePurposeType
    chargingProfileKind: ChargingProfileKindType
    recurrencyKind: Optional[RecurrencyKindType] = None
    validFrom: Optional[Instant] = None
    validTo: Optional[Instant] = None
    chargingSchedule: ChargingSchedule


class SetChargingProfileRequest(Component):
    connectorId: int
    csChargingProfiles: ChargingProfile
