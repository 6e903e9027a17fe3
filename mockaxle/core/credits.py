"""Credits without an event: availability in the capacity market by the month, and the sign-up bonus. Source: B9."""

from collections.abc import Sequence
from datetime import datetime

from mockaxle.core.records import DispatchMethod, Site, Standing, Transaction, UserTransactionType
from mockaxle.core.state import State, next_id, site_of, with_transaction
from mockaxle.core.timestamps import whole_second
from mockaxle.core.uk_months import month_before, uk_date

MAX_PERIODS = 20_000
"""The flex periods that a world credits."""

MAX_TRANSACTIONS = 2_000
"""A site with more transactions is credited no further periods."""


def sites_with_availability(state: State) -> Sequence[str]:
    """Return the sites that are paid by the month, in creation order. Source: B9."""
    if not state.reference.settings.cm_pence_per_month or state.periods >= MAX_PERIODS:
        return ()
    method = DispatchMethod.CM_INFREQUENT_DISPATCH
    ids = state.site_order.page(0, limit=state.site_order.live)
    return tuple(id for id in ids if site_of(state, id).standing(method) is Standing.IN and not _is_full(state, id))


def _is_full(state: State, site_id: str) -> bool:
    return len(state.transactions.get(site_id) or ()) >= MAX_TRANSACTIONS


def credit_periods(state: State, site_ids: Sequence[str], *, at: datetime) -> State:
    """Credit the month that ends at an instant to each site, up to the world's limit. Source: B9."""
    pence = state.reference.settings.cm_pence_per_month
    kind, start, settled_on = UserTransactionType.FLEX_PERIOD, month_before(at), uk_date(at)
    for site_id in site_ids[: MAX_PERIODS - state.periods]:
        if _is_full(state, site_id):
            continue
        period = Transaction(next_id(state), kind, pence, start, end_at=at, settled_on=settled_on)
        state = with_transaction(state, period, site_id=site_id)._replace(periods=state.periods + 1)
    return state


def welcome(state: State, before: Site, *, after: Site, now: datetime) -> State:
    """Credit the bonus of a site's first enrolment, if there is one. Source: B9."""
    pence = state.reference.settings.signup_bonus_pence
    if not pence or before.enrolled_at is not None or after.enrolled_at is None:
        return state
    bonus = Transaction(next_id(state), UserTransactionType.SIGNUP_BONUS, pence, whole_second(now))
    return with_transaction(state, bonus, site_id=after.id)
