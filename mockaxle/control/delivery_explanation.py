"""Why a delivery came out as it did: its rules, and what a partner may trip over. Source: N8, N9."""

from collections.abc import Mapping

from mockaxle.core.messages import DeliveryOutcome, Message, MessageKind
from mockaxle.world.entries import Delivery

RULES: Mapping[DeliveryOutcome, tuple[str, ...]] = {
    DeliveryOutcome.ACCEPTED: ("N9",),
    DeliveryOutcome.REFUSED: ("N9",),
    DeliveryOutcome.FAILED: ("N9", "N10"),
    DeliveryOutcome.GIVEN_UP: ("N10",),
    DeliveryOutcome.HELD: ("N1",),
}
RETRYABLE = (408, 425, 429)
NULL_ID = b'"chargingProfileId":null'


def hint_to(delivery: Delivery, message: Message | None) -> str | None:
    """Return what a partner may trip over. Shape: message is None if it is no longer kept."""
    hints = []
    if delivery.status in RETRYABLE:
        hints.append(f"A {delivery.status} refuses a message for good, as any 4xx; answer 5xx to get it again.")
    if message is not None and message.kind is MessageKind.SCHEDULES and NULL_ID in message.body:
        hints.append("In wire style chargingProfileId is null, which OCPP 1.6 does not allow.")
    return " ".join(hints) or None
