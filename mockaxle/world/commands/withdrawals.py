"""Withdrawals over control: they are listed, and moved by hand. Source: B10, B13."""

from typing import Any

from mockaxle.core.payment_errors import MoveNotAllowed
from mockaxle.core.records import PaymentStatus
from mockaxle.core.state import State
from mockaxle.core.timestamps import spell_utc
from mockaxle.core.withdrawals import Withdrawal
from mockaxle.core.withdrawing import move
from mockaxle.scenarios.fields import Section
from mockaxle.world.commands.done import Done, Moment
from mockaxle.world.commands.refusals import WithdrawalNotMovable, WithdrawalUnknown
from mockaxle.world.value import World, with_mailed_links


class MoveWithdrawal(Section):
    """The state to which a withdrawal moves."""

    status: PaymentStatus


def move_withdrawal(world: World, body: MoveWithdrawal, moment: Moment) -> Done:
    """Move a withdrawal by hand. Raises: WithdrawalUnknown, WithdrawalNotMovable. Source: B10."""
    id = moment.path["transaction_id"]
    known = world.state.withdrawals.by_id.get(id)
    if known is None:
        raise WithdrawalUnknown(f"There is no withdrawal {id!r:.60}")
    try:
        state = move(world.state, known, to=body.status, now=moment.at)
    except MoveNotAllowed as refusal:
        raise WithdrawalNotMovable(refusal.text) from None
    moved = with_mailed_links(world._replace(state=state), before=world.state)
    return Done(moved, {"transaction_id": id, "status": body.status.value})


def describe_withdrawals(state: State) -> dict[str, Any]:
    """Shape: oldest first; those of sites that are gone, too."""
    return {"withdrawals": [_described(one) for one in state.withdrawals.all()]}


def _described(one: Withdrawal) -> dict[str, Any]:
    return {
        "transaction_id": one.id,
        "site_id": one.site_id,
        "pence": one.pence,
        "at": spell_utc(one.at),
        "status": one.status.value,
        "sort_code": one.sort_code or None,
        "account_ending": one.ending or None,
        "next_status": one.next_status and one.next_status.value,
        "next_at": one.next_at and spell_utc(one.next_at),
    }
