"""Money and planned pauses in scenarios: built from their sections, and dumped."""

from datetime import datetime
from typing import Any

from mockaxle.core.records import PlannedPause, Transaction, UserTransactionType
from mockaxle.core.timestamps import spell_utc
from mockaxle.scenarios.charging import without_none
from mockaxle.scenarios.sections import TransactionSection


def dumped_transaction(transaction: Transaction) -> dict[str, Any]:
    """Dump a transaction as its section, in JSON data."""
    status = transaction.payment_status
    return without_none(
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
    marked = {"earns_nothing": True} if pause.earns_nothing else {}
    return {
        "start_at": spell_utc(pause.start_at),
        "end_at": spell_utc(pause.end_at),
        "price_gbp_per_mwh": str(pause.price_gbp_per_mwh),
        "rate_kw": str(pause.rate_kw),
        "place": pause.place,
        **marked,
    }


def transaction_of(section: TransactionSection, *, id: str, now: datetime) -> Transaction:
    return Transaction(
        id=id,
        type=UserTransactionType(section.type),
        credit_pence=section.credit_pence,
        start_at=section.start_at or now,
        end_at=section.end_at,
        settled_on=section.settled_on,
        flex_kwh=section.flex_kwh,
        revenue_gbp=section.revenue_gbp,
        payment_status=section.payment_status,
    )
