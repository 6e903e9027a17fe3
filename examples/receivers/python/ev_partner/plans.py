"""Plans: charging profiles of OCPP 1.6, as steps of constant power."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ev_partner import fields

VOLTS = 230
NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Step:
    """A power from an instant until before another."""

    start_at: datetime
    end_at: datetime
    power_kw: float


@dataclass(frozen=True)
class Plan:
    """The power of an asset over time: what its steps say, otherwise 0."""

    steps: tuple[Step, ...] = ()

    def power_kw(self, at: datetime) -> float:
        return next((step.power_kw for step in self.steps if step.start_at <= at < step.end_at), 0.0)

    def changes(self) -> Iterator[datetime]:
        """Yield the instants at which the power may change."""
        for step in self.steps:
            yield step.start_at
            yield step.end_at


def read_plan(request: fields.Object, *, received_at: datetime) -> Plan:
    """Read a SetChargingProfileRequest. Raises: fields.Unreadable."""
    schedule = fields.mapping(fields.mapping(request, "csChargingProfiles"), "chargingSchedule")
    has_start = schedule.get("startSchedule") is not None
    start_at = fields.instant(schedule, "startSchedule") if has_start else received_at
    unit = fields.text(schedule, "chargingRateUnit")
    periods = sorted(fields.mappings(schedule, "chargingSchedulePeriod"), key=_offset)
    starts = [_later(start_at, _offset(period)) for period in periods]
    end_at = _later(start_at, fields.number(schedule, "duration", float("inf")))
    ends = [min(one, end_at) for one in [*starts[1:], end_at]]
    powers = [_power_kw(period, unit) for period in periods]
    return Plan(tuple(map(Step, starts, ends, powers)))


def _offset(period: fields.Object) -> float:
    return fields.number(period, "startPeriod")


def _later(start_at: datetime, seconds: float) -> datetime:
    try:
        return start_at + timedelta(seconds=seconds)
    except OverflowError:
        return NEVER


def _power_kw(period: fields.Object, unit: str) -> float:
    """Return a period's limit. OCPP assumes three phases unless the period says otherwise."""
    limit = fields.number(period, "limit")
    if unit == "W":
        return limit / 1000
    if unit == "A":
        return limit * VOLTS * fields.number(period, "numberPhases", 3) / 1000
    raise fields.Unreadable("chargingRateUnit is neither W nor A")
