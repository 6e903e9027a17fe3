"""Assets over HTTP."""

from mockaxle.core import assets
from mockaxle.core.assets import AssetChange, AssetDetails, asset_by_external_id, page_of_assets
from mockaxle.core.planned_flex import cut
from mockaxle.core.records import Asset, AssetType
from mockaxle.core.state import asset_of
from mockaxle.server.call import Call, Handler, OfRecord, PageOf, Reply, reply
from mockaxle.wire.assets import (
    AssetProperties,
    AssetRequest,
    AssetResponse,
    AssetResponsePage,
    AssetUpdateRequest,
    OnboardingAssetRequest,
)


def get_asset(call: Call[None]) -> Reply:
    asset = asset_of(call.state, call.values["asset_id"])
    return Reply(OfRecord(asset, asset_response), rules=("U13",))


def get_asset_by_external_id(call: Call[None]) -> Reply:
    asset = asset_by_external_id(call.state, call.values["external_id"])
    return Reply(OfRecord(asset, asset_response), rules=("U5",))


def get_assets(call: Call[None]) -> Reply:
    page = page_of_assets(call.state, **call.values)
    body = AssetResponsePage(
        assets=[],
        total_num_assets=page.total,
        total_num_pages=page.count,
        page_number=page.number,
    )
    return Reply(PageOf(body, tuple([OfRecord(asset, asset_response) for asset in page.items])), rules=("U12",))


def create_asset(call: Call[AssetRequest]) -> Reply:
    details, site_id = asset_details(call.body), str(call.body.site_id)
    outcome = assets.create_asset(call.state, details, site_id=site_id, now=call.now)
    return reply(outcome, asset_response(outcome.value), rules=("L9",))


def update_asset(call: Call[AssetUpdateRequest]) -> Reply:
    properties = call.body.properties or AssetProperties()
    change = AssetChange(
        power_kw=properties.power_kw,
        capacity_kwh=properties.capacity_kwh,
        model=call.body.asset_model,
        installed_on=call.body.installation_date,
    )
    outcome = assets.change_asset(call.state, call.values["asset_id"], change=change)
    return reply(outcome, asset_response(outcome.value), rules=("U14",))


def delete_asset(call: Call[None]) -> Reply:
    """What runs of its flex events ends now and stays. Source: L9, B4."""
    asset_id = call.values["asset_id"]
    return reply(assets.delete_asset(cut(call.state, asset_id, now=call.now), asset_id), None, rules=("L9",))


def asset_details(request: OnboardingAssetRequest | AssetRequest) -> AssetDetails:
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
        id=asset.id,
        external_id=asset.external_id,
        type=asset.type,
        site_id=asset.site_id,
        properties=AssetProperties(power_kw=asset.power_kw, capacity_kwh=asset.capacity_kwh)
        if has_properties
        else None,
    )


HANDLERS = (
    Handler("GET /entities/asset", get_assets),
    Handler("POST /entities/asset", create_asset, AssetRequest),
    Handler("GET /entities/asset/{asset_id}", get_asset),
    Handler("PATCH /entities/asset/{asset_id}", update_asset, AssetUpdateRequest),
    Handler("DELETE /entities/asset/{asset_id}", delete_asset),
    Handler("GET /entities/asset/external-id/{external_id}", get_asset_by_external_id),
)
