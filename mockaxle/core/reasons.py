"""Why a schedule came back as it was sent. Source: F13."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import ClassVar

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NoBlock:
    rule: ClassVar[str] = "F7"

    @property
    def text(self) -> str:
        return "the schedule has no block in which the car may charge"


@dataclass(frozen=True, slots=True)
class NoWindow:
    rule: ClassVar[str] = "F4"

    @property
    def text(self) -> str:
        return "no flex window meets a block of the schedule"


@dataclass(frozen=True, slots=True)
class NoRoom:
    rule: ClassVar[str] = "F5"
    pause: timedelta

    @property
    def text(self) -> str:
        return (
            f"a flex window meets the schedule, but holds no pause of {self.pause // MINUTE} min on a half-hour of UTC "
            "with 30 min of its block left before and after"
        )


@dataclass(frozen=True, slots=True)
class TooTight:
    rule: ClassVar[str] = "F6"
    total: timedelta
    needed: timedelta

    @property
    def text(self) -> str:
        return f"tight: the blocks add up to {self.total}, a pause needs {self.needed} (h:mm:ss)"


@dataclass(frozen=True, slots=True)
class TooLittleEnergy:
    """Units: energies in kWh."""

    rule: ClassVar[str] = "F6"
    possible_kwh: Fraction
    required_kwh: Fraction

    @property
    def text(self) -> str:
        possible, required = float(self.possible_kwh), float(self.required_kwh)
        return f"tight: with a pause the blocks give {possible:g} kWh, and {required:g} kWh are asked for"


@dataclass(frozen=True, slots=True)
class ChargingNow:
    rule: ClassVar[str] = "F11"
    until: datetime

    @property
    def text(self) -> str:
        return f"a charge-now stands until {self.until.isoformat()}, and no window fits a pause after it"


@dataclass(frozen=True, slots=True)
class NotTakingPart:
    rule: ClassVar[str] = "L9"
    asset_id: str

    @property
    def text(self) -> str:
        return f"asset {self.asset_id} is not eligible, so it does not take part"


Reason = NoBlock | NoWindow | NoRoom | TooTight | TooLittleEnergy | ChargingNow | NotTakingPart
