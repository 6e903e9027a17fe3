"""Commands on a world's awkward deliveries. Source: N19."""

from typing import Annotated, Any

from pydantic import Field

from mockaxle.core.awkward_deliveries import USUAL, AwkwardDeliveries
from mockaxle.core.messages import AwkwardKind
from mockaxle.scenarios.fields import Section
from mockaxle.world.commands.done import Done, Moment, with_reference
from mockaxle.world.commands.faults import Count, Probability
from mockaxle.world.value import World


class SetAwkwardDeliveries(Section):
    """The kinds, by default all, the probability of each new message to be awkward, and for how many messages."""

    kinds: Annotated[tuple[AwkwardKind, ...], Field(max_length=len(AwkwardKind))] | None = None
    probability: Probability = USUAL.probability
    count: Count | None = None


def set_awkward_deliveries(world: World, body: SetAwkwardDeliveries, moment: Moment) -> Done:
    """Make deliveries of new messages awkward."""
    asked = tuple(AwkwardKind) if body.kinds is None else body.kinds
    kinds = tuple(kind for kind in AwkwardKind if kind in asked)
    return _with(world, AwkwardDeliveries(kinds, body.probability, body.count))


def end_awkward_deliveries(world: World, body: None, moment: Moment) -> Done:
    """Deliver new messages as usual."""
    return _with(world, USUAL)


def describe_awkward_deliveries(plan: AwkwardDeliveries) -> dict[str, Any]:
    """Shape: count is how many are left, null for no end."""
    return {"kinds": list(plan.kinds), "probability": float(plan.probability), "count": plan.left}


def _with(world: World, plan: AwkwardDeliveries) -> Done:
    return Done(with_reference(world, awkward_deliveries=plan), describe_awkward_deliveries(plan))
