"""The refusals of withdrawals and bank accounts: leaves of the tree drawn in errors.py."""

from dataclasses import dataclass

from mockaxle.core.errors import Refusal
from mockaxle.core.rule_errors import NotWithdrawable


class AccountMissing(NotWithdrawable):
    rule = "B10"
    says = "No bank account is linked"
    advice = "Link one on the page first."


class NotLinkable(Refusal):
    """A bank account that is not linked."""

    rule = "B12"


@dataclass(eq=False)
class BankDetailsWrong(NotLinkable):
    """Shape: reasons in words, one for each wrong field."""

    advice = "Send a name, a sort code of 6 digits such as 10-00-00, and an account number of 8 digits."
    reasons: tuple[str, ...]

    @property
    def text(self) -> str:
        return ". ".join(self.reasons)


class EmailMissing(NotLinkable):
    says = "No bank account can be linked, because the site has no e-mail address"
    advice = "Send an email when the site is onboarded or initialised, or by PATCH of the site."


@dataclass(eq=False)
class CodeRefused(NotLinkable):
    """Shape: reason is a sentence without its full stop."""

    says = "{reason}"
    advice = "Send the newest code, within 10 minutes; GET /world/emails of control has it."
    reason: str


@dataclass(eq=False)
class NameNotConfirmed(NotLinkable):
    """The check of the name is not a full match, and the user has not confirmed it."""

    says = "The check of the name says: {outcome}"
    advice = "Post the form once more with confirmed=yes."
    outcome: str


@dataclass(eq=False)
class MoveNotAllowed(Refusal):
    """Shape: allowed has the states to which the withdrawal may move."""

    rule = "B10"
    advice = "Move it to a state that the table of docs/money.md allows."
    present: str
    wanted: str
    allowed: tuple[str, ...]

    @property
    def text(self) -> str:
        allowed = f"only to {' or '.join(self.allowed)}" if self.allowed else "nowhere: the state is final"
        return f"A withdrawal that is {self.present} cannot move to {self.wanted}, {allowed}"
