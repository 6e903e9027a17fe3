"""Bank accounts: read from the form of the withdrawal page, with the special ones. Source: B10, B12."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from mockaxle.core.payment_errors import BankDetailsWrong
from mockaxle.core.timestamps import whole_second

SORT_CODE_DIGITS, ACCOUNT_DIGITS, ENDING = 6, 8, 4
DIGITS = frozenset("0123456789")


class NameCheck(StrEnum):
    """The outcomes of Confirmation of Payee. Source: B12."""

    FULL_MATCH = "full match"
    PARTIAL_MATCH = "partial match"
    MISMATCH = "mismatch"
    UNAVAILABLE = "unavailable"


FAILS, IS_RETURNED, WAITS = "10-00-10", "10-00-11", "10-00-12"
OUTCOME_OF = {
    "10-00-00": NameCheck.FULL_MATCH,
    "10-00-01": NameCheck.PARTIAL_MATCH,
    "10-00-02": NameCheck.MISMATCH,
    "10-00-03": NameCheck.UNAVAILABLE,
}
MAGIC_SORT_CODES = (
    ("10-00-00", "the name is a full match, as with any other sort code"),
    ("10-00-01", "the name is a partial match; the page asks to confirm it"),
    ("10-00-02", "the name is a mismatch; the page asks to confirm it"),
    ("10-00-03", "the check of the name is unavailable; the page asks to confirm it"),
    (FAILS, "a withdrawal fails at 12:00 UK time on the next business day"),
    (IS_RETURNED, "a withdrawal is posted, and returned at 12:00 on the 2nd business day after that"),
    (WAITS, "a withdrawal waits in pending_approval until control moves it"),
)
"""Sort codes that trigger special responses, with the response of each. Source: B12."""


class BankAccount(NamedTuple):
    """The account that is linked to a site. Shape: sort code as 10-00-00; ending has the last digits of the number."""

    sort_code: str
    ending: str
    outcome: NameCheck
    linked_at: datetime


class SentCode(NamedTuple):
    """A two-factor code that was mailed. Shape: `wrong` counts the wrong codes that were given for it."""

    code: str
    expires_at: datetime
    wrong: int = 0
    is_given: bool = False


class BankForm(NamedTuple):
    """The fields with which an account is linked, as typed."""

    name: str
    sort_code: str
    account_number: str


def digits_of(text: str) -> str:
    """Drop the hyphens and spaces between the digits of a number."""
    return text.translate({ord(" "): None, ord("-"): None})


def is_account_number(text: str) -> bool:
    """Tell whether a text is an account number: 8 digits, hyphens and spaces ignored."""
    return _is_number(text, ACCOUNT_DIGITS)


def account_in(form: BankForm, *, now: datetime) -> BankAccount:
    """Read the account in a form. Raises: BankDetailsWrong with every wrong field. Source: B10, B12."""
    faults = [] if form.name.strip() else ["The name is empty"]
    for what, text, size in (
        ("sort code", form.sort_code, SORT_CODE_DIGITS),
        ("account number", form.account_number, ACCOUNT_DIGITS),
    ):
        if not _is_number(text, size):
            faults.append(f"The {what} {_counted(text)}; it needs {size} digits")
    if faults:
        raise BankDetailsWrong(tuple(faults))
    digits = digits_of(form.sort_code)
    sort_code = f"{digits[:2]}-{digits[2:4]}-{digits[4:]}"
    ending = digits_of(form.account_number)[-ENDING:]
    return BankAccount(sort_code, ending, outcome_of(sort_code), whole_second(now))


def outcome_of(sort_code: str) -> NameCheck:
    """Return the outcome of the check of a name. Source: B12."""
    return OUTCOME_OF.get(sort_code, NameCheck.FULL_MATCH)


def _is_number(text: str, size: int) -> bool:
    digits = digits_of(text)
    return len(digits) == size and DIGITS.issuperset(digits)


def _counted(text: str) -> str:
    """Say how many digits a text has, and whether it has other characters."""
    digits = digits_of(text)
    count = sum(letter in DIGITS for letter in digits)
    others = " and other characters" if count < len(digits) else ""
    return f"has {count} digit{'' if count == 1 else 's'}{others}"
