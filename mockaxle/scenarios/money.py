"""Money, bank accounts and planned flexibility in scenarios: built from their sections, and dumped."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from mockaxle.core.bank_accounts import BankAccount, outcome_of
from mockaxle.core.records import FlexBasis, FlexCause, PaymentStatus, PlannedFlex, Transaction, UserTransactionType
from mockaxle.core.timestamps import spell_utc
from mockaxle.core.withdrawals import Withdrawal
from mockaxle.scenarios.charging import without_none
from mockaxle.scenarios.money_sections import BankAccountSection, TransactionSection, WithdrawalSection


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
            "final_gbp": None if transaction.final_gbp is None else str(transaction.final_gbp),
            "basis": transaction.basis and _basis(transaction.basis),
            "event_id": transaction.event_id,
        }
    )


def _basis(basis: FlexBasis) -> dict[str, Any]:
    written = {name: str(value) if isinstance(value, Decimal) else value for name, value in basis._asdict().items()}
    return without_none(written)


def dumped_planned(planned: PlannedFlex) -> dict[str, Any]:
    marked: dict[str, Any] = {"earns_nothing": True} if planned.earns_nothing else {}
    if planned.cause is not FlexCause.PAUSE:
        marked |= {"cause": planned.cause.value}
    if planned.charging is not None:
        marked |= {"charging": [[spell_utc(start), spell_utc(end)] for start, end in planned.charging]}
    if planned.power_kw:
        marked |= {"power_kw": str(planned.power_kw)}
    return {
        "start_at": spell_utc(planned.start_at),
        "end_at": spell_utc(planned.end_at),
        "price_gbp_per_mwh": str(planned.price_gbp_per_mwh),
        "rate_kw": str(planned.rate_kw),
        "place": planned.place,
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
        final_gbp=section.final_gbp,
        basis=FlexBasis(**dict(section.basis)) if section.basis else None,
        event_id=section.event_id,
    )


def dumped_account(account: BankAccount) -> dict[str, Any]:
    ends = {"account_ending": account.ending, "linked_at": spell_utc(account.linked_at)}
    return {"sort_code": account.sort_code, **ends}


def account_of(section: BankAccountSection, *, now: datetime) -> BankAccount:
    linked_at = section.linked_at or now
    return BankAccount(section.sort_code, section.account_ending, outcome_of(section.sort_code), linked_at)


def dumped_withdrawal(withdrawal: Withdrawal) -> dict[str, Any]:
    return without_none(
        {
            "id": withdrawal.id,
            "site": withdrawal.site_id,
            "pence": withdrawal.pence,
            "at": spell_utc(withdrawal.at),
            "status": withdrawal.status.value,
            "sort_code": withdrawal.sort_code or None,
            "account_ending": withdrawal.ending or None,
            "username": withdrawal.username,
            "next_status": withdrawal.next_status and withdrawal.next_status.value,
            "next_at": withdrawal.next_at and spell_utc(withdrawal.next_at),
        }
    )


def withdrawal_of(section: WithdrawalSection) -> Withdrawal:
    return Withdrawal(
        id=section.id,
        site_id=section.site,
        pence=section.pence,
        at=section.at,
        status=section.status,
        sort_code=section.sort_code or "",
        ending=section.account_ending or "",
        username=section.username,
        next_status=section.next_status,
        next_at=section.next_at,
    )


def withdrawal_by(transaction: Transaction, site_id: str) -> Withdrawal:
    """Make the withdrawal of a transaction that has none; it is moved by hand only. Without a status it was posted."""
    status = transaction.payment_status or PaymentStatus.POSTED
    return Withdrawal(transaction.id, site_id, abs(transaction.credit_pence), transaction.start_at, status)
