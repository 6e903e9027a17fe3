"""Sites over HTTP."""

from mockaxle.core import sites
from mockaxle.core.enrolment import delete_site as delete
from mockaxle.core.records import Site
from mockaxle.core.rule_errors import ChangeNotTaken
from mockaxle.core.site_changes import change_site_and_plans
from mockaxle.core.sites import SiteChange, SiteDetails, markets_of, page_of_sites
from mockaxle.core.state import site_of
from mockaxle.core.tariffs import Tariff
from mockaxle.server.call import Call, Handler, OfRecord, PageOf, Reply, reply
from mockaxle.server.operations.components import discreet, own_site
from mockaxle.wire.sites import (
    DispatchMethodResponse,
    MarketResponse,
    SiteRequest,
    SiteResponse,
    SiteResponsePage,
    SiteUpdateRequest,
    TariffRequest,
    TariffResponse,
)


def get_site(call: Call[None]) -> Reply:
    site = site_of(call.state, call.values["site_id"])
    return Reply(OfRecord(site, site_response), rules=("L13",))


def get_sites(call: Call[None]) -> Reply:
    page = page_of_sites(call.state, **call.values)
    body = SiteResponsePage(
        sites=[],
        total_num_sites=page.total,
        total_num_pages=page.count,
        page_number=page.number,
    )
    return Reply(PageOf(body, tuple([OfRecord(site, site_response) for site in page.items])), rules=("U12",))


def create_site(call: Call[SiteRequest]) -> Reply:
    outcome = sites.create_site(call.state, site_details(call.body))
    return reply(outcome, site_response(outcome.value), rules=("U10",))


def update_site(call: Call[SiteUpdateRequest]) -> Reply:
    body = call.body
    change = SiteChange(
        tariff=tariff(body.tariff) if body.tariff else None,
        street_address=body.address,
        postcode=body.postcode,
        mpan=body.mpan,
        email=body.email,
    )
    try:
        outcome = change_site_and_plans(call.state, call.values["site_id"], change=change, now=call.now)
    except ChangeNotTaken as refusal:
        raise refusal if own_site(call) is None else discreet(refusal) from None
    return reply(outcome, site_response(outcome.value), rules=("U14",))


def delete_site(call: Call[None]) -> Reply:
    return reply(delete(call.state, call.values["site_id"]), None, rules=("L10",))


def site_details(request: SiteRequest) -> SiteDetails:
    return SiteDetails(
        mpan=request.mpan,
        postcode=request.postcode,
        street_address=request.street_address,
        email=request.email,
        consent_at=request.gave_boundary_meter_consent_at,
    )


def tariff(request: TariffRequest) -> Tariff:
    return Tariff(request.tariff_type, request.tariff_cheap_start_time, request.tariff_cheap_end_time)


def tariff_response(tariff: Tariff) -> TariffResponse:
    return TariffResponse(
        tariff_type=tariff.type,
        tariff_cheap_start_time=tariff.cheap_from,
        tariff_cheap_end_time=tariff.cheap_to,
    )


def site_response(site: Site) -> SiteResponse:
    """Source: L13, U10."""
    methods = site.methods_in
    return SiteResponse(
        id=site.id,
        mpan=site.mpan,
        postcode=site.postcode,
        address=site.street_address,
        asset_ids=list(site.asset_ids),
        markets=[MarketResponse(market) for market in markets_of(methods)],
        dispatch_methods=[DispatchMethodResponse(method) for method in methods],
        tariff=tariff_response(site.tariff) if site.tariff else None,
        gave_boundary_meter_consent_at=site.consent_at,
    )


HANDLERS = (
    Handler("GET /entities/site", get_sites),
    Handler("POST /entities/site", create_site, SiteRequest),
    Handler("GET /entities/site/{site_id}", get_site),
    Handler("PATCH /entities/site/{site_id}", update_site, SiteUpdateRequest),
    Handler("DELETE /entities/site/{site_id}", delete_site),
)
