"""Money and e-mails as control shows them. Source: W1, W2, B13."""

from collections.abc import Callable
from typing import Any

from mockaxle.core.emails import Email
from mockaxle.core.records import FlexBasis, Transaction, UserTransactionType
from mockaxle.core.rewards import balance_pence, transactions_of
from mockaxle.core.state import State
from mockaxle.core.timestamps import spell_utc

TIMED = (UserTransactionType.FLEX_EVENT, UserTransactionType.FLEX_PERIOD)


def describe_money(state: State, site_id: str) -> dict[str, Any]:
    """Raises: SiteUnknown. Shape: transactions as the API lists them, oldest first; flex_events say how they came."""
    return {
        "site_id": site_id,
        "balance_pence": balance_pence(state, site_id),
        "transactions": [_described(one) for one in transactions_of(state, site_id)],
        "flex_events": [_explained(one, one.basis) for one in transactions_of(state, site_id) if one.basis],
    }


def _explained(event: Transaction, basis: FlexBasis) -> dict[str, Any]:
    """Shape: what an event's money is computed from; energies, prices and revenue as strings. Source: B1-B7."""
    return {
        "transaction_id": event.id,
        "asset_id": basis.asset_id,
        "cause": basis.cause.value,
        "start_time": spell_utc(event.start_at),
        "end_time": event.end_at and spell_utc(event.end_at),
        "price_gbp_per_mwh": str(basis.price_gbp_per_mwh),
        "baseline_kwh": str(basis.baseline_kwh),
        "measured_kwh": None if basis.measured_kwh is None else str(basis.measured_kwh),
        "measured_from": basis.measured_from,
        "flex_kwh": None if event.flex_kwh is None else str(event.flex_kwh),
        "user_share": str(basis.user_share),
        "estimated_gross_revenue_gbp": str(event.revenue_gbp),
        "final_gross_revenue_gbp": None if event.final_gbp is None else str(event.final_gbp),
    }


def describe_emails(state: State, link: Callable[[Email], str | None]) -> dict[str, Any]:
    """Shape: oldest first; link writes that of an e-mail."""
    return {
        "emails": [
            {
                "at": spell_utc(one.at),
                "to": one.to,
                "kind": one.kind.value,
                "text": one.text,
                "link": link(one),
            }
            for one in state.emails
        ]
    }


def _described(one: Transaction) -> dict[str, Any]:
    """Shape: without the fields that the transaction does not have, as in style contract. Source: W2."""
    is_event = one.type is UserTransactionType.FLEX_EVENT
    fields = {
        "transaction_type": one.type.value,
        "transaction_id": one.id,
        "start_time": spell_utc(one.start_at),
        "end_time": spell_utc(one.end_at) if one.end_at is not None and one.type in TIMED else None,
        "settlement_date": one.settled_on and one.settled_on.isoformat(),
        "flex_kwh": float(one.flex_kwh) if one.flex_kwh is not None and is_event else None,
        "credit_pence": one.credit_pence,
        "payment_status": one.payment_status if one.type is UserTransactionType.WITHDRAWAL else None,
    }
    return {name: value for name, value in fields.items() if value is not None}
