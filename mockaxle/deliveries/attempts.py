"""An attempt at a delivery before it is made: where it goes, its headers and its body. Source: N5, N7, N8, N19."""

from importlib.metadata import version
from typing import NamedTuple

from mockaxle.core.awkward_sending import body_of, sent_of, signature_of
from mockaxle.core.messages import AwkwardKind, DeliveryOutcome, Message
from mockaxle.core.receivers import Receiver, SignedAt
from mockaxle.core.signature import HEADER
from mockaxle.deliveries.desk import Desk
from mockaxle.deliveries.sending import CUT_OFF, Answered
from mockaxle.deliveries.targets import filled, read_target
from mockaxle.world.delivering import digest_of
from mockaxle.world.entries import Delivery

USER_AGENT = f"mockaxle/{version('mockaxle')}"
NO_SECRET = "its secret is not known; PUT receivers/NAME with one"
TOO_LATE = "24 hours have passed since the message"
LOST = "the answer was lost, since the delivery is awkward"


class PreparedAttempt(NamedTuple):
    """The next attempt at a message. Shape: body is what is sent; a cut one is shorter than its Content-Length."""

    message: Message
    receiver: Receiver
    number: int
    url: str
    headers: dict[str, str]
    body: bytes
    awkward: AwkwardKind | None

    @property
    def place(self) -> str:
        """The URL's path with its query."""
        return read_target(self.url).path

    def delivery(self, desk: Desk, answered: Answered, *, via: str | None = None) -> Delivery:
        """Return the entry of the log for what became of it."""
        status, error, ms = answered
        if self.awkward is AwkwardKind.CUT:
            status, error = None, CUT_OFF
        outcome = outcome_of(status)
        if self.awkward is AwkwardKind.ANSWER_LOST and outcome is DeliveryOutcome.ACCEPTED:
            outcome, error = DeliveryOutcome.FAILED, LOST
        where = (self.message.id, self.receiver.name, self.number, outcome, digest_of(self.message, self.awkward))
        made = Delivery(desk.instant(), desk.machine(), *where, status, error, ms, self.url)
        return made._replace(awkward=self.awkward, via=via)


def prepared(
    desk: Desk, message: Message, *, receiver: Receiver, secret: str, awkward: AwkwardKind | None = None
) -> PreparedAttempt:
    """Prepare the next attempt at a message, signed now."""
    at = desk.machine() if receiver.signed_at is SignedAt.MACHINE else desk.instant()
    number, body = len(message.attempts) + 1, body_of(message, awkward)
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    signed = signature_of(body, secret, at=at, kind=awkward)
    headers |= {HEADER: signed} if signed else {}
    headers |= {"x-axle-ref": str(number), "User-Agent": USER_AGENT}
    sent = sent_of(body, awkward)
    return PreparedAttempt(message, receiver, number, url_of(receiver, message), headers, sent, awkward)


def not_made(desk: Desk, message: Message, *, outcome: DeliveryOutcome, why: str) -> Delivery:
    """Return the entry of the log for an attempt that is not made."""
    where = (message.id, message.receiver or "", len(message.attempts) + 1, outcome)
    digest = digest_of(message, message.next_awkward)
    return Delivery(desk.instant(), desk.machine(), *where, digest, error=why, awkward=message.next_awkward)


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
