"""Sites over HTTP."""

from uuid import UUID

from mockaxle.core.records import Site
from mockaxle.core.sites import SiteDetails, markets_of
from mockaxle.core.state import site_of
from mockaxle.server.call import Call, Handler, Reply
from mockaxle.wire.sites import DispatchMethodResponse, MarketResponse, SiteRequest, SiteResponse


def get_site(call: Call[None]) -> Reply:
    return Reply(site_response(site_of(call.state, call.values["site_id"])), rules=("L13",))


def site_details(request: SiteRequest) -> SiteDetails:
    return SiteDetails(
        mpan=request.mpan,
        postcode=request.postcode,
        street_address=request.street_address,
        email=request.email,
        consent_at=request.gave_boundary_meter_consent_at,
    )


def site_response(site: Site) -> SiteResponse:
    """Source: L13, U10."""
    return SiteResponse(
        id=UUID(site.id),
        mpan=site.mpan,
        postcode=site.postcode,
        address=site.street_address,
        asset_ids=[UUID(asset_id) for asset_id in site.asset_ids],
        markets=[MarketResponse(market) for market in markets_of(site)],
        dispatch_methods=[DispatchMethodResponse(method) for method in site.methods_in],
        gave_boundary_meter_consent_at=site.consent_at,
    )


HANDLERS = (Handler("GET /entities/site/{site_id}", get_site),)
