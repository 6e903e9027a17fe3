"""Assets over HTTP."""

from uuid import UUID

from mockaxle.core.assets import AssetDetails
from mockaxle.core.records import Asset, AssetType
from mockaxle.core.state import asset_of
from mockaxle.server.call import Call, Handler, Reply
from mockaxle.wire.assets import AssetProperties, AssetResponse, OnboardingAssetRequest


def get_asset(call: Call[None]) -> Reply:
    return Reply(asset_response(asset_of(call.state, call.values["asset_id"])), rules=("U13",))


def asset_details(request: OnboardingAssetRequest) -> AssetDetails:
    properties = request.properties or AssetProperties()
    return AssetDetails(
        external_id=request.external_id,
        type=AssetType(request.type),
        power_kw=properties.power_kw,
        capacity_kwh=properties.capacity_kwh,
        model=request.asset_model,
        installed_on=request.installation_date,
    )


def asset_response(asset: Asset) -> AssetResponse:
    """Source: U13."""
    has_properties = asset.power_kw is not None or asset.capacity_kwh is not None
    return AssetResponse(
        id=UUID(asset.id),
        external_id=asset.external_id,
        type=asset.type,
        site_id=UUID(asset.site_id),
        properties=AssetProperties(power_kw=asset.power_kw, capacity_kwh=asset.capacity_kwh)
        if has_properties
        else None,
    )


HANDLERS = (Handler("GET /entities/asset/{asset_id}", get_asset),)
