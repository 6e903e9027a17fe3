"""Delivers the messages of one world, one at a time, in the order in which they fall due. Source: N9-N13."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from importlib.metadata import version
from itertools import islice, takewhile
from time import monotonic

from mockaxle.core.messages import DeliveryOutcome, Message
from mockaxle.core.receivers import MAX_PARALLEL, Receiver, SignedAt
from mockaxle.core.receiving import receiver_of
from mockaxle.core.retries import WITHOUT_CALL, gives_up_at
from mockaxle.core.signature import HEADER, signature
from mockaxle.deliveries.desk import Desk
from mockaxle.deliveries.sending import Answered, Poster
from mockaxle.deliveries.targets import filled
from mockaxle.world.commands.refusals import WorldGone
from mockaxle.world.delivering import digest_of
from mockaxle.world.entries import Delivery

USER_AGENT = f"mockaxle/{version('mockaxle')}"
NO_SECRET = "its secret is not known; PUT receivers/NAME with one"
TOO_LATE = "24 hours have passed since the message"


class Courier:
    """Shape: `_turn` is held during an attempt, and during a whole advance."""

    def __init__(self, desk: Desk, poster: Poster) -> None:
        self._desk = desk
        self._poster = poster
        self._turn = asyncio.Lock()
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def look(self) -> None:
        """Deliver what has fallen due, and wait for what is next."""
        self._news.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._deliver_all())

    def end(self) -> None:
        """Deliver nothing more."""
        if self._task is not None:
            self._task.cancel()

    async def _deliver_all(self) -> None:
        """Deliver until nothing falls due by itself: no message waits, the clock stands, or the world is dropped."""
        with suppress(WorldGone):
            while await self._goes_on():
                pass

    async def _goes_on(self) -> bool:
        """Deliver the next message, or wait until it is due; tell whether there is one."""
        self._news.clear()
        message = self._desk.state.outbox.next_due
        seconds = None if message is None else self._seconds_to(message)
        if seconds:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), seconds)
        elif seconds is not None:
            async with self._turn:
                await self._deliver_next()
        return seconds is not None

    async def _deliver_next(self) -> None:
        """Deliver the next message, unless an advance has done so meanwhile."""
        await self._attempt_all(self._next_due(most=MAX_PARALLEL))
        await asyncio.sleep(0)

    def _next_due(self, *, most: int) -> list[Message]:
        """Return the messages to attempt now: one, or several for a receiver that takes them in parallel."""
        state, now = self._desk.state, self._desk.instant()
        due = takewhile(lambda message: message.next_at is not None and message.next_at <= now, state.outbox.all_due())
        first = next(due, None)
        receiver = receiver_of(state, first.receiver) if first else None
        if first is None or receiver is None:
            return []
        others = takewhile(lambda message: message.receiver == receiver.name, due)
        return [first, *islice(others, min(receiver.parallel, most) - 1)]

    def _seconds_to(self, message: Message) -> float | None:
        assert message.next_at is not None, "a message that waits has an instant"
        return self._desk.seconds_to(message.next_at)

    async def advance(self, to: datetime, *, max_seconds: float, max_attempts: int) -> tuple[bool, int]:
        """Advance the clock from one delivery to the next, while the world stays open.

        Return whether it reached its target, and the number of attempts. Raises: CommandRefused. Source: N13.
        """
        ends_at, attempts = monotonic() + max_seconds, 0
        async with self._turn:
            self._desk.begin(to)
            try:
                while (due := self._due_until(to)) is not None:
                    if attempts >= max_attempts or monotonic() >= ends_at:
                        return False, attempts
                    attempts += await self._attempt_at(due, most=max_attempts - attempts)
                    await asyncio.sleep(0)
                if to >= self._desk.instant():
                    await self._desk.advance(to)
                return True, attempts
            finally:
                self._desk.end()

    def _due_until(self, to: datetime) -> Message | None:
        message = self._desk.state.outbox.next_due
        return message if message is not None and message.next_at is not None and message.next_at <= to else None

    async def _attempt_at(self, message: Message, *, most: int) -> int:
        """Advance to a message's attempt, or make it; as `_attempt_all`. Meanwhile another one may have fallen due."""
        if message.next_at is not None and message.next_at > self._desk.instant():
            await self._desk.advance(message.next_at)
            return 0
        return await self._attempt_all(self._next_due(most=most))

    async def _attempt_all(self, messages: Sequence[Message]) -> int:
        """Attempt deliveries at once, and let the clock stand until all are answered; return the number of calls.

        Raises: WorldGone.
        """
        self._desk.stand()
        attempts = (self._attempt(message, parallel=len(messages)) for message in messages)
        try:
            made = await asyncio.gather(*attempts, return_exceptions=True)
        finally:
            self._desk.go_on()
        for failed in made:
            if isinstance(failed, BaseException):
                raise failed
        return sum(1 for called in made if called is True)

    async def _attempt(self, message: Message, *, parallel: int) -> bool:
        """Attempt a delivery, and log what became of it; tell whether the receiver was called."""
        receiver, number = receiver_of(self._desk.state, message.receiver), len(message.attempts) + 1
        assert receiver is not None, "the messages of a removed receiver do not wait"
        secret, restarts = self._desk.secret(receiver.name), self._desk.restarts
        url: str | None = None
        if self._desk.instant() >= gives_up_at(message):
            outcome, answered = DeliveryOutcome.GIVEN_UP, Answered(None, TOO_LATE, 0)
        elif secret is None:
            outcome, answered = DeliveryOutcome.HELD, Answered(None, NO_SECRET, 0)
        else:
            url = url_of(receiver, message)
            answered = await self._sent(url, message, receiver=receiver, number=number, secret=secret)
            outcome = outcome_of(answered.status)
        where = (message.id, receiver.name, number, outcome, digest_of(message))
        delivery = Delivery(self._desk.instant(), self._desk.machine(), *where, *answered, url)
        delivery = delivery._replace(parallel=parallel if parallel > 1 else None)
        await self._desk.keep(delivery, restarts=restarts)
        return outcome not in WITHOUT_CALL

    async def _sent(self, url: str, message: Message, *, receiver: Receiver, number: int, secret: str) -> Answered:
        at = self._desk.machine() if receiver.signed_at is SignedAt.MACHINE else self._desk.instant()
        headers = {
            "Content-Type": "application/json",
            HEADER: signature(message.body, secret, at=at),
            "x-axle-ref": str(number),
            "User-Agent": USER_AGENT,
        }
        return await self._poster.post(url, message.body, headers=headers, timeout_ms=receiver.timeout_ms)


def url_of(receiver: Receiver, message: Message) -> str:
    """Return the URL of a message, with its ids. Source: N8."""
    asset_id = message.asset_ids[0] if message.asset_ids else ""
    values = {"asset_id": asset_id, "external_id": message.external_id or "", "site_id": message.site_id or ""}
    return filled(receiver.url, values)


def outcome_of(status: int | None) -> DeliveryOutcome:
    """Judge an answer by its status, None if there is none. Source: N9."""
    if status is not None and 200 <= status < 300:
        return DeliveryOutcome.ACCEPTED
    if status is not None and 400 <= status < 500:
        return DeliveryOutcome.REFUSED
    return DeliveryOutcome.FAILED
