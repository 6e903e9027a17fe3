"""Onboarding, enrolment and offboarding over HTTP."""

from mockaxle.core import enrolment
from mockaxle.core.enrolment import Onboarded, SiteWithAsset
from mockaxle.core.lifecycle import Status
from mockaxle.core.records import DispatchMethod
from mockaxle.core.state import site_of
from mockaxle.core.upsert import Upserted
from mockaxle.server.call import Call, Handler, Reply, reply
from mockaxle.server.operations.assets import asset_details, asset_response
from mockaxle.server.operations.eligibility import site_eligibility
from mockaxle.server.operations.sites import site_details, site_response
from mockaxle.wire.assets import OnboardingAssetRequest
from mockaxle.wire.enrolment import (
    EnrolRequest,
    EnrolResponse,
    InitialiseAssetResult,
    InitialiseRequest,
    InitialiseResponse,
    InitialiseSiteResult,
    OnboardingRequest,
    OnboardingResponse,
    OnboardRequest,
    OnboardResponse,
    UnenrolRequest,
    UnenrolResponse,
)
from mockaxle.wire.sites import SiteDispatchConsentRequest, SiteMeterConsentRequest


def onboard(call: Call[OnboardRequest]) -> Reply:
    outcome = enrolment.onboard(
        call.state,
        site_details(call.body.site),
        assets=[asset_details(asset) for asset in call.body.assets],
        proposition=call.body.proposition,
        override_withdrawal=call.body.override_withdrawal,
        now=call.now,
    )
    return reply(outcome, onboard_response(outcome.value, call.body.assets), rules=("L0", "U1"))


def initialise(call: Call[InitialiseRequest]) -> Reply:
    assets = [asset_details(asset) for asset in call.body.assets]
    outcome = enrolment.initialise(call.state, site_details(call.body.site), assets=assets, now=call.now)
    done = outcome.value
    body = InitialiseResponse(
        site=site_result(done.site),
        assets=asset_results(done.assets, call.body.assets),
        eligibility=site_eligibility(outcome.state, site_of(outcome.state, done.site.id)),
    )
    return reply(outcome, body, rules=("L0", "U1"))


def enrol(call: Call[EnrolRequest]) -> Reply:
    site_id = call.values["site_id"]
    outcome = enrolment.enrol(
        call.state,
        site_id,
        proposition=call.body.proposition,
        override_withdrawal=call.body.override_withdrawal,
        consent_at=call.body.gave_boundary_meter_consent_at,
        now=call.now,
    )
    return reply(outcome, enrol_response(site_id, outcome.value), rules=("L0", "L4"))


def unenrol(call: Call[UnenrolRequest]) -> Reply:
    site_id = call.values["site_id"]
    outcome = enrolment.unenrol(call.state, site_id, proposition=call.body.proposition, now=call.now)
    status = outcome.value
    assert status is Status.UNENROLLED or status is Status.ALREADY_UNENROLLED, "so says the lifecycle's table"
    return reply(outcome, UnenrolResponse(site_id=site_id, status=status), rules=("L0", "L3"))


def offboard(call: Call[None]) -> Reply:
    outcome = enrolment.offboard(call.state, call.values["site_id"])
    return reply(outcome, site_with_asset(outcome.value), rules=("L0", "L6"))


def onboard_site_and_asset(call: Call[OnboardingRequest]) -> Reply:
    outcome = enrolment.register(
        call.state,
        site_details(call.body.site),
        asset=asset_details(call.body.asset),
        methods=[DispatchMethod(method) for method in call.body.dispatch_consent.dispatch_methods],
        now=call.now,
    )
    return reply(outcome, site_with_asset(outcome.value), rules=("L0", "U11"))


def meter_consent(call: Call[SiteMeterConsentRequest]) -> Reply:
    consent_at = call.body.gave_boundary_meter_consent_at
    outcome = enrolment.meter_consent(call.state, call.values["site_id"], consent_at=consent_at)
    return reply(outcome, site_response(outcome.value), rules=("Q2",))


def dispatch_consent(call: Call[SiteDispatchConsentRequest]) -> Reply:
    methods = [DispatchMethod(method) for method in call.body.dispatch_methods]
    outcome = enrolment.dispatch_consent(call.state, call.values["site_id"], methods=methods, now=call.now)
    return reply(outcome, site_response(outcome.value), rules=("L0", "L12"))


def dispatch_deconsent(call: Call[SiteDispatchConsentRequest]) -> Reply:
    methods = [DispatchMethod(method) for method in call.body.dispatch_methods]
    outcome = enrolment.dispatch_deconsent(call.state, call.values["site_id"], methods=methods, now=call.now)
    return reply(outcome, site_response(outcome.value), rules=("L0", "L12"))


def onboard_response(done: Onboarded, assets: list[OnboardingAssetRequest]) -> OnboardResponse:
    """Source: U2."""
    return OnboardResponse(
        site=site_result(done.initialised.site),
        assets=asset_results(done.initialised.assets, assets),
        enrolment=enrol_response(done.initialised.site.id, done.status),
    )


def enrol_response(site_id: str, status: Status | None) -> EnrolResponse:
    assert status is Status.ENROLLED or status is Status.ALREADY_ENROLLED, "so says the lifecycle's table"
    return EnrolResponse(site_id=site_id, status=status)


def site_with_asset(done: SiteWithAsset) -> OnboardingResponse:
    return OnboardingResponse(site=site_response(done.site), asset=asset_response(done.asset))


def site_result(site: Upserted) -> InitialiseSiteResult:
    return InitialiseSiteResult(
        site_id=site.id,
        site_created=site.created,
        fields_updated=list(site.fields_updated),
        warnings=list(site.warnings),
    )


def asset_results(assets: tuple[Upserted, ...], requests: list[OnboardingAssetRequest]) -> list[InitialiseAssetResult]:
    return [
        InitialiseAssetResult(
            asset_id=asset.id,
            external_id=request.external_id,
            asset_created=asset.created,
            fields_updated=list(asset.fields_updated),
            warnings=list(asset.warnings),
        )
        for asset, request in zip(assets, requests, strict=True)
    ]


HANDLERS = (
    Handler("POST /entities/site/onboard", onboard, OnboardRequest),
    Handler("POST /entities/site/initialise", initialise, InitialiseRequest),
    Handler("POST /entities/site/{site_id}/enrol", enrol, EnrolRequest),
    Handler("POST /entities/site/{site_id}/unenrol", unenrol, UnenrolRequest),
    Handler("POST /entities/site/{site_id}/offboard-site-and-assets", offboard),
    Handler("POST /entities/site/onboard-site-and-asset", onboard_site_and_asset, OnboardingRequest),
    Handler("POST /entities/site/{site_id}/meter-consent", meter_consent, SiteMeterConsentRequest),
    Handler("POST /entities/site/{site_id}/dispatch-consent", dispatch_consent, SiteDispatchConsentRequest),
    Handler("POST /entities/site/{site_id}/dispatch-deconsent", dispatch_deconsent, SiteDispatchConsentRequest),
)
