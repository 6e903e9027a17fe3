"""Steps that put messages into the outbox: new plans, batteries that can be dispatched, users. Source: N3.

Each receiver that takes a message gets one of its own. Without any, one is kept for `GET /world/messages`. Source: N4.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from mockaxle.core.awkward_deliveries import drawn, made_awkward
from mockaxle.core.charging_profile import set_charging_profile
from mockaxle.core.dispatches import CONTROLLING, Dispatch
from mockaxle.core.ids import numbered_id
from mockaxle.core.messages import Message, MessageKind, MessageStatus, MessageType, envelope, json_bytes
from mockaxle.core.receivers import Receiver
from mockaxle.core.records import Asset, AssetType, ChargingPlan, Site
from mockaxle.core.state import State, asset_of, site_of
from mockaxle.core.timestamps import spell_utc, whole_second


def announce_plan(state: State, asset: Asset, *, plan: ChargingPlan, now: datetime) -> State:
    """Say a car's new plan: as a bare schedule, or in an envelope if only webhooks are received.

    Source: C2, C7, N8.
    """
    schedule = set_charging_profile(plan, style=state.reference.settings.style)
    if _takers(state, MessageType.ASSET_DISPATCH) and not _takers(state, MessageType.SCHEDULE):
        payload = {
            "asset_id": asset.id,
            "external_id": asset.external_id,
            "issued_timestamp": spell_utc(whole_second(now)),
            "set_charging_profile": schedule,
        }
        return _say(state, MessageType.ASSET_DISPATCH, payload, now=now, **_about(asset))
    return _say(state, MessageType.SCHEDULE, schedule, now=now, kind=MessageKind.SCHEDULES, **_about(asset))


def announce_dispatch(state: State, dispatch: Dispatch, *, now: datetime) -> State:
    """Say a dispatch with all its assets. Source: V1, N15."""
    payload = {
        "event_id": dispatch.id,
        "issued_timestamp": spell_utc(dispatch.issued_at),
        "start_time": spell_utc(dispatch.start_at),
        "end_time": spell_utc(dispatch.end_at),
        "assets": [one._asdict() for one in dispatch.assets],
    }
    asset_ids = tuple(one.asset_id for one in dispatch.assets)
    return _say(state, MessageType.DISPATCH, payload, now=now, asset_ids=asset_ids, event_id=dispatch.id)


def announce_batteries(state: State, site_id: str, *, asset_ids: Sequence[str], now: datetime) -> State:
    """Say which of a site's assets can be dispatched, if it is in such a method: its batteries. Source: N3."""
    site = site_of(state, site_id)
    if not _is_dispatched(site):
        return state
    for asset in map(partial(asset_of, state), asset_ids):
        if asset.type is AssetType.BATTERY:
            payload = {"site_id": site.id, "asset_id": asset.id, "external_id": asset.external_id}
            state = _say(state, MessageType.ASSET_REGISTERED, payload, now=now, **_about(asset))
    return state


def announce_entry(state: State, before: Site, *, after: Site, now: datetime) -> State:
    """Say what follows from a site's entry into a method: its user, if it is the first one, and its batteries.

    Source: N3.
    """
    if after.methods_in and not before.methods_in:
        state = announce_user(state, after, now=now)
    if _is_dispatched(before):
        return state
    return announce_batteries(state, after.id, asset_ids=after.asset_ids, now=now)


def announce_user(state: State, site: Site, *, now: datetime) -> State:
    """Say that a component token's user has a site in a method; nothing of another site. Source: N3."""
    if site.user is None or not site.methods_in:
        return state
    payload = {"site_id": site.id, "external_user_id": site.user, "asset_ids": list(site.asset_ids)}
    return _say(state, MessageType.ONBOARDED, payload, now=now, site_id=site.id)


def _is_dispatched(site: Site) -> bool:
    return any(method in CONTROLLING for method in site.methods_in)


def _about(asset: Asset) -> dict[str, Any]:
    return {"site_id": asset.site_id, "asset_ids": (asset.id,), "external_id": asset.external_id}


def _takers(state: State, type: MessageType) -> list[Receiver]:
    return [receiver for receiver in state.reference.receivers if receiver.takes(type)]


def _say(
    state: State,
    type: MessageType,
    said: dict[str, Any],
    *,
    now: datetime,
    kind: MessageKind = MessageKind.WEBHOOKS,
    **about: Any,
) -> State:
    """Put a message into the outbox for each receiver that takes it. Shape: `said` is a payload, or a bare schedule."""
    receivers: list[Receiver | None] = [*_takers(state, type)]
    for receiver in receivers or [None]:
        number, created_at = state.outbox.made + 1, whole_second(now)
        id = numbered_id(state.seed, "message", number=number)
        is_bare = kind is MessageKind.SCHEDULES
        body = json_bytes(said) if is_bare else envelope(id, type, payload=said, created_at=created_at)
        message = Message(number, id, type, kind, created_at, body, **about)
        state = _put(state, message) if receiver is None else _put_for(state, receiver, message=message)
    return state


def _put(state: State, message: Message) -> State:
    return state._replace(outbox=state.outbox.put(message))


def _put_for(state: State, receiver: Receiver, *, message: Message) -> State:
    """Address a message to a receiver, in an awkward way if that is drawn. Source: N1, N4, N19."""
    status, plan = receiver.first_status, state.reference.awkward_deliveries
    due_at = message.created_at if status is MessageStatus.WAITING else None
    message = message._replace(receiver=receiver.name, status=status, next_at=due_at)
    kind = drawn(plan, message, seed=state.seed, may_wait=not state.outbox.has_held_back(message))
    if kind is None:
        return _put(state, message)
    state = state._replace(reference=replace(state.reference, awkward_deliveries=plan.after_one()))
    return _put(state, made_awkward(message, kind, seed=state.seed))
