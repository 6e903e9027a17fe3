"""A charging plan in the format of OCPP 1.6. Source: C6."""

from datetime import datetime, timedelta
from typing import Any

from mockaxle.core.records import ChargingPlan
from mockaxle.core.reference import Style
from mockaxle.core.timestamps import spell_utc

ON, OFF = 99999.0, 0.0
STACK_LEVEL = 1100
CONNECTOR = 1
UNSET = ("chargingProfileId", "transactionId", "recurrencyKind", "validFrom", "validTo")
SECOND = timedelta(seconds=1)


def set_charging_profile(plan: ChargingPlan, *, style: Style) -> dict[str, Any]:
    """Build the request that sets the plan, as JSON data; with an id, or in `wire` style with five nulls.

    Units: W, seconds since the start.
    """
    unset = dict.fromkeys(UNSET) if style is Style.WIRE else {"chargingProfileId": plan.number}
    return {
        "connectorId": CONNECTOR,
        "csChargingProfiles": {
            **unset,
            "stackLevel": STACK_LEVEL,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Absolute",
            "chargingSchedule": {
                "duration": _seconds(plan, plan.ready_at),
                "startSchedule": spell_utc(plan.start_at),
                "chargingRateUnit": "W",
                "chargingSchedulePeriod": [
                    {"startPeriod": start, "limit": limit, "numberPhases": 1} for start, limit in periods(plan)
                ],
                "minChargingRate": 0.0,
            },
        },
    }


def periods(plan: ChargingPlan) -> tuple[tuple[int, float], ...]:
    """Return starts and limits: the first at 0, neighbours different. Units: seconds since the start, W."""
    found: list[tuple[int, float]] = []
    if not plan.charging or plan.charging[0][0] > plan.start_at:
        found.append((0, OFF))
    for start, end in plan.charging:
        found.append((_seconds(plan, start), ON))
        if end < plan.ready_at:
            found.append((_seconds(plan, end), OFF))
    return tuple(found)


def _seconds(plan: ChargingPlan, at: datetime) -> int:
    return (at - plan.start_at) // SECOND
