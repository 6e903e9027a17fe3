"""Rewards over HTTP, and links to the page for withdrawals."""

from mockaxle.core import rewards
from mockaxle.core.accounts import Link, LinkKind, issue_link
from mockaxle.core.records import Transaction, UserTransactionType
from mockaxle.core.timestamps import whole_second
from mockaxle.server.call import Call, Handler, Reply
from mockaxle.wire.rewards import (
    BalanceInfoResponse,
    BalanceWithdrawalURLResponse,
    FlexEventResponse,
    SiteFlexEventsResponse,
    TransactionDataResponse,
    TransactionDatumResponse,
)
from mockaxle.world.entries import BASE_MARK, TOKEN_MARK

TIMED = (UserTransactionType.FLEX_EVENT, UserTransactionType.FLEX_PERIOD)


def get_info(call: Call[None]) -> Reply:
    balance = rewards.balance_of(call.state, call.values["site_id"], now=call.now)
    body = BalanceInfoResponse(
        current_balance_pence=balance.pence,
        total_earnings_pence=balance.earned_pence,
        minimum_withdrawal_threshold_pence=balance.minimum_pence,
        withdrawal_min_wait_days=balance.wait_days,
        can_withdraw=balance.can_withdraw,
    )
    return Reply(body, rules=("W1",))


def get_transactions(call: Call[None]) -> Reply:
    site_id = call.values["site_id"]
    balance = rewards.balance_of(call.state, site_id, now=call.now)
    body = TransactionDataResponse(
        site_id=site_id,
        transactions=[_datum(one) for one in rewards.transactions_of(call.state, site_id)],
        is_below_withdrawal_minimum=balance.is_below_minimum,
        days_until_minimum_wait_time_met=balance.days_to_wait,
    )
    return Reply(body, rules=("W2",))


def get_flex_events(call: Call[None]) -> Reply:
    site_id = call.values["site_id"]
    events = [
        FlexEventResponse(
            start_at=event.start_at,
            end_at=event.end_at,
            estimated_gross_revenue_gbp=float(event.estimated_gbp),
            final_gross_revenue_gbp=None if event.final_gbp is None else float(event.final_gbp),
        )
        for event in rewards.flex_events_of(call.state, site_id, now=call.now)
    ]
    return Reply(SiteFlexEventsResponse(site_id=site_id, events=events), rules=("W4",))


def get_url(call: Call[None]) -> Reply:
    """Answer a link to the mock's page. auto_redirect_to_setup is accepted and ignored. Source: W3, B12."""
    site_id = call.values["site_id"]
    rewards.balance_of(call.state, site_id, now=call.now)
    link = Link(
        LinkKind.WITHDRAWAL,
        site_id,
        redirect_uri=call.values["redirect_uri"],
        hide_transactions=call.values["hide_transactions"],
        two_factor=bool(call.values["enforce_two_factor_auth"]),
    )
    tokens, number = issue_link(call.world.tokens, call.principal.username, link=link, now=call.now)
    grant = tokens.grants.get(number)
    assert grant is not None, "it was issued just now"
    url = f"{BASE_MARK.decode()}/auth/ext/{TOKEN_MARK.decode()}"
    expires_at = whole_second(grant.expires_at)
    body = BalanceWithdrawalURLResponse(balance_withdrawal_url=url, url_expiry_timestamp=expires_at)
    return Reply(body, tokens=tokens, token=number, has_base=True, rules=("W3",))


def _datum(one: Transaction) -> TransactionDatumResponse:
    """Source: W2."""
    is_event = one.type is UserTransactionType.FLEX_EVENT
    return TransactionDatumResponse(
        transaction_type=one.type,
        transaction_id=one.id,
        start_time=one.start_at,
        end_time=one.end_at if one.type in TIMED else None,
        settlement_date=one.settled_on,
        flex_kwh=float(one.flex_kwh) if one.flex_kwh is not None and is_event else None,
        credit_pence=one.credit_pence,
        payment_status=one.payment_status if one.type is UserTransactionType.WITHDRAWAL else None,
    )


HANDLERS = (
    Handler("GET /rewards/{site_id}/info", get_info),
    Handler("GET /rewards/{site_id}/transactions", get_transactions),
    Handler("GET /rewards/{site_id}/url/balance", get_url),
    Handler("GET /entities/site/{site_id}/flex-events", get_flex_events),
)
