"""Commands on what the platform says to the partner."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from mockaxle.core.messages import Attempt, Message
from mockaxle.core.sessions import is_plugged_in, plugged_in, replan
from mockaxle.scenarios.fields import Section
from mockaxle.world.commands.done import Done, Moment
from mockaxle.world.commands.refusals import NotPluggedIn
from mockaxle.world.value import World

MAX_CARS = 10_000


def _distinct(ids: tuple[str, ...]) -> tuple[str, ...]:
    if len({*ids}) < len(ids):
        raise ValueError("names an asset twice")
    return ids


class Replan(Section):
    """The cars whose plans are made anew, by the ids of their assets; by default all that are plugged in."""

    assets: Annotated[tuple[str, ...], Field(max_length=MAX_CARS), AfterValidator(_distinct)] | None = None


def replan_cars(world: World, body: Replan, moment: Moment) -> Done:
    """Make the plans of plugged-in cars anew, as after a wider change of the market, whether or not they differ.

    Answers the ids of the messages with the plans. Raises: NotPluggedIn. Source: N3.
    """
    state = world.state
    asset_ids = plugged_in(state) if body.assets is None else body.assets
    for asset_id in asset_ids:
        if not is_plugged_in(state, asset_id):
            raise NotPluggedIn(f"No car is plugged in at asset {asset_id!r:.60}")
    before = state.outbox.made
    state = replan(state, asset_ids, now=moment.at)
    ids = [message.id for message in state.outbox.after(before)]
    return Done(world._replace(state=state), {"messages": ids})


def describe_message(message: Message) -> dict[str, Any]:
    """Shape: asset_id is null if it is about several assets or none."""
    fields = {name: value for name, value in message._asdict().items() if name not in ("asset_ids", "external_id")}
    return {
        **fields,
        "asset_id": message.asset_ids[0] if len(message.asset_ids) == 1 else None,
        "created_at": message.created_at.isoformat(),
        "body": json.loads(message.body),
        "attempts": [_described(attempt) for attempt in message.attempts],
        "next_at": message.next_at and message.next_at.isoformat(),
    }


def _described(attempt: Attempt) -> dict[str, Any]:
    return {**attempt._asdict(), "at": attempt.at.isoformat(), "real_at": attempt.real_at.isoformat()}
