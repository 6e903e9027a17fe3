"""Scenarios: the worlds to start from, as files of reference data."""

import tomllib
from datetime import time
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from mockaxle.core.market import DailyWindow, Market, SingleWindow
from mockaxle.core.reference import Meter, Model, Reference, Settings
from mockaxle.core.table import Table
from mockaxle.packaged import data_file


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class MeterEntry(_Section):
    """A meter point of the registry; `about` says what it is for."""

    mpan: str
    about: str
    half_hourly_settled: bool = True
    domestic: bool = True


class ModelEntry(_Section):
    name: str
    cop11_qualified: bool = False
    eligibility_override: bool = False


class DailyWindowEntry(_Section):
    id: str
    from_time: time
    to_time: time
    price_gbp_per_mwh: Decimal
    timezone: str = "Europe/London"


class SingleWindowEntry(_Section):
    id: str
    from_at: AwareDatetime
    to_at: AwareDatetime
    price_gbp_per_mwh: Decimal


class SettingsEntry(_Section):
    """Units: the pause in minutes, a multiple of 30 (F5)."""

    pause_minutes: Annotated[int, Field(ge=30, le=240, multiple_of=30)] = 30
    strict_time: bool = False
    withdrawal_memory: bool = True


class Scenario(_Section):
    """A scenario file. Units: prices in GBP per MWh."""

    settings: SettingsEntry = SettingsEntry()
    meters: tuple[MeterEntry, ...] = ()
    models: tuple[ModelEntry, ...] = ()
    daily_windows: tuple[DailyWindowEntry, ...] = ()
    single_windows: tuple[SingleWindowEntry, ...] = ()

    def reference(self) -> Reference:
        meters: Table[str, Meter] = Table()
        for meter in self.meters:
            meters = meters.put(meter.mpan, Meter(**meter.model_dump(exclude={"about"})))
        models: Table[str, Model] = Table()
        for model in self.models:
            models = models.put(model.name, Model(**model.model_dump()))
        market = Market(
            tuple(DailyWindow(**window.model_dump()) for window in self.daily_windows),
            tuple(SingleWindow(**window.model_dump()) for window in self.single_windows),
        )
        return Reference(meters, models, market, Settings(**self.settings.model_dump()))


def load_scenario(name: str = "default") -> Scenario:
    """A scenario that comes with the package. Raises: FileNotFoundError, pydantic.ValidationError."""
    text = data_file("fixtures", "scenarios", f"{name}.toml").read_text(encoding="utf-8")
    data: dict[str, Any] = tomllib.loads(text)
    return TypeAdapter(Scenario).validate_python(data)
