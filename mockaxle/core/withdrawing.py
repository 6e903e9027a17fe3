"""Carries withdrawals through their states: by the clock, and by hand. Source: B10, B11, B14."""

from datetime import datetime

from mockaxle.core.bank_accounts import FAILS, IS_RETURNED, WAITS, BankAccount
from mockaxle.core.business_days import noon_after
from mockaxle.core.emails import Email, EmailKind, with_emails
from mockaxle.core.payment_errors import MoveNotAllowed
from mockaxle.core.records import PaymentStatus
from mockaxle.core.state import Outcome, State
from mockaxle.core.timestamps import whole_second
from mockaxle.core.withdrawals import ALLOWED, UNLINKING, Withdrawal

RETURN_DAYS = 2
"""Business days after which the magic sort code returns a posted withdrawal. Source: B12."""

FAILED_TEXT, RETURNED_TEXT = "did not reach your bank account", "was returned by your bank"


def begin(
    state: State, site_id: str, *, id: str, pence: int, account: BankAccount, username: str, now: datetime
) -> State:
    """Begin a withdrawal. It is approved and processing at once, but for one magic sort code. Source: B10, B12."""
    waits = account.sort_code == WAITS
    status = PaymentStatus.PENDING_APPROVAL if waits else PaymentStatus.PROCESSING
    at = whole_second(now)
    begun = Withdrawal(id, site_id, pence, at, status, account.sort_code, account.ending, username)
    return state._replace(withdrawals=state.withdrawals.add(_with_next(state, begun, at=at)))


def move(state: State, withdrawal: Withdrawal, *, to: PaymentStatus, now: datetime) -> State:
    """Move a withdrawal by hand; it moves by hand only from then on. Raises: MoveNotAllowed. Source: B10."""
    allowed = ALLOWED[withdrawal.status]
    if to not in allowed:
        raise MoveNotAllowed(withdrawal.status, to, allowed)
    moved = withdrawal._replace(status=to, next_status=None, next_at=None)
    state, mails = _followed(state, moved, at=whole_second(now))
    known = state.withdrawals.put(moved).current()
    return state._replace(withdrawals=known, emails=with_emails(state.emails, mails) if mails else state.emails)


def first_due(state: State) -> datetime | None:
    """Return the instant at which the next withdrawal moves by itself."""
    first = state.withdrawals.current().due.first
    return None if first is None else first[0]


def is_due(state: State, *, now: datetime) -> bool:
    """Tell at little cost whether `carry_out_due` has anything to do."""
    first = state.withdrawals.due.first
    return first is not None and first[0] <= now


def carry_out_due(state: State, *, now: datetime) -> State:
    """Move the withdrawals that are due until now, in order, each at its own instant. Source: B10."""
    known, mailed = state.withdrawals.current(), list[Email]()
    while known.due.first is not None and known.due.first[0] <= now:
        at, number = known.due.first
        waiting = known.numbered(number)
        assert waiting.next_status is not None, "it is due"
        moved = _with_next(state, waiting._replace(status=waiting.next_status), at=at)
        known = known._replace(due=known.due.without_first()).put_due(moved, number=number).current()
        state, mails = _followed(state, moved, at=at)
        mailed += mails
    emails = with_emails(state.emails, mailed) if mailed else state.emails
    return state._replace(withdrawals=known, emails=emails)


def _with_next(state: State, withdrawal: Withdrawal, *, at: datetime) -> Withdrawal:
    """Plan the next move of a withdrawal that has just moved, if it has one on the calendar. Source: B10, B12."""
    days, status = 1, None
    if withdrawal.status is PaymentStatus.PROCESSING:
        status = PaymentStatus.FAILED if withdrawal.sort_code == FAILS else PaymentStatus.POSTED
    elif withdrawal.status is PaymentStatus.POSTED and withdrawal.sort_code == IS_RETURNED:
        days, status = RETURN_DAYS, PaymentStatus.RETURNED
    next_at = None if status is None else noon_after(at, days, holidays=state.reference.bank_holidays)
    return withdrawal._replace(next_status=None if next_at is None else status, next_at=next_at)


def _followed(state: State, moved: Withdrawal, *, at: datetime) -> Outcome[list[Email]]:
    """Do what follows a move: its transaction shows it; some moves unlink the account. Return the e-mails to write.

    Source: B10, B11.
    """
    state = _with_status(state, moved)
    return _unlinked(state, moved, at=at) if moved.status in UNLINKING else Outcome(state, [])


def _with_status(state: State, moved: Withdrawal) -> State:
    """Write a withdrawal's state in its transaction, as long as its site exists. Source: B14."""
    known = state.transactions.get(moved.site_id)
    if known is None:
        return state
    entries = tuple(one._replace(payment_status=moved.status) if one.id == moved.id else one for one in known)
    return state._replace(transactions=state.transactions.put(moved.site_id, entries))


def _unlinked(state: State, moved: Withdrawal, *, at: datetime) -> Outcome[list[Email]]:
    """Archive the account if it is still linked, and mail the user; nothing if the site is gone. Source: B11, B14."""
    site, account = state.sites.get(moved.site_id), state.bank_accounts.get(moved.site_id)
    if account is not None and (account.sort_code, account.ending) == (moved.sort_code, moved.ending):
        state = state._replace(bank_accounts=state.bank_accounts.drop(moved.site_id))
    if site is None or site.email is None:
        return Outcome(state, [])
    what = FAILED_TEXT if moved.status is PaymentStatus.FAILED else RETURNED_TEXT
    text = (
        f"Your withdrawal of {pounds(moved.pence)} {what}. The money is in your balance again. Link a bank account "
        "and withdraw it once more; this link is valid for 48 hours."
    )
    return Outcome(state, [Email(at, site.email, EmailKind.PAYMENT_FAILURE, text, site.id, username=moved.username)])


def pounds(pence: int) -> str:
    """Write an amount as £12.34."""
    sign, pence = ("-" if pence < 0 else ""), abs(pence)
    return f"{sign}£{pence // 100}.{pence % 100:02}"
