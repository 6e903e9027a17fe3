"""Says a message on demand, about what the world has: `POST /messages` and `mockaxle trigger`. Source: N20."""

from collections.abc import Callable, Mapping
from datetime import datetime

from pydantic import model_validator

from mockaxle.core.announcing import announce_batteries, announce_dispatch, announce_user
from mockaxle.core.dispatches import Dispatch
from mockaxle.core.messages import MessageType
from mockaxle.core.receivers import Receiver
from mockaxle.core.receiving import with_receivers
from mockaxle.core.records import Asset
from mockaxle.core.sessions import is_plugged_in, replan
from mockaxle.core.state import State, asset_named, assets_at, site_at, site_of
from mockaxle.scenarios.fields import Section
from mockaxle.world.commands.done import Done, Moment
from mockaxle.world.commands.messages import describe_message
from mockaxle.world.commands.receivers import find_receiver
from mockaxle.world.commands.refusals import NothingToSay
from mockaxle.world.value import World

PLANS = (MessageType.SCHEDULE, MessageType.ASSET_DISPATCH)


class TriggerMessage(Section):
    """The message to say, to one receiver or to all that take it.

    Shape: asset_id is an id or an external id, site_id an id or an MPAN.
    """

    type: MessageType
    asset_id: str | None = None
    site_id: str | None = None
    receiver: str | None = None

    @model_validator(mode="after")
    def about_one(self) -> "TriggerMessage":
        if self.asset_id is not None and self.site_id is not None:
            raise ValueError("takes either asset_id or site_id")
        if self.asset_id is None and self.site_id is None and self.type is not MessageType.DISPATCH:
            raise ValueError(f"{self.type} needs asset_id or site_id")
        return self


def trigger(world: World, body: TriggerMessage, moment: Moment) -> Done:
    """Say a message, and answer it, the first one if there are several. Raises: ReceiverUnknown, NothingToSay."""
    state, receivers = world.state, world.state.reference.receivers
    only = _asked(state, body)
    said = _WAYS[body.type](with_receivers(state, only), body, moment.at)
    message = next(said.outbox.after(state.outbox.made), None)
    if message is None or message.type is not body.type:
        raise NothingToSay(f"A {body.type} would have another type or say nothing")
    return Done(world._replace(state=with_receivers(said, receivers)), describe_message(message))


def _asked(state: State, body: TriggerMessage) -> list[Receiver]:
    """Return the receivers that get the message. Raises: ReceiverUnknown, NothingToSay."""
    if body.receiver is None:
        known = state.reference.receivers
        found = [one for one in known if one.takes(body.type)]
        if (
            body.type is MessageType.SCHEDULE
            and not found
            and any(one.takes(MessageType.ASSET_DISPATCH) for one in known)
        ):
            raise NothingToSay("Only webhooks are received here, so that a plan is an asset:dispatch:requested")
        return found
    receiver = find_receiver(state, body.receiver)
    if not receiver.takes(body.type):
        raise NothingToSay(f"The receiver {receiver.name} does not get messages of type {body.type}")
    return [receiver]


def _plan(state: State, body: TriggerMessage, now: datetime) -> State:
    """Say a car's plan, made anew."""
    if body.type is MessageType.ASSET_DISPATCH and not state.reference.receivers:
        raise NothingToSay(f"No receiver gets messages of type {body.type}")
    cars = [asset.id for asset in _assets(state, body) if is_plugged_in(state, asset.id)]
    if not cars:
        raise NothingToSay(f"No car is plugged in at {_named(body)}")
    said = replan(state, cars[:1], now=now)
    if said.outbox.made == state.outbox.made:
        raise NothingToSay(f"The car at {_named(body)} has no plan: its site is not in full_asset_schedule_control")
    return said


def _dispatch(state: State, body: TriggerMessage, now: datetime) -> State:
    """Say the latest dispatch again, in a new envelope."""
    found: Dispatch | None
    if body.asset_id is None and body.site_id is None:
        found = state.dispatches.latest
    else:
        about = [one for asset in _assets(state, body) for one, _ in state.dispatches.of(asset.id)]
        found = max(about, key=lambda one: one.issued_at, default=None)
    if found is None:
        raise NothingToSay(f"There is no dispatch of {_named(body)}; POST dispatches makes one")
    return announce_dispatch(state, found, now=now)


def _battery(state: State, body: TriggerMessage, now: datetime) -> State:
    for asset in _assets(state, body):
        said = announce_batteries(state, asset.site_id, asset_ids=[asset.id], now=now)
        if said is not state:
            return said
    raise NothingToSay(f"{_named(body)} has no battery in vpp_limited_control or full_asset_schedule_control")


def _user(state: State, body: TriggerMessage, now: datetime) -> State:
    assets = _assets(state, body)
    site_id = assets[0].site_id if assets else _site_id(state, body)
    said = announce_user(state, site_of(state, site_id), now=now)
    if said is state:
        raise NothingToSay(f"{_named(body)} is not of a component token's user whose site is in a method")
    return said


def _assets(state: State, body: TriggerMessage) -> tuple[Asset, ...]:
    """Return the asset named, or those of the site named. Raises: NothingToSay."""
    if body.asset_id is None:
        return assets_at(state, site_of(state, _site_id(state, body)))
    asset = state.assets.get(body.asset_id) or asset_named(state, body.asset_id)
    if asset is None:
        raise NothingToSay(f"There is no {_named(body)}")
    return (asset,)


def _site_id(state: State, body: TriggerMessage) -> str:
    """Raises: NothingToSay."""
    site = state.sites.get(body.site_id or "") or site_at(state, body.site_id or "")
    if site is None:
        raise NothingToSay(f"There is no {_named(body)}")
    return site.id


def _named(body: TriggerMessage) -> str:
    if body.asset_id is None and body.site_id is None:
        return "any asset"
    return f"asset {body.asset_id!r:.60}" if body.site_id is None else f"site {body.site_id!r:.60}"


_WAYS: Mapping[MessageType, Callable[[State, TriggerMessage, datetime], State]] = {
    **dict.fromkeys(PLANS, _plan),
    MessageType.DISPATCH: _dispatch,
    MessageType.ASSET_REGISTERED: _battery,
    MessageType.ONBOARDED: _user,
}
