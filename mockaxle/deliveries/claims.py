"""Claims: attempts that a caller of control makes in place of the mock, and reports. Source: N20."""

import asyncio
from contextlib import suppress
from typing import NamedTuple

from mockaxle.core.messages import DeliveryOutcome, Message, MessageStatus
from mockaxle.core.retries import gives_up_at
from mockaxle.core.timestamps import spell_utc
from mockaxle.deliveries.attempts import TOO_LATE, PreparedAttempt, not_made, prepared
from mockaxle.deliveries.desk import Desk
from mockaxle.deliveries.sendable import addressed
from mockaxle.deliveries.sending import Answered
from mockaxle.world.commands.refusals import AttemptNotClaimed, MessageNotClaimable, WorldGone

REPORT_SECONDS = 60
"""How long a claimed attempt may stay unreported."""

VIA = "listen"


class Claim(NamedTuple):
    """Shape: restarts is the number of the world's restarts at its beginning."""

    attempt: PreparedAttempt
    restarts: int
    expiry: asyncio.TimerHandle


class Claims:
    """The claimed attempts of one world that are not reported yet."""

    def __init__(self, desk: Desk, *, seconds: float = REPORT_SECONDS) -> None:
        self._desk = desk
        self._seconds = seconds
        self._by_message: dict[str, Claim] = {}
        self._expiring: set[asyncio.Task[None]] = set()

    async def claim(self, message_id: str) -> PreparedAttempt:
        """Prepare the next attempt at a message, and leave it to the caller.

        Raises: MessageUnknown, MessageHasNoReceiver, MessageNotClaimable, WorldGone.
        """
        await self._desk.until_kept()
        message, receiver, secret = addressed(self._desk, message_id)
        if not receiver.held:
            raise MessageNotClaimable(f"The receiver {receiver.name} is not held: the mock calls it")
        self._check(message)
        if self._desk.instant() >= gives_up_at(message):
            too_late = not_made(self._desk, message, outcome=DeliveryOutcome.GIVEN_UP, why=TOO_LATE)
            await self._desk.keep(too_late, restarts=self._desk.restarts)
            raise MessageNotClaimable(f"The message {message.id} is more than 24 hours old")
        attempt = prepared(self._desk, message, receiver=receiver, secret=secret, awkward=message.next_awkward)
        self._dropped(message_id)
        expiry = asyncio.get_running_loop().call_later(self._seconds, self._expire, message_id)
        self._by_message[message_id] = Claim(attempt, self._desk.restarts, expiry)
        self._desk.in_flight.add((self._desk.restarts, message_id))
        return attempt

    async def report(self, message_id: str, number: int, *, answered: Answered) -> None:
        """Log what became of a claimed attempt. Raises: AttemptNotClaimed."""
        claim = self._present(message_id)
        if claim is None or claim.attempt.number != number:
            raise AttemptNotClaimed(f"The attempt {number} at the message {message_id!r:.60} is not claimed")
        self._dropped(message_id)
        await self._keep(claim, answered)

    def end(self) -> None:
        """Forget all claims."""
        for message_id in [*self._by_message]:
            self._dropped(message_id)

    def _check(self, message: Message) -> None:
        """Raises: MessageNotClaimable."""
        if message.status is not MessageStatus.HELD:
            raise MessageNotClaimable(f"The message {message.id} is {message.status}")
        if message.is_held_back:
            raise MessageNotClaimable(f"The message {message.id} waits: {message.reason}")
        if message.next_at is not None and message.next_at > self._desk.instant():
            raise MessageNotClaimable(f"The message {message.id} falls due at {spell_utc(message.next_at)}")
        if (self._desk.restarts, message.id) in self._desk.in_flight:
            raise MessageNotClaimable(f"The message {message.id} is being sent, or is claimed and not reported yet")

    def _present(self, message_id: str) -> Claim | None:
        """Return the claim on a message of the world as it is since its last restart."""
        claim = self._by_message.get(message_id)
        return claim if claim is not None and claim.restarts == self._desk.restarts else None

    def _dropped(self, message_id: str) -> Claim | None:
        """Forget the claim on a message, and return it."""
        claim = self._by_message.pop(message_id, None)
        if claim is not None:
            claim.expiry.cancel()
            self._desk.in_flight.discard((claim.restarts, message_id))
        return claim

    def _expire(self, message_id: str) -> None:
        claim = self._dropped(message_id)
        assert claim is not None, "the timer of a forgotten claim is cancelled"
        unreported = Answered(None, f"not reported within {self._seconds:g} s", round(self._seconds * 1000))
        task = asyncio.get_running_loop().create_task(self._keep(claim, unreported))
        self._expiring.add(task)
        task.add_done_callback(self._expiring.discard)

    async def _keep(self, claim: Claim, answered: Answered) -> None:
        """Log what became of an attempt, unless the world is dropped."""
        with suppress(WorldGone):
            await self._desk.keep(claim.attempt.delivery(self._desk, answered, via=VIA), restarts=claim.restarts)
