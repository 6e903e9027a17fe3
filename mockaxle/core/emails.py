"""The e-mails that would be sent to users. Nothing is ever sent; control lists them. Source: B13."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

MAX_EMAILS = 10_000
"""E-mails of a world that are kept; beyond this number the oldest is dropped."""


class EmailKind(StrEnum):
    """Source: B13."""

    TWO_FACTOR_CODE = "two_factor_code"
    PAYMENT_FAILURE = "payment_failure"
    GRID_EVENT = "grid_event"


class Email(NamedTuple):
    """An e-mail to the user of a site.

    Shape: token is the number of its link's token, None without one; username is the account in whose name the link
    is issued, empty if unknown.
    """

    at: datetime
    to: str
    kind: EmailKind
    text: str
    site_id: str
    token: int | None = None
    username: str = ""

    @property
    def needs_link(self) -> bool:
        """Whether its link is still to be issued. Source: B11."""
        return self.kind is EmailKind.PAYMENT_FAILURE and self.token is None


Emails = tuple[Email, ...]


def with_emails(known: Emails, added: Iterable[Email]) -> Emails:
    """Add e-mails, and drop the oldest ones beyond the limit."""
    return (*known, *added)[-MAX_EMAILS:]
