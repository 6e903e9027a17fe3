"""The logged deliveries with their messages, as conditions of a verification see them. Source: N21."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from mockaxle.control.matching import Condition, Facts
from mockaxle.core.messages import AwkwardKind, Message
from mockaxle.core.outbox import Outbox
from mockaxle.core.state import State
from mockaxle.world.delivering import DoesNotFollow, digest_of
from mockaxle.world.entries import Delivery

OF_THE_DELIVERY = frozenset({"receiver", "outcome"})
"""The facts that are known without the message."""

MAX_DIGESTS = 10_000
FORGOTTEN = "unknown, since the message is no longer kept"


class Delivered(NamedTuple):
    """An attempt at a message, None if it is no longer kept."""

    delivery: Delivery
    message: Message | None

    @property
    def assets(self) -> tuple[str, ...] | None:
        """The assets that the message is about, by their ids, and by the external id if there is one asset."""
        if self.message is None:
            return None
        named = self.message.external_id
        return self.message.asset_ids + ((named,) if named is not None else ())


DELIVERIES = Facts[Delivered](
    {
        "type": lambda one: one.message and one.message.type,
        "asset": lambda one: one.assets,
        "receiver": lambda one: one.delivery.receiver,
        "outcome": lambda one: one.delivery.outcome,
    },
    lambda one: one.message.body if one.message else b"",
    {"type": FORGOTTEN, "asset": FORGOTTEN},
)


def delivered(deliveries: Mapping[int, Delivery], outbox: Outbox) -> dict[int, Delivered]:
    """Find the messages of deliveries. One with the same id but another body is one since a reset."""

    @lru_cache(maxsize=MAX_DIGESTS)
    def digest(id: str, awkward: AwkwardKind | None) -> str | None:
        message = outbox.find(id)
        try:
            return None if message is None else digest_of(message, awkward)
        except DoesNotFollow:
            return None

    def joined(one: Delivery) -> Delivered:
        is_kept = digest(one.message, one.awkward) == one.sha256
        return Delivered(one, outbox.find(one.message) if is_kept else None)

    return {number: joined(one) for number, one in deliveries.items()}


def asset_condition(asset: str, state: State | None) -> Condition:
    """Expect an asset, by its id or its external id."""
    found = state.asset_ids.get(asset) if state is not None else None
    return Condition("asset", found or asset)
