"""Withdrawals as records, with the table of their states. Source: B10, B11.

pending_approval -> approved -> processing -> posted. On the way a withdrawal may be rejected, cancelled or fail, and a
posted one may be returned; these four states give the money back.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from mockaxle.core.due_queue import DueQueue, queue_of
from mockaxle.core.order import Order, order_of
from mockaxle.core.records import PaymentStatus
from mockaxle.core.table import Table

ALLOWED: Mapping[PaymentStatus, tuple[PaymentStatus, ...]] = {
    PaymentStatus.PENDING_APPROVAL: (PaymentStatus.APPROVED, PaymentStatus.REJECTED, PaymentStatus.CANCELLED),
    PaymentStatus.APPROVED: (PaymentStatus.PROCESSING, PaymentStatus.CANCELLED),
    PaymentStatus.PROCESSING: (PaymentStatus.POSTED, PaymentStatus.FAILED),
    PaymentStatus.POSTED: (PaymentStatus.RETURNED,),
    PaymentStatus.FAILED: (),
    PaymentStatus.REJECTED: (),
    PaymentStatus.CANCELLED: (),
    PaymentStatus.RETURNED: (),
}
"""The states to which a withdrawal may move. Source: B10."""

PAID_BACK = frozenset({PaymentStatus.FAILED, PaymentStatus.RETURNED, PaymentStatus.REJECTED, PaymentStatus.CANCELLED})
"""The states that give the money back. Source: B11."""

UNLINKING = frozenset({PaymentStatus.FAILED, PaymentStatus.RETURNED})
"""The states that archive the bank account. Source: B11."""


class Withdrawal(NamedTuple):
    """Money on its way to a bank account. Units: pence, positive. Shape: id is that of its transaction.

    Without next_at it moves by hand only. Sort code, ending and username are empty if they are unknown.
    """

    id: str
    site_id: str
    pence: int
    at: datetime
    status: PaymentStatus
    sort_code: str = ""
    ending: str = ""
    username: str = ""
    next_status: PaymentStatus | None = None
    next_at: datetime | None = None


class Withdrawals(NamedTuple):
    """Shape: due has instants with the numbers of withdrawals in the order of their beginning, from 0.

    An entry of `due` is out of date if its withdrawal has another next_at.
    """

    by_id: Table[str, Withdrawal] = Table()
    order: Order = Order()
    due: DueQueue = DueQueue()

    def all(self) -> Iterator[Withdrawal]:
        """Yield the withdrawals, oldest first."""
        for id in self.order.page(0, limit=self.order.live):
            yield self._of(id)

    def add(self, new: Withdrawal) -> "Withdrawals":
        due = self.due if new.next_at is None else self.due.put((new.next_at, self.order.places))
        return Withdrawals(self.by_id.put(new.id, new), self.order.append(new.id), due)

    def put(self, changed: Withdrawal) -> "Withdrawals":
        """Store a withdrawal that does not fall due from now on."""
        return self._replace(by_id=self.by_id.put(changed.id, changed))

    def put_due(self, changed: Withdrawal, *, number: int) -> "Withdrawals":
        """Store a withdrawal, by its number, that may fall due once more."""
        due = self.due if changed.next_at is None else self.due.put((changed.next_at, number))
        return Withdrawals(self.by_id.put(changed.id, changed), self.order, due)

    def current(self) -> "Withdrawals":
        """Remove the first entries of `due` that are out of date."""
        due = self.due
        while due.first is not None and self.numbered(due.first[1]).next_at != due.first[0]:
            due = due.without_first()
        return self if due is self.due else self._replace(due=due)

    def numbered(self, number: int) -> Withdrawal:
        return self._of(self.order.page(number, limit=1)[0])

    def _of(self, id: str) -> Withdrawal:
        found = self.by_id.get(id)
        assert found is not None, "it is in the order"
        return found


def withdrawals_of(listed: Iterable[Withdrawal]) -> Withdrawals:
    """Return withdrawals in the order of their beginning."""
    found = list(listed)
    due = [(one.next_at, number) for number, one in enumerate(found) if one.next_at is not None]
    return Withdrawals(Table.of({one.id: one for one in found}), order_of([one.id for one in found]), queue_of(due))
