"""What a world remembers: frozen records of scalars, tuples and frozen records only."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from functools import lru_cache
from typing import Literal, NamedTuple, get_args


class AssetType(StrEnum):
    BOUNDARY_METER = "boundary meter"
    CHARGER = "charger"
    BATTERY = "battery"
    HEAT_PUMP = "heat pump"
    HOT_WATER_TANK = "hot water tank"
    FREQUENCY_METER = "frequency meter"
    ELECTRIC_VEHICLE = "electric_vehicle"
    PV_INVERTER = "pv inverter"


CREATABLE = (
    AssetType.CHARGER,
    AssetType.BATTERY,
    AssetType.HEAT_PUMP,
    AssetType.ELECTRIC_VEHICLE,
    AssetType.HOT_WATER_TANK,
)
"""Source: U13."""


class DispatchMethod(StrEnum):
    """How a site's assets are dispatched; the two that can be enrolled in are propositions. Source: L2."""

    CM_INFREQUENT_DISPATCH = "cm_infrequent_dispatch"
    FULL_ASSET_SCHEDULE_CONTROL = "full_asset_schedule_control"
    LIMITED_PAUSE = "limited_pause"
    VPP_LIMITED_CONTROL = "vpp_limited_control"


class TariffType(StrEnum):
    SINGLE_RATE = "single_rate"
    DUAL_RATE = "dual_rate"
    DYNAMIC = "dynamic"
    SMART = "smart"
    UNKNOWN = "unknown"


class EnergyMarket(StrEnum):
    """Where a site's flexibility is sold."""

    CM = "cm"
    WHOLESALE = "wholesale"


class Standing(StrEnum):
    """Where a site stands with one dispatch method. Source: L0."""

    ABSENT = "absent"
    OUT = "out"
    IN = "in"
    WITHDRAWN = "withdrawn"


Proposition = Literal[DispatchMethod.LIMITED_PAUSE, DispatchMethod.FULL_ASSET_SCHEDULE_CONTROL]
PROPOSITIONS: tuple[Proposition, ...] = get_args(Proposition)
NOWHERE = (Standing.OUT,) * len(DispatchMethod)
_COLUMN = {method: column for column, method in enumerate(DispatchMethod)}


@dataclass(frozen=True, slots=True)
class Tariff:
    """When a site's electricity is cheap. Shape: local times of Europe/London. Source: C10."""

    type: TariffType
    cheap_from: time | None = None
    cheap_to: time | None = None


class Site(NamedTuple):
    """A property. Shape: standings has one entry per DispatchMethod, in that order; places as in Order.

    One that a component token made has a user, and at first no MPAN and no postcode (A7, U5). `pausing_since` is when
    limited_pause last came into force (W5).
    """

    id: str
    place: int
    mpan: str | None
    postcode: str | None
    postcode_place: int = 0
    street_address: str | None = None
    email: str | None = None
    consent_at: datetime | None = None
    tariff: Tariff | None = None
    standings: tuple[Standing, ...] = NOWHERE
    pausing_since: datetime | None = None
    asset_ids: tuple[str, ...] = ()
    user: str | None = None

    def standing(self, method: DispatchMethod) -> Standing:
        return self.standings[_COLUMN[method]]

    def moved(self, method: DispatchMethod, to: Standing) -> tuple[Standing, ...]:
        """The standings with one of them changed; equal ones are one and the same."""
        return _moved(self.standings, method, to)

    @property
    def methods_in(self) -> tuple[DispatchMethod, ...]:
        return _methods_in(self.standings)


@lru_cache(maxsize=4096)
def _moved(standings: tuple[Standing, ...], method: DispatchMethod, to: Standing) -> tuple[Standing, ...]:
    column = _COLUMN[method]
    return (*standings[:column], to, *standings[column + 1 :])


@lru_cache(maxsize=256)
def _methods_in(standings: tuple[Standing, ...]) -> tuple[DispatchMethod, ...]:
    return tuple(m for m, s in zip(DispatchMethod, standings, strict=True) if s is Standing.IN)


class Asset(NamedTuple):
    """A device at a site. Units: power in kW, capacity in kWh."""

    id: str
    place: int
    site_id: str
    external_id: str
    type: AssetType
    created_at: datetime
    power_kw: float | None = None
    capacity_kwh: float | None = None
    model: str | None = None
    installed_on: date | None = None
