"""What a home has earned: here a bonus when it signs up. Source: W1-W3."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import jwt
from fastapi import APIRouter, Request
from pydantic import BaseModel

from tests.foreign.access import Own, SecuredRoute
from tests.foreign.instants import Instant
from tests.foreign.store import Site

BONUS_PENCE, THRESHOLD_PENCE = 500, 1000
PAGE_LIFETIME = timedelta(hours=1)
PAYMENTS = "https://payments.fake.example"

router = APIRouter(route_class=SecuredRoute)


class Balance(BaseModel):
    current_balance_pence: int
    total_earnings_pence: int
    minimum_withdrawal_threshold_pence: int = THRESHOLD_PENCE
    withdrawal_min_wait_days: int = 0
    can_withdraw: bool


class Transaction(BaseModel):
    transaction_type: str
    transaction_id: UUID
    start_time: Instant
    credit_pence: int


class Transactions(BaseModel):
    site_id: UUID
    transactions: list[Transaction]
    is_below_withdrawal_minimum: bool


class WithdrawalPage(BaseModel):
    balance_withdrawal_url: str
    url_expiry_timestamp: Instant


def bonus_of(site: Site) -> Transaction:
    return Transaction(
        transaction_type="signup bonus",
        transaction_id=uuid5(site.id, "signup bonus"),
        start_time=site.created_at,
        credit_pence=BONUS_PENCE,
    )


def may_withdraw(balance_pence: int) -> bool:
    return balance_pence >= THRESHOLD_PENCE


@router.get("/rewards/{site_id}/info")
async def read_balance(site_id: UUID, own: Own) -> Balance:
    balance = bonus_of(own.site(site_id)).credit_pence
    return Balance(current_balance_pence=balance, total_earnings_pence=balance, can_withdraw=may_withdraw(balance))


@router.get("/rewards/{site_id}/transactions")
async def list_transactions(site_id: UUID, own: Own) -> Transactions:
    bonus = bonus_of(own.site(site_id))
    is_below = bonus.credit_pence < THRESHOLD_PENCE
    return Transactions(site_id=site_id, transactions=[bonus], is_below_withdrawal_minimum=is_below)


@router.get("/rewards/{site_id}/url/balance")
async def get_withdrawal_page(
    site_id: UUID,
    request: Request,
    own: Own,
    redirect_uri: str,
    enforce_two_factor_auth: bool = False,
    hide_transactions: bool = False,
    auto_redirect_to_setup: bool = False,
) -> WithdrawalPage:
    ends_at = datetime.now(UTC).replace(microsecond=0) + PAGE_LIFETIME
    claims = {"site": str(own.site(site_id).id), "redirect": redirect_uri, "exp": ends_at}
    page = jwt.encode(claims, request.app.state.accounts.key, algorithm="HS256")
    return WithdrawalPage(balance_withdrawal_url=f"{PAYMENTS}/auth/ext/{page}", url_expiry_timestamp=ends_at)
