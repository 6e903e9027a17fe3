"""Steps that put messages into the outbox: new plans, batteries that can be dispatched, users. Source: N3."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from mockaxle.core.charging_profile import set_charging_profile
from mockaxle.core.dispatches import CONTROLLING, Dispatch
from mockaxle.core.ids import numbered_id
from mockaxle.core.outbox import Message, MessageKind, MessageType, envelope, json_bytes
from mockaxle.core.records import Asset, AssetType, ChargingPlan, Site
from mockaxle.core.state import State, asset_of, site_of
from mockaxle.core.timestamps import spell_utc, whole_second


def announce_plan(state: State, asset: Asset, *, plan: ChargingPlan, now: datetime) -> State:
    """Say a car's new plan, as a bare schedule. Source: C2, C7, N8."""
    body = json_bytes(set_charging_profile(plan, style=state.reference.settings.style))
    message = _next(state, MessageType.SCHEDULE, MessageKind.SCHEDULES, body, now=now)
    return _put(state, message._replace(site_id=asset.site_id, asset_ids=(asset.id,)))


def announce_dispatch(state: State, dispatch: Dispatch) -> State:
    """Say a dispatch with all its assets. Source: V1, N15."""
    payload = {
        "event_id": dispatch.id,
        "issued_timestamp": spell_utc(dispatch.issued_at),
        "start_time": spell_utc(dispatch.start_at),
        "end_time": spell_utc(dispatch.end_at),
        "assets": [one._asdict() for one in dispatch.assets],
    }
    message = _enveloped(state, MessageType.DISPATCH, payload, now=dispatch.issued_at)
    asset_ids = tuple(one.asset_id for one in dispatch.assets)
    return _put(state, message._replace(asset_ids=asset_ids, event_id=dispatch.id))


def announce_batteries(state: State, site_id: str, *, asset_ids: Sequence[str], now: datetime) -> State:
    """Say which of a site's assets can be dispatched, if it is in such a method: its batteries. Source: N3."""
    site = site_of(state, site_id)
    if not _is_dispatched(site):
        return state
    for asset in map(partial(asset_of, state), asset_ids):
        if asset.type is AssetType.BATTERY:
            payload = {"site_id": site.id, "asset_id": asset.id, "external_id": asset.external_id}
            message = _enveloped(state, MessageType.ASSET_REGISTERED, payload, now=now)
            state = _put(state, message._replace(site_id=site.id, asset_ids=(asset.id,)))
    return state


def announce_entry(state: State, before: Site, *, after: Site, now: datetime) -> State:
    """Say what follows from a site's entry into a method: its user, if it is the first one, and its batteries.

    Source: N3.
    """
    if after.user is not None and after.methods_in and not before.methods_in:
        payload = {"site_id": after.id, "external_user_id": after.user, "asset_ids": list(after.asset_ids)}
        state = _put(state, _enveloped(state, MessageType.ONBOARDED, payload, now=now)._replace(site_id=after.id))
    if _is_dispatched(before):
        return state
    return announce_batteries(state, after.id, asset_ids=after.asset_ids, now=now)


def _is_dispatched(site: Site) -> bool:
    return any(method in CONTROLLING for method in site.methods_in)


def _enveloped(state: State, type: MessageType, payload: dict[str, Any], *, now: datetime) -> Message:
    message = _next(state, type, MessageKind.WEBHOOKS, b"", now=now)
    return message._replace(body=envelope(message.id, type, payload=payload, created_at=message.created_at))


def _next(state: State, type: MessageType, kind: MessageKind, body: bytes, *, now: datetime) -> Message:
    number = state.outbox.made + 1
    return Message(number, numbered_id(state.seed, "message", number=number), type, kind, whole_second(now), body)


def _put(state: State, message: Message) -> State:
    return state._replace(outbox=state.outbox.put(message))
