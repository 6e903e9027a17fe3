"""Why money is not withdrawn; leaves of the tree that errors.py draws."""

from dataclasses import dataclass

from mockaxle.core.errors import Refusal


class NotWithdrawable(Refusal):
    rule = "W1"


@dataclass(eq=False)
class BelowMinimum(NotWithdrawable):
    """Units: pence."""

    says = "The balance of {balance_pence} pence is below the minimum of {minimum_pence} pence"
    advice = "Wait until more flex events have earned their share, or lower minimum_withdrawal_pence in the settings."
    balance_pence: int
    minimum_pence: int


@dataclass(eq=False)
class TooEarly(NotWithdrawable):
    says = "The first credit is to be {days} more days old"
    advice = "Wait, by `mockaxle advance` if you like, or lower withdrawal_min_wait_days in the settings."
    days: int
