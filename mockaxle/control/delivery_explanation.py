"""Why a delivery came out as it did: its rules, and what a partner may trip over. Source: N8, N9."""

from collections.abc import Mapping

from mockaxle.core.messages import AwkwardKind, DeliveryOutcome, Message, MessageKind
from mockaxle.world.entries import Delivery

RULES: Mapping[DeliveryOutcome, tuple[str, ...]] = {
    DeliveryOutcome.ACCEPTED: ("N9",),
    DeliveryOutcome.REFUSED: ("N9",),
    DeliveryOutcome.FAILED: ("N9", "N10"),
    DeliveryOutcome.GIVEN_UP: ("N10",),
    DeliveryOutcome.HELD: ("N1",),
}
HINTS: Mapping[AwkwardKind, str] = {
    AwkwardKind.LATE: "It was sent late, as asked.",
    AwkwardKind.TWICE: "It is sent twice, as asked; a receiver acts on it once.",
    AwkwardKind.OUT_OF_ORDER: "It was sent out of order, as asked; the newest one about an asset holds.",
    AwkwardKind.BAD_SIGNATURE: "It has a wrong signature, as asked; a receiver answers 4xx. The message follows.",
    AwkwardKind.NO_SIGNATURE: "It has no signature, as asked; a receiver answers 4xx. The message follows.",
    AwkwardKind.STALE: "It was signed for 301 s ago, as asked; a receiver answers 4xx. The message follows.",
    AwkwardKind.FUTURE: "It was signed for 301 s ahead, as asked; a receiver answers 4xx. The message follows.",
    AwkwardKind.EDGE: "It was signed for 299 s ago, as asked, which is valid.",
    AwkwardKind.TWO_SIGNATURES: "It has a wrong signature and a right one, as asked; one of them has to match.",
    AwkwardKind.CUT: "Half of its body was sent, as asked. The message follows.",
    AwkwardKind.UNKNOWN_EVENT: "It has an event type that does not exist, as asked; a receiver accepts and ignores it. "
    "The message follows.",
    AwkwardKind.UNKNOWN_ASSET: "It names an asset that does not exist, as asked; a receiver acts on the others.",
    AwkwardKind.EXTRA_FIELDS: "It has fields that do not exist, as asked; a receiver ignores them.",
    AwkwardKind.SPACES: "Its JSON is written with spaces, as asked; the signature is that of the bytes sent.",
    AwkwardKind.ANSWER_LOST: "Its answer was dropped, as asked, so that it is sent again; a receiver acts on it once.",
}
RETRYABLE = (408, 425, 429)
NULL_ID = b'"chargingProfileId":null'


def hint_to(delivery: Delivery, message: Message | None) -> str | None:
    """Return what a partner may trip over. Shape: message is None if it is no longer kept."""
    hints = []
    if delivery.status in RETRYABLE:
        hints.append(f"A {delivery.status} refuses a message for good, as any 4xx; answer 5xx to get it again.")
    if delivery.awkward is not None:
        hints.append(HINTS[delivery.awkward])
    if message is not None and message.kind is MessageKind.SCHEDULES and NULL_ID in message.body:
        hints.append("In wire style chargingProfileId is null, which OCPP 1.6 does not allow.")
    return " ".join(hints) or None
