"""The reasons why a schedule comes back unchanged. Source: F13."""

from datetime import datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

MINUTE = timedelta(minutes=1)


class Reason(NamedTuple):
    """The rule that prevented a pause, and the reason in words."""

    rule: str
    text: str


NO_BLOCK = Reason("F7", "the schedule has no block in which the car may charge")
NO_WINDOW = Reason("F4", "no flex window overlaps a block of the schedule")


def no_room(pause: timedelta) -> Reason:
    return Reason(
        "F5",
        f"a flex window overlaps the schedule, but has no room for a pause of {pause // MINUTE} min that starts on a "
        "half-hour of UTC and leaves 30 min of its block before and after",
    )


def too_tight(total: timedelta, *, needed: timedelta) -> Reason:
    return Reason("F6", f"tight: the blocks total {total}, and a pause needs {needed} (h:mm:ss)")


def too_little_energy(possible_kwh: Fraction, required_kwh: Fraction) -> Reason:
    possible, required = float(possible_kwh), float(required_kwh)
    return Reason("F6", f"tight: with a pause the blocks give {possible:g} kWh, and the intent is {required:g} kWh")


def charging_now(until: datetime) -> Reason:
    return Reason("F11", f"a charge-now lasts until {until.isoformat()}, and no window has room for a pause after it")


def not_taking_part(asset_id: str) -> Reason:
    return Reason("L9", f"asset {asset_id} is not eligible, so it does not take part")
