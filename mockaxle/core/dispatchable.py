"""Which assets can be dispatched. Source: N15."""

from mockaxle.core.dispatches import CONTROLLING
from mockaxle.core.records import CARS, Asset, AssetType, DispatchMethod
from mockaxle.core.state import State, site_of


def can_be_dispatched(state: State, asset: Asset) -> bool:
    methods = site_of(state, asset.site_id).methods_in
    if DispatchMethod.CM_INFREQUENT_DISPATCH in methods:
        return True
    if asset.type in CARS:
        return DispatchMethod.FULL_ASSET_SCHEDULE_CONTROL in methods
    return asset.type is AssetType.BATTERY and any(method in CONTROLLING for method in methods)
