"""Dispatch of batteries and other devices. Source: V5, G3."""

from datetime import datetime

from mockaxle.core.records import AssetType, DispatchMethod
from mockaxle.core.rule_errors import AssetUnknown, NotDispatched
from mockaxle.core.state import State, asset_of, site_of

CONTROLLING = (DispatchMethod.FULL_ASSET_SCHEDULE_CONTROL, DispatchMethod.VPP_LIMITED_CONTROL)


def battery_planned_at(state: State, asset_id: str) -> datetime:
    """Return when a battery's schedule last changed. Nothing plans batteries, so that is its creation. Source: V5.

    Raises: AssetUnknown, also for an asset that is not a battery; NotDispatched.
    """
    battery = state.assets.get(asset_id)
    if battery is None or battery.type is not AssetType.BATTERY:
        raise AssetUnknown(asset_id, "Battery")
    if not set(CONTROLLING) & set(site_of(state, battery.site_id).methods_in):
        raise NotDispatched(battery.site_id)
    return battery.created_at


def todays_dispatch(state: State, asset_id: str) -> None:
    """Return nothing, as the vendor's sandbox does. Raises: AssetUnknown. Source: G3."""
    asset_of(state, asset_id)
