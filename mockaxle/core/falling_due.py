"""Everything that the clock brings: the ends of planned flexibility, final revenue, the month's credits, payments.

Each falls due at its own instant, in order, so that one large step of the clock does the same as many small ones.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from mockaxle.core.clock import LAST
from mockaxle.core.credits import MAX_PERIODS, credit_periods, sites_with_availability
from mockaxle.core.flex_events import finalise
from mockaxle.core.planned_flex import end_planned
from mockaxle.core.state import State
from mockaxle.core.uk_months import month_end
from mockaxle.core.withdrawing import carry_out_due, is_due

AT_ONCE = 1_000
"""What is settled in the event loop: ends of planned flexibility, payments, sites with finals."""

MONTH = timedelta(days=28)


def settle(state: State, *, now: datetime) -> State:
    """Carry out all that fell due until now. Source: W5, B1, B5, B9, B10."""
    if _first(state) > now:
        return state
    paid = sites_with_availability(state)
    while (at := _next(state, paid)) <= now and at < LAST:
        month = state.month_ends_at
        state = _carry_out(state, at, paid=paid)
        paid = paid if state.month_ends_at == month else sites_with_availability(state)
    return begun(state, now=now) if state.month_ends_at <= now else state


def is_anything_due(state: State, *, now: datetime) -> bool:
    return _first(state) <= now


def much_is_due(state: State, *, now: datetime) -> bool:
    """Tell at little cost whether so much fell due that it takes a while to settle."""
    if not is_anything_due(state, now=now):
        return False
    ended = sum(len(state.agenda.at(at)) for at in takewhile(lambda at: at <= now, state.agenda.instants))
    moving = state.withdrawals.due.size
    settling = state.site_order.live if state.finals_at[:1] <= (now,) else 0
    months = (now - state.month_ends_at) // MONTH if state.month_ends_at <= now else 0
    return max(ended, moving, settling, months * min(state.site_order.live, AT_ONCE)) > AT_ONCE


def begun(state: State, *, now: datetime) -> State:
    """Return the state in the month of an instant, without credits for the months before; none ends if none is paid."""
    is_paid = state.reference.settings.cm_pence_per_month > 0
    return state._replace(month_ends_at=month_end(now) if is_paid else LAST)


def _first(state: State) -> datetime:
    first = state.month_ends_at
    if state.agenda.instants:
        first = min(first, state.agenda.instants[0])
    if state.finals_at:
        first = min(first, state.finals_at[0])
    due = state.withdrawals.due.first
    return first if due is None else min(first, due[0])


def _next(state: State, paid: Sequence[str]) -> datetime:
    """Return the next instant at which something falls due; months matter only to sites that are paid by them."""
    if paid and state.periods < MAX_PERIODS:
        return _first(state)
    return _first(state._replace(month_ends_at=LAST))


def _carry_out(state: State, at: datetime, *, paid: Sequence[str]) -> State:
    if state.agenda.first == at:
        state = end_planned(state, at=at)
    if state.finals_at[:1] == (at,):
        state = finalise(state, at=at)
    if paid and state.month_ends_at == at:
        state = begun(credit_periods(state, paid, at=at), now=at)
    return carry_out_due(state, now=at) if is_due(state, now=at) else state
