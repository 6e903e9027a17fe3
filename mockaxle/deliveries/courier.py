"""Delivers the messages of one world, one at a time, in the order in which they fall due. Source: N9-N13."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from itertools import islice, takewhile
from time import monotonic

from mockaxle.core.messages import AwkwardKind, DeliveryOutcome, Message
from mockaxle.core.receivers import MAX_PARALLEL, Receiver
from mockaxle.core.receiving import receiver_of
from mockaxle.core.retries import WITHOUT_CALL, gives_up_at
from mockaxle.deliveries.attempts import NO_SECRET, TOO_LATE, PreparedAttempt, not_made, prepared
from mockaxle.deliveries.claims import Claims
from mockaxle.deliveries.desk import Desk
from mockaxle.deliveries.sendable import sendable
from mockaxle.deliveries.sending import Answered, Poster
from mockaxle.world.commands.refusals import ClockAdvancing, MessageInFlight, TooManySends, WorldGone
from mockaxle.world.entries import Delivery

RIGHT_SECONDS = 0.25
"""How often the right to deliver is asked for while another server has it."""

LOOK_SECONDS = 0.02
"""How often a message is looked at that falls due while a caller sends it."""

MAX_SENDS = 16
"""Messages of a world that callers send at the same time."""


class Courier:
    """Shape: `_turn` is held during an attempt, and during a whole advance; a caller's sends take no turn."""

    def __init__(self, desk: Desk, poster: Poster) -> None:
        self._desk = desk
        self._poster = poster
        self._turn = asyncio.Lock()
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._attempting = self._sends = 0
        self._claims = Claims(desk)

    def look(self) -> None:
        """Deliver what has fallen due, and wait for what is next."""
        self._news.set()
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._deliver_all())

    def end(self) -> None:
        """Deliver nothing more."""
        self._claims.end()
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
            async with self._turn, self._right() as has_right:
                if has_right:
                    await self._deliver_next()
                else:
                    await asyncio.sleep(RIGHT_SECONDS)
        return seconds is not None

    @asynccontextmanager
    async def _right(self) -> AsyncIterator[bool]:
        """Hold the right to deliver, unless another server has it. Raises: WorldGone."""
        has_right = await self._desk.may_deliver()
        try:
            yield has_right
        finally:
            if has_right:
                await self._desk.delivered()

    async def _deliver_next(self) -> None:
        """Deliver the next message, unless an advance has done so meanwhile; wait while a caller sends it."""
        due = self._next_due(most=MAX_PARALLEL)
        await self._attempt_all(due)
        await asyncio.sleep(0 if due else LOOK_SECONDS)

    def _next_due(self, *, most: int) -> list[Message]:
        """Return the messages to attempt now: one, or several for a receiver that takes them in parallel."""
        state, now = self._desk.state, self._desk.instant()
        waiting = (message for message in state.outbox.all_due() if not self._is_in_flight(message.id))
        due = takewhile(lambda message: message.next_at is not None and message.next_at <= now, waiting)
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
        ends_at = monotonic() + max_seconds
        try:
            async with self._turn, self._right_within(max_seconds):
                return await self._advanced(to, ends_at=ends_at, max_attempts=max_attempts)
        finally:
            await self._desk.end()

    async def _advanced(self, to: datetime, *, ends_at: float, max_attempts: int) -> tuple[bool, int]:
        """As `advance`, with the right to deliver. Units: ends_at in monotonic seconds."""
        attempts = 0
        while (due := self._due_until(to)) is not None or self._attempting:
            if attempts >= max_attempts or monotonic() >= ends_at:
                return False, attempts
            if self._attempting:  # a caller's send, during which the clock stands
                await asyncio.sleep(LOOK_SECONDS)
            elif due is not None:
                attempts += await self._attempt_at(due, most=max_attempts - attempts)
            await asyncio.sleep(0)
        if to >= self._desk.instant():
            await self._desk.advance(to)
        return True, attempts

    @asynccontextmanager
    async def _right_within(self, seconds: float) -> AsyncIterator[None]:
        """Hold the right to deliver. Raises: WorldGone, ClockAdvancing if another server has it for so long."""
        ends_at = monotonic() + seconds
        while True:
            async with self._right() as has_right:
                if has_right:
                    yield
                    return
            if monotonic() >= ends_at:
                break
            await asyncio.sleep(RIGHT_SECONDS)
        raise ClockAdvancing("Another server delivers the world's messages")

    def _due_until(self, to: datetime) -> Message | None:
        message = self._desk.state.outbox.next_due
        return message if message is not None and message.next_at is not None and message.next_at <= to else None

    async def _attempt_at(self, message: Message, *, most: int) -> int:
        """Advance to a message's attempt, or make it; as `_attempt_all`. Meanwhile another one may have fallen due."""
        if message.next_at is not None and message.next_at > self._desk.instant():
            await self._desk.advance(message.next_at)
            return 0
        due = self._next_due(most=most)
        if not due:
            await asyncio.sleep(LOOK_SECONDS)
        return await self._attempt_all(due)

    async def _attempt_all(self, messages: Sequence[Message]) -> int:
        """Attempt deliveries at once, and let the clock stand until all are answered; return the number of calls.

        Raises: WorldGone.
        """
        attempts = (self._attempt(message, parallel=len(messages)) for message in messages)
        with self._standing():
            made = await asyncio.gather(*attempts, return_exceptions=True)
        for failed in made:
            if isinstance(failed, BaseException):
                raise failed
        return sum(1 for called in made if called is True)

    @contextmanager
    def _standing(self) -> Iterator[None]:
        """Let the clock stand until all attempts at this time are answered."""
        self._attempting += 1
        if self._attempting == 1:
            self._desk.stand()
        try:
            yield
        finally:
            self._attempting -= 1
            if not self._attempting:
                self._desk.go_on()

    @contextmanager
    def _in_flight(self, message_id: str) -> Iterator[None]:
        flight = (self._desk.restarts, message_id)
        self._desk.in_flight.add(flight)
        try:
            yield
        finally:
            self._desk.in_flight.discard(flight)

    def _is_in_flight(self, message_id: str) -> bool:
        return (self._desk.restarts, message_id) in self._desk.in_flight

    async def _attempt(self, message: Message, *, parallel: int) -> bool:
        """Attempt a delivery, and log what became of it; tell whether the receiver was called."""
        with self._in_flight(message.id):
            await self._desk.until_kept()
            return await self._attempted(message, parallel=parallel)

    async def _attempted(self, message: Message, *, parallel: int) -> bool:
        receiver = receiver_of(self._desk.state, message.receiver)
        assert receiver is not None, "the messages of a removed receiver do not wait"
        secret, restarts = self._desk.secret(receiver.name), self._desk.restarts
        if self._desk.instant() >= gives_up_at(message):
            delivery = not_made(self._desk, message, outcome=DeliveryOutcome.GIVEN_UP, why=TOO_LATE)
        elif secret is None:
            delivery = not_made(self._desk, message, outcome=DeliveryOutcome.HELD, why=NO_SECRET)
        else:
            awkward = message.next_awkward
            delivery = await self._made(
                prepared(self._desk, message, receiver=receiver, secret=secret, awkward=awkward)
            )
        delivery = delivery._replace(parallel=parallel if parallel > 1 else None)
        await self._desk.keep(delivery, restarts=restarts)
        return delivery.outcome not in WITHOUT_CALL

    async def _made(self, attempt: PreparedAttempt) -> Delivery:
        receiver = attempt.receiver
        answered = await self._poster.post(
            attempt.url, attempt.body, headers=attempt.headers, timeout_ms=receiver.timeout_ms
        )
        return attempt.delivery(self._desk, answered)

    async def claim(self, message_id: str) -> PreparedAttempt:
        """Prepare the next attempt at a message, which the caller makes and reports. Raises: CommandRefused."""
        return await self._claims.claim(message_id)

    async def report(self, message_id: str, number: int, *, reported: tuple[int | None, str | None, int]) -> None:
        """Log what became of a claimed attempt. Raises: CommandRefused."""
        await self._claims.report(message_id, number, answered=Answered(*reported))

    async def send(self, message_id: str, awkward: AwkwardKind | None) -> None:
        """Send a message now, also one that has ended. Raises: CommandRefused, WorldGone. Source: N19."""
        message, receiver, secret = sendable(self._desk, message_id, awkward=awkward)
        if self._is_in_flight(message_id):
            raise MessageInFlight(f"The message {message_id} is being sent, or is claimed")
        if self._sends >= MAX_SENDS:
            raise TooManySends(f"{MAX_SENDS} messages of the world are being sent by callers")
        self._sends += 1
        try:
            with self._in_flight(message_id), self._standing():
                await self._desk.until_kept()
                await self._send(message, receiver, secret=secret, awkward=awkward)
        finally:
            self._sends -= 1

    async def _send(self, message: Message, receiver: Receiver, *, secret: str, awkward: AwkwardKind | None) -> None:
        restarts = self._desk.restarts
        for _ in range(2 if awkward is AwkwardKind.TWICE else 1):
            attempt = prepared(self._desk, message, receiver=receiver, secret=secret, awkward=awkward)
            await self._desk.keep(await self._made(attempt), restarts=restarts)
            message = self._desk.state.outbox.find(message.id) or message
