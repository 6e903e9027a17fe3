"""Money and pauses to come in scenarios: made from their sections, and written back."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from mockaxle.core.half_hours import floor, since_dawn
from mockaxle.core.reward_record import PlannedPause, Transaction, UserTransactionType
from mockaxle.core.state import State, next_id
from mockaxle.core.timestamps import spell_utc
from mockaxle.scenarios.charging import given
from mockaxle.scenarios.sections import PauseSection, SiteSection, TransactionSection


def with_transactions(state: State, site_id: str, *, section: SiteSection, now: datetime) -> State:
    """The state with a site's money; a balance is a goodwill credit of now."""
    sections = list(section.transactions)
    if section.balance_pence:
        sections.append(TransactionSection(credit_pence=section.balance_pence))
    for one in sections:
        entry = _transaction(one, one.id or next_id(state), now)
        entries = (*(state.transactions.get(site_id) or ()), entry)
        state = state._replace(minted=state.minted + 1, transactions=state.transactions.put(site_id, entries))
    return state


def with_pauses(state: State, asset_id: str, *, sections: Sequence[PauseSection]) -> State:
    """The state with the pauses of an asset; what is over earns as soon as time is looked at."""
    for one in sections:
        end_at = one.end_at.astimezone(UTC)
        agenda, place = state.agenda.add(floor(since_dawn(end_at)), asset_id)
        pause = PlannedPause(one.start_at.astimezone(UTC), end_at, one.price_gbp_per_mwh, one.rate_kw, place)
        pauses = (*(state.pauses.get(asset_id) or ()), pause)
        state = state._replace(agenda=agenda, pauses=state.pauses.put(asset_id, pauses))
    return state


def dumped_transaction(transaction: Transaction) -> dict[str, Any]:
    """A transaction as its section, in JSON's types."""
    status = transaction.payment_status
    return given(
        {
            "id": transaction.id,
            "type": transaction.type.value,
            "credit_pence": transaction.credit_pence,
            "start_at": spell_utc(transaction.start_at),
            "end_at": transaction.end_at and spell_utc(transaction.end_at),
            "settled_on": transaction.settled_on and transaction.settled_on.isoformat(),
            "flex_kwh": None if transaction.flex_kwh is None else str(transaction.flex_kwh),
            "revenue_gbp": None if transaction.revenue_gbp is None else str(transaction.revenue_gbp),
            "payment_status": status and status.value,
        }
    )


def dumped_pause(pause: PlannedPause) -> dict[str, Any]:
    return {
        "start_at": spell_utc(pause.start_at),
        "end_at": spell_utc(pause.end_at),
        "price_gbp_per_mwh": str(pause.price_gbp_per_mwh),
        "rate_kw": str(pause.rate_kw),
    }


def _transaction(section: TransactionSection, id: str, now: datetime) -> Transaction:
    return Transaction(
        id=id,
        type=UserTransactionType(section.type),
        credit_pence=section.credit_pence,
        start_at=section.start_at.astimezone(UTC) if section.start_at else now,
        end_at=section.end_at.astimezone(UTC) if section.end_at else None,
        settled_on=section.settled_on,
        flex_kwh=section.flex_kwh,
        revenue_gbp=section.revenue_gbp,
        payment_status=section.payment_status,
    )
