"""Commands on a world's clock."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, StrictBool, StrictInt, model_validator

from mockaxle.core.clock import LAST, WorldClock, read_duration
from mockaxle.core.falling_due import begun
from mockaxle.core.timestamps import spell_utc
from mockaxle.scenarios.fields import Instant, Rate, Section
from mockaxle.world.commands.done import Done, Moment
from mockaxle.world.commands.refusals import ClockWouldGoBack, OffTheCalendar
from mockaxle.world.value import World, settled

ADVANCE_SECONDS, MAX_ADVANCE_SECONDS, MAX_ATTEMPTS = 60, 3600, 10_000


def _duration(value: object) -> object:
    lapse = read_duration(value) if isinstance(value, str) else None
    if lapse is None:
        raise ValueError("not a duration such as 61m, 1d12h or 90s")
    return lapse


def _spelt(lapse: timedelta) -> str:
    return f"{lapse.days}d{lapse.seconds}s"


Duration = Annotated[timedelta, BeforeValidator(_duration), PlainSerializer(_spelt)]


class SetClock(Section):
    """The clock continues from `at`, or from its present instant, at `rate`: 0 freezes it."""

    at: Instant | None = None
    rate: Rate = Decimal(1)


class AdvanceClock(Section):
    """Either a duration or an instant.

    `wait` says whether the answer waits for the deliveries on the way. The clock stops before `max_attempts` or
    `max_seconds` are exceeded. Units: seconds of the machine's clock.
    """

    by: Duration | None = None
    to: Instant | None = None
    wait: StrictBool = True
    max_seconds: Annotated[float, Field(ge=0, le=MAX_ADVANCE_SECONDS, allow_inf_nan=False)] = ADVANCE_SECONDS
    max_attempts: Annotated[StrictInt, Field(ge=0, le=MAX_ATTEMPTS)] = MAX_ATTEMPTS

    @model_validator(mode="after")
    def one_of_both(self) -> "AdvanceClock":
        if (self.by is None) == (self.to is None):
            raise ValueError("needs either by or to")
        return self


def set_clock(world: World, body: SetClock, moment: Moment) -> Done:
    """Freeze, shift or run the clock. It can go back only while there are no sites.

    Raises: ClockWouldGoBack.
    """
    at = body.at or moment.at
    if at < moment.at and len(world.state.sites):
        raise _would_go_back(moment.at, at)
    clock = WorldClock(moment.real_at, at, body.rate)
    if at < moment.at:
        world = world._replace(state=begun(world.state, now=at))
    return Done(settled(world._replace(clock=clock), at), describe_clock(clock, moment.real_at))


def advance(world: World, body: AdvanceClock, moment: Moment) -> Done:
    """Move the clock forward. Its rate does not change.

    Everything that falls due on the way happens in order, at its own instant. Tokens expire without a step.
    Raises: ClockWouldGoBack, OffTheCalendar.
    """
    to = target_of(body, moment.at)
    clock, logged = WorldClock(moment.real_at, to, world.clock.rate), {"by", "to"} & body.model_fields_set
    done = Done(settled(world._replace(clock=clock), to), describe_clock(clock, moment.real_at))
    return done._replace(logged=body.model_dump(mode="json", include=logged))


def target_of(body: AdvanceClock, at: datetime) -> datetime:
    """Return the instant to which a clock advances. Raises: ClockWouldGoBack, OffTheCalendar."""
    to = body.to or _after(at, body.by or timedelta())
    if to < at:
        raise _would_go_back(at, to)
    return to


def describe_clock(clock: WorldClock, real: datetime) -> dict[str, Any]:
    return {"now": spell_utc(clock.now(real)), "mode": clock.mode, "rate": float(clock.rate)}


def _after(at: datetime, lapse: timedelta) -> datetime:
    """Raises: OffTheCalendar."""
    if lapse > LAST - at:
        raise OffTheCalendar(f"{lapse} after {spell_utc(at)} is outside the calendar")
    return at + lapse


def _would_go_back(now: datetime, to: datetime) -> ClockWouldGoBack:
    return ClockWouldGoBack(f"The clock is at {spell_utc(now)}, after {spell_utc(to)}")
