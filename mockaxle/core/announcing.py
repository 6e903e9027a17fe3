"""Steps that put messages into the outbox: new plans, batteries that can be dispatched, users. Source: N3."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from mockaxle.core.charging_profile import set_charging_profile
from mockaxle.core.outbox import Message, MessageKind, MessageType, envelope, json_bytes, message_id
from mockaxle.core.records import Asset, AssetType, ChargingPlan, DispatchMethod, Site
from mockaxle.core.state import State
from mockaxle.core.timestamps import whole_second

DISPATCHED = (DispatchMethod.VPP_LIMITED_CONTROL, DispatchMethod.FULL_ASSET_SCHEDULE_CONTROL)
"""The methods in which batteries are dispatched. Source: N3."""


def announce_plan(state: State, asset: Asset, *, plan: ChargingPlan, now: datetime) -> State:
    """Say a car's new plan, as a bare schedule. Source: C2, C7, N8."""
    number, style = state.outbox.made + 1, state.reference.settings.style
    message = Message(
        number,
        message_id(state.seed, number),
        MessageType.SCHEDULE,
        MessageKind.SCHEDULES,
        whole_second(now),
        json_bytes(set_charging_profile(plan, style=style)),
        asset.site_id,
        asset.id,
    )
    return state._replace(outbox=state.outbox.put(message))


def announce_batteries(state: State, site: Site, *, assets: Sequence[Asset], now: datetime) -> State:
    """Say that batteries of a site can be dispatched, if it is in such a method. Source: N3."""
    if not any(method in DISPATCHED for method in site.methods_in):
        return state
    for asset in assets:
        if asset.type is AssetType.BATTERY:
            payload = {"site_id": site.id, "asset_id": asset.id, "external_id": asset.external_id}
            state = _said(state, MessageType.ASSET_REGISTERED, payload, site_id=site.id, asset_id=asset.id, now=now)
    return state


def announce_entry(state: State, before: Site, *, after: Site, assets: Sequence[Asset], now: datetime) -> State:
    """Say what follows from a site's entry into a method: its user, if it is the first one, and its batteries.

    Source: N3.
    """
    if after.user is not None and after.methods_in and not before.methods_in:
        payload = {"site_id": after.id, "external_user_id": after.user, "asset_ids": list(after.asset_ids)}
        state = _said(state, MessageType.ONBOARDED, payload, site_id=after.id, asset_id=None, now=now)
    if any(method in DISPATCHED for method in before.methods_in):
        return state
    return announce_batteries(state, after, assets=assets, now=now)


def _said(
    state: State, type: MessageType, payload: dict[str, Any], *, site_id: str, asset_id: str | None, now: datetime
) -> State:
    number, created_at = state.outbox.made + 1, whole_second(now)
    id = message_id(state.seed, number)
    body = envelope(id, type, payload=payload, created_at=created_at)
    message = Message(number, id, type, MessageKind.WEBHOOKS, created_at, body, site_id, asset_id)
    return state._replace(outbox=state.outbox.put(message))
