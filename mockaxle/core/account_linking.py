"""Links bank accounts to sites, if asked for with a two-factor code. Source: B10, B12."""

from datetime import datetime, timedelta

from mockaxle.core.bank_accounts import BankAccount, NameCheck, SentCode, digits_of
from mockaxle.core.clock import later
from mockaxle.core.emails import Email, EmailKind, with_emails
from mockaxle.core.ids import numbered_id
from mockaxle.core.payment_errors import CodeRefused, EmailMissing, NameNotConfirmed
from mockaxle.core.state import Outcome, State, site_of
from mockaxle.core.timestamps import whole_second

CODE_LIFETIME, MAX_WRONG_CODES, CODES = timedelta(minutes=10), 5, 10**6
VOID = "The code is void after 5 wrong ones"


def check_email_of(state: State, site_id: str) -> str:
    """Return the e-mail address of a site, which linking needs. Raises: EmailMissing. Source: B12."""
    email = site_of(state, site_id).email
    if email is None:
        raise EmailMissing()
    return email


def send_code(state: State, site_id: str, *, now: datetime) -> State:
    """Mail a two-factor code, which replaces the last one. Raises: EmailMissing. Source: B12, B13."""
    to = check_email_of(state, site_id)
    code = f"{int(numbered_id(state.seed, 'two-factor code', number=state.minted)[:8], 16) % CODES:06}"
    text = f"Your code is {code}. It is valid for 10 minutes."
    email = Email(whole_second(now), to, EmailKind.TWO_FACTOR_CODE, text, site_id)
    return state._replace(
        minted=state.minted + 1,
        codes=state.codes.put(site_id, SentCode(code, later(whole_second(now), CODE_LIFETIME))),
        emails=with_emails(state.emails, [email]),
    )


def is_code_asked(state: State, site_id: str, *, now: datetime) -> bool:
    """Tell whether a code that was sent is still to be given."""
    sent = state.codes.get(site_id)
    return sent is not None and not sent.is_given and _is_usable(sent, now)


def has_given_code(state: State, site_id: str, *, now: datetime) -> bool:
    sent = state.codes.get(site_id)
    return sent is not None and sent.is_given and _is_usable(sent, now)


def try_code(state: State, site_id: str, *, code: str, now: datetime) -> Outcome[CodeRefused | None]:
    """Compare a code with the one that was sent; return the refusal, if any. Wrong codes are counted. Source: B12."""
    sent = state.codes.get(site_id)
    if sent is None:
        return Outcome(state, CodeRefused("Linking needs a code, which was not sent yet"))
    if now >= sent.expires_at:
        return Outcome(state, CodeRefused("The code has expired"))
    if sent.wrong >= MAX_WRONG_CODES:
        return Outcome(state, CodeRefused(VOID))
    if sent.is_given:
        return Outcome(state, None)
    is_right = digits_of(code) == sent.code
    tried = sent._replace(is_given=is_right, wrong=sent.wrong + (not is_right))
    reason = VOID if tried.wrong >= MAX_WRONG_CODES else "The code is wrong"
    return Outcome(state._replace(codes=state.codes.put(site_id, tried)), None if is_right else CodeRefused(reason))


def link_account(state: State, site_id: str, *, account: BankAccount, is_confirmed: bool) -> State:
    """Link an account to a site, in place of any other; the code that was sent is used up.

    Raises: SiteUnknown, EmailMissing, NameNotConfirmed. Source: B12.
    """
    check_email_of(state, site_id)
    if account.outcome is not NameCheck.FULL_MATCH and not is_confirmed:
        raise NameNotConfirmed(account.outcome)
    return state._replace(
        bank_accounts=state.bank_accounts.put(site_id, account),
        codes=state.codes.drop(site_id),
    )


def _is_usable(sent: SentCode, now: datetime) -> bool:
    return now < sent.expires_at and sent.wrong < MAX_WRONG_CODES
