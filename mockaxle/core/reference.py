"""Reference data of a world: what the industry knows of meters, models and markets."""

from dataclasses import dataclass, field

from mockaxle.core.market import Market
from mockaxle.core.table import Table


@dataclass(frozen=True, slots=True)
class Meter:
    """A meter point. One that the registry does not list is a half-hourly-settled home. Source: Q7."""

    mpan: str
    half_hourly_settled: bool = True
    domestic: bool = True


@dataclass(frozen=True, slots=True)
class Model:
    """An asset model of the catalogue. Source: Q6."""

    name: str
    cop11_qualified: bool = False
    eligibility_override: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """What a world decides where the rules leave a choice. Units: pause in minutes. Source: F2, F7, L5."""

    pause_minutes: int = 30
    strict_time: bool = False
    withdrawal_memory: bool = True


@dataclass(frozen=True, slots=True)
class Reference:
    """Shape: meters by MPAN, models by name."""

    meters: Table[str, Meter] = field(default_factory=Table)
    models: Table[str, Model] = field(default_factory=Table)
    market: Market = field(default_factory=Market)
    settings: Settings = field(default_factory=Settings)

    def meter(self, mpan: str) -> Meter:
        return self.meters.get(mpan) or Meter(mpan)
