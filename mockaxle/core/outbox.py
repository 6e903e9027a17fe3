"""The outbox: the messages of a world, those that wait for their next attempt first. Source: N4, N8, N10, N11."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from mockaxle.core.due_queue import Due, DueQueue, queue_of
from mockaxle.core.messages import Message, MessageKind, MessageStatus
from mockaxle.core.order import Order, order_at
from mockaxle.core.table import Table

MAX_ENDED, MAX_ENDED_BYTES = 10_000, 16_000_000
"""What is kept of the messages that are not to be sent any more. Units: bytes of bodies. Source: N4."""

MAX_OPEN, MAX_OPEN_BYTES = 100_000, 64_000_000
"""How much may wait or be held; beyond it the oldest message is given up. Source: N4."""

SPARE_DUES = 64


class Outbox(NamedTuple):
    """The messages of a world by number; made counts all, dropped those that are no longer kept.

    Shape: `ended` has the numbers of the messages that are not open, each at its place in the order in which they
    ended; no number below `first_open` is open. `latest` has the open plan for each receiver and asset. Entries of
    `due` that do not fit their message are void; the first one is not. `held_back` has the message of each receiver and
    asset that is to go out of order. Units: sizes in bytes of bodies.
    """

    messages: Table[int, Message] = Table()
    numbers: Table[str, int] = Table()
    order: Order = Order()
    made: int = 0
    dropped: int = 0
    ended: Table[int, int] = Table()
    ended_places: int = 0
    ended_size: int = 0
    first_open: int = 1
    open_count: int = 0
    open_size: int = 0
    waiting: int = 0
    due: DueQueue = DueQueue()
    latest: Table[str, int] = Table()
    held_back: Table[str, int] = Table()

    def find(self, id: str) -> Message | None:
        number = self.numbers.get(id)
        return None if number is None else self.messages.get(number)

    def after(self, number: int) -> Iterator[Message]:
        """Yield the kept messages after a number, oldest first."""
        kept = (self.messages.get(one) for one in map(int, self.order.since(number)) if one > number)
        return (one for one in kept if one is not None)

    @property
    def next_due(self) -> Message | None:
        """The waiting message whose next attempt falls due first. Source: N11."""
        return self.messages.get(self.due.first[1]) if self.due.first else None

    def all_due(self) -> Iterator[Message]:
        """Yield the messages that wait, in the order in which their attempts fall due. Source: N11."""
        for due in self.due:
            message = self.messages.get(due[1])
            if message is not None and not self._is_void(due):
                yield message

    def put(self, message: Message) -> "Outbox":
        """Add the next message. A plan supersedes the asset's last one; beyond the limits the oldest go.

        Source: N4, N8.
        """
        box = self._superseding(message)._replace(made=message.number, order=self.order.append(str(message.number)))
        box = box._replace(numbers=box.numbers.put(message.id, message.number))
        return box._stored(message).within_limits()

    def change(self, message: Message) -> "Outbox":
        """Replace a message by its changed self."""
        return self._stored(message, before=self.messages.get(message.number))

    def change_all(self, changed: Callable[[Message], Message]) -> "Outbox":
        """Replace every open message."""
        box = self
        for message in self.after(self.first_open - 1):
            if message.is_open:
                box = box.change(changed(message))
        return box

    def behind(self, message: Message) -> Iterator[Message]:
        """Yield the earlier messages that are to go out after this one. Source: N19."""
        for asset_id in message.asset_ids if self.held_back else ():
            found = self.messages.get(self.held_back.get(f"{message.receiver} {asset_id}") or 0)
            if found is not None and found.number < message.number:
                yield found

    def has_held_back(self, message: Message) -> bool:
        """Whether another message about the same asset waits for a later one. Source: N19."""
        return bool(self.held_back) and _first_asset_of(message) in self.held_back

    def within_limits(self) -> "Outbox":
        """Give up what waits longest, and drop what ended first, beyond the limits. Source: N4."""
        box = self
        while box.open_count > MAX_OPEN or (box.open_size > MAX_OPEN_BYTES and box.open_count > 1):
            box = box._without_oldest_open()
        while len(box.ended) > MAX_ENDED or (box.ended_size > MAX_ENDED_BYTES and len(box.ended) > 1):
            box = box._without_first_ended()
        return box

    def _superseding(self, message: Message) -> "Outbox":
        if message.kind is not MessageKind.SCHEDULES or not message.is_open:
            return self
        key = _plan_of(message)
        former = self.messages.get(self.latest.get(key) or 0)
        box = self
        if former is not None and former.is_open:
            box = self.change(former._replace(status=MessageStatus.SUPERSEDED, next_at=None))
        return box._replace(latest=box.latest.put(key, message.number))

    def _stored(self, message: Message, *, before: Message | None = None) -> "Outbox":
        waits = (message.due_at is not None) - (before is not None and before.due_at is not None)
        box = self._replace(messages=self.messages.put(message.number, message), waiting=self.waiting + waits)
        if message.due_at not in (None, before and before.due_at):
            box = box._replace(due=box.due.put((message.due_at, message.number)))
        if message.is_open and before is None:
            box = box._replace(open_count=box.open_count + 1, open_size=box.open_size + len(message.body))
        elif not message.is_open and (before is None or before.is_open):
            box = box._with_ended(message, before)
        return box._with_held_back(message, before)._without_void()

    def _with_held_back(self, message: Message, before: Message | None) -> "Outbox":
        if message.is_held_back:
            return self._replace(held_back=self.held_back.put(_first_asset_of(message), message.number))
        if before is not None and before.is_held_back:
            return self._replace(held_back=self.held_back.drop(_first_asset_of(before)))
        return self

    def _with_ended(self, message: Message, before: Message | None) -> "Outbox":
        place, size = self.ended_places, len(message.body)
        box = self._replace(
            ended=self.ended.put(place, message.number), ended_places=place + 1, ended_size=self.ended_size + size
        )
        if before is None:
            return box
        if self.latest.get(_plan_of(before)) == message.number:
            box = box._replace(latest=box.latest.drop(_plan_of(before)))
        return box._replace(open_count=box.open_count - 1, open_size=box.open_size - size)

    def _without_void(self) -> "Outbox":
        """Remove the void entries before the first other one from the queue, or all if there are too many."""
        due = self.due
        while due.first and self._is_void(due.first):
            due = due.without_first()
        if due.size > 2 * self.waiting + SPARE_DUES:
            due = queue_of(one for one in due if not self._is_void(one))
        return self if due is self.due else self._replace(due=due)

    def _is_void(self, due: Due) -> bool:
        message = self.messages.get(due[1])
        return message is None or message.due_at != due[0]

    def _without_oldest_open(self) -> "Outbox":
        number = self.first_open
        while (message := self.messages.get(number)) is None or not message.is_open:
            number += 1
        why = f"more than {MAX_OPEN:,} messages, or {MAX_OPEN_BYTES:,} bytes, wait"
        given_up = message._replace(status=MessageStatus.GIVEN_UP, next_at=None, reason=why)
        return self._replace(first_open=number).change(given_up)

    def _without_first_ended(self) -> "Outbox":
        place = self.ended_places - len(self.ended)
        message = self.messages.get(self.ended.get(place) or 0)
        assert message is not None, "an ended message is kept until it leaves `ended`"
        return self._replace(
            ended=self.ended.drop(place),
            ended_size=self.ended_size - len(message.body),
            messages=self.messages.drop(message.number),
            numbers=self.numbers.drop(message.id),
            order=self.order.drop(str(message.number), place=message.number - 1),
            dropped=self.dropped + 1,
        )


def outbox_of(messages: Sequence[Message], *, made: int, dropped: int, ended: Sequence[int]) -> Outbox:
    """Return the outbox that had these messages left. Shape: `ended` in the order in which they ended."""
    open_ones = [message for message in messages if message.is_open]
    waiting = [(message.due_at, message.number) for message in open_ones if message.due_at is not None]
    by_number = {message.number: message for message in messages}
    return Outbox(
        messages=Table.of(by_number),
        numbers=Table.of({message.id: message.number for message in messages}),
        order=order_at({message.number - 1: str(message.number) for message in messages}, places=made),
        made=made,
        dropped=dropped,
        ended=Table.of(dict(enumerate(ended))),
        ended_places=len(ended),
        ended_size=sum(len(by_number[number].body) for number in ended),
        first_open=min((message.number for message in open_ones), default=made + 1),
        open_count=len(open_ones),
        open_size=sum(len(message.body) for message in open_ones),
        waiting=len(waiting),
        due=queue_of(waiting),
        latest=Table.of({key: message.number for message in open_ones if (key := _plan_of(message))}),
        held_back=Table.of({_first_asset_of(one): one.number for one in open_ones if one.is_held_back}),
    )


def _plan_of(message: Message) -> str:
    """Return the key of the plans that replace each other: those for a receiver and an asset."""
    return _first_asset_of(message) if message.kind is MessageKind.SCHEDULES else ""


def _first_asset_of(message: Message) -> str:
    return f"{message.receiver} {message.asset_ids[0] if message.asset_ids else ''}"
