"""What an asset would have done without a flex event. Source: B2."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import islice

from mockaxle.core.business_days import is_business_day
from mockaxle.core.exact import energy, overlap
from mockaxle.core.half_hours import DAWN, LATEST, since_dawn
from mockaxle.core.local_time import LONDON, instant_of, local_day_and_time
from mockaxle.core.measuring import measure
from mockaxle.core.records import CARS, Asset, FlexCause, PlannedFlex, UserTransactionType
from mockaxle.core.reference import Baseline
from mockaxle.core.state import State
from mockaxle.core.tariffs import Span
from mockaxle.core.uk_months import uk_date

DAYS_OF_HISTORY, LOOK_BACK_DAYS = 5, 60
DAY = timedelta(days=1)


def baseline_kwh(state: State, asset: Asset, *, planned: PlannedFlex) -> Fraction | Decimal:
    """Return the energy of an event's time as it would have been. Units: kWh, positive for an import.

    With the setting baseline = history that is the mean of the last days, if any of them was measured.
    """
    if state.reference.settings.baseline is Baseline.HISTORY:
        found = history_kwh(state, asset, window=(planned.start_at, planned.end_at))
        if found is not None:
            return found
    return scheduled_kwh(state, asset, planned=planned)


def scheduled_kwh(state: State, asset: Asset, *, planned: PlannedFlex) -> Decimal:
    """Return what the schedule, the plan or the plan without the market says; without one the asset is idle."""
    window = (planned.start_at, planned.end_at)
    if planned.cause is FlexCause.DISPATCH:
        spans = (*(planned.charging or ()), *_plan_of(state, asset)) if asset.type in CARS else ()
    else:
        spans = (window,) if planned.charging is None else planned.charging
    return energy(planned.rate_kw, sum((overlap(span, window) for span in spans), timedelta()))


def _plan_of(state: State, asset: Asset) -> tuple[Span, ...]:
    session = state.sessions.get(asset.id)
    return session.plan.charging if session is not None and session.plan is not None else ()


def history_kwh(state: State, asset: Asset, *, window: Span) -> Fraction | None:
    """Return the mean of the same time on the last days of the same type without an event; None without readings."""
    days = islice(_like_days(state, asset, window), LOOK_BACK_DAYS)
    measured = (measure(state, asset, window=span) for span in days)
    found = list(islice((one.kwh for one in measured if one is not None and one.share == 1), DAYS_OF_HISTORY))
    return sum(found, Fraction(0)) / len(found) if found else None


def _like_days(state: State, asset: Asset, window: Span) -> Iterator[Span]:
    """Yield the same time of the days before, by the UK's clocks: working days for a working day, else the others."""
    holidays, eventful = state.reference.bank_holidays, _eventful_days(state, asset.site_id, before=window[0])
    today, at = local_day_and_time(since_dawn(window[0]), timezone=LONDON)
    is_working = is_business_day(date.fromordinal(today + 1), holidays)
    for day in range(today - 1, max(today - LOOK_BACK_DAYS, 0), -1):
        one = date.fromordinal(day + 1)
        if one not in eventful and is_business_day(one, holidays) is is_working:
            yield from _same_time(day, at, lapse=window[1] - window[0])


def _same_time(day: int, at: time, *, lapse: timedelta) -> Iterator[Span]:
    age = instant_of(day, at, timezone=LONDON)
    if age is not None and timedelta() <= age <= LATEST - lapse:
        yield DAWN + age, DAWN + age + lapse


def _eventful_days(state: State, site_id: str, *, before: datetime) -> set[date]:
    found: set[date] = set()
    for one in reversed(state.transactions.get(site_id) or ()):
        if one.type is UserTransactionType.FLEX_EVENT:
            if before - one.start_at > LOOK_BACK_DAYS * DAY:
                break
            found.add(uk_date(one.start_at))
    return found
