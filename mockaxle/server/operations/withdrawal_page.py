"""The page on which a user links a bank account and withdraws the balance. Source: W3, B10-B12."""

from typing import Any

from mockaxle.core import account_linking, rewards
from mockaxle.core.accounts import Link, LinkKind
from mockaxle.core.bank_accounts import BankForm, account_in
from mockaxle.core.business_days import LAST_YEAR, is_beyond_table
from mockaxle.core.errors import Refusal
from mockaxle.core.payment_errors import NameNotConfirmed, NotLinkable
from mockaxle.core.records import Transaction
from mockaxle.core.rule_errors import NotWithdrawable
from mockaxle.core.state import State, site_of
from mockaxle.core.withdrawing import pounds
from mockaxle.server.call import Call, Handler, Reply
from mockaxle.server.pages import WITHDRAWAL, page
from mockaxle.wire.shape import Component

RULES_OF = {"link": ("W3", "B10", "B12"), "send_code": ("W3", "B12"), "withdraw": ("W3", "B10")}
NO_ACTION = "The form has no action that the page knows: link, send_code or withdraw."
HOLIDAYS_UNKNOWN = f"The mock knows no bank holidays after {LAST_YEAR}, only weekends."


class WithdrawalForm(Component):
    """A form of the page. Without a body it withdraws. Shape: confirmed is `yes` if the name is to be accepted."""

    action: str = "withdraw"
    name: str = ""
    sort_code: str = ""
    account_number: str = ""
    code: str = ""
    confirmed: str = ""


def show(call: Call[None]) -> Reply:
    return _page(call)


def act(call: Call[WithdrawalForm]) -> Reply:
    """Do what a form asks for, or show why not."""
    action = {"link": _link, "send_code": _send_code, "withdraw": _withdraw}.get(call.body.action)
    if action is None:
        return _page(call, alert=NO_ACTION)
    try:
        done = action(call)
    except (NotWithdrawable, NotLinkable) as refusal:
        done = _refused(call, refusal)
    return done._replace(rules=RULES_OF[call.body.action])


def _withdraw(call: Call[WithdrawalForm]) -> Reply:
    """Raises: NotWithdrawable. Source: W3, B10."""
    site_id, username = _link_of(call).site_id, call.principal.username
    state, pence = rewards.withdraw(call.state, site_id, username=username, now=call.now)
    begun = state.withdrawals.numbered(state.withdrawals.order.places - 1)
    hint = HOLIDAYS_UNKNOWN if is_beyond_table(begun.next_at) else ""
    message = f"{pounds(pence)} is on its way to you. {hint}".rstrip()
    return _page(call.in_state(state), message=message)._replace(state=state, hint=hint)


def _send_code(call: Call[WithdrawalForm]) -> Reply:
    """Raises: NotLinkable. Source: B12."""
    state = account_linking.send_code(call.state, _link_of(call).site_id, now=call.now)
    return _page(call.in_state(state), message="A code was sent to your e-mail address.")._replace(state=state)


def _link(call: Call[WithdrawalForm]) -> Reply:
    """Link an account; the code that is asked for is judged after the digits. Raises: NotLinkable. Source: B12."""
    link, form, state = _link_of(call), call.body, call.state
    account_linking.check_email_of(state, link.site_id)
    account = account_in(BankForm(form.name, form.sort_code, form.account_number), now=call.now)
    if link.two_factor:
        state, refused = account_linking.try_code(state, link.site_id, code=form.code, now=call.now)
        if refused is not None:
            return _refused(call.in_state(state), refused)._replace(state=state)
    try:
        is_confirmed = form.confirmed == "yes"
        state = account_linking.link_account(state, link.site_id, account=account, is_confirmed=is_confirmed)
    except NameNotConfirmed as refusal:
        return _refused(call.in_state(state), refusal)._replace(state=state)
    return _page(call.in_state(state), message="Your bank account is linked.")._replace(state=state)


def _refused(call: Call[WithdrawalForm], refusal: Refusal) -> Reply:
    """Show a refusal, and what was typed but for name and number, which are secrets."""
    question = call.body if isinstance(refusal, NameNotConfirmed) else None
    shown = _page(call, alert=f"{refusal.text}.", typed=call.body.sort_code, question=question)
    return shown._replace(hint=refusal.remedy)


def _page(
    call: Call[Any], *, message: str = "", alert: str = "", typed: str = "", question: WithdrawalForm | None = None
) -> Reply:
    """Render the page. Shape: typed is a sort code; question is a form whose name is to be confirmed."""
    link = _link_of(call)
    balance = rewards.balance_of(call.state, link.site_id, now=call.now)
    account = call.state.bank_accounts.get(link.site_id)
    entries = () if link.hide_transactions else rewards.transactions_of(call.state, link.site_id)
    return page(
        WITHDRAWAL,
        rules=("W3",),
        balance=pounds(balance.pence),
        can_withdraw=balance.can_withdraw and account is not None,
        message=message,
        alert=alert,
        account=account,
        typed=typed,
        question=question,
        entries=list(map(_row, entries)),
        redirect_uri=link.redirect_uri,
        **_linking(call, link, state=call.state),
    )


def _linking(call: Call[Any], link: Link, *, state: State) -> dict[str, bool]:
    """Say what the page offers to link an account: the fields, one for a code, and to send a code."""
    site_id = link.site_id
    is_asked = link.two_factor and account_linking.is_code_asked(state, site_id, now=call.now)
    has_passed = not link.two_factor or account_linking.has_given_code(state, site_id, now=call.now)
    return {
        "has_email": site_of(state, site_id).email is not None,
        "offers_code": not has_passed,
        "asks_code": is_asked,
        "may_link": has_passed or is_asked,
    }


def _row(one: Transaction) -> tuple[str, str, str, str]:
    status = one.payment_status.value if one.payment_status is not None else ""
    return one.start_at.date().isoformat(), one.type.value, status, pounds(one.credit_pence)


def _link_of(call: Call[Any]) -> Link:
    return call.link(LinkKind.WITHDRAWAL)


HANDLERS = (
    Handler("GET /auth/ext/{link}", show),
    Handler("POST /auth/ext/{link}", act, WithdrawalForm),
)
