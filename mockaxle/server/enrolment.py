"""Onboarding and enrolment over HTTP."""

from uuid import UUID

from mockaxle.core import enrolment
from mockaxle.core.enrolment import Onboarded
from mockaxle.core.records import DispatchMethod
from mockaxle.core.upsert import Upserted
from mockaxle.server.assets import asset_details
from mockaxle.server.call import Call, Handler, Reply, reply
from mockaxle.server.sites import site_details
from mockaxle.wire.assets import OnboardingAssetRequest
from mockaxle.wire.enrolment import (
    EnrolResponse,
    InitialiseAssetResult,
    InitialiseSiteResult,
    OnboardRequest,
    OnboardResponse,
)


def onboard(call: Call[OnboardRequest]) -> Reply:
    outcome = enrolment.onboard(
        call.state,
        site_details(call.body.site),
        assets=[asset_details(asset) for asset in call.body.assets],
        proposition=DispatchMethod(call.body.proposition),
        override_withdrawal=call.body.override_withdrawal,
        now=call.now,
    )
    return reply(outcome, onboard_response(outcome.value, call.body.assets), rules=("L0", "U1"))


def onboard_response(done: Onboarded, assets: list[OnboardingAssetRequest]) -> OnboardResponse:
    """Source: U2."""
    site_id = UUID(done.initialised.site.id)
    return OnboardResponse(
        site=site_result(done.initialised.site),
        assets=[asset_result(a, b.external_id) for a, b in zip(done.initialised.assets, assets, strict=True)],
        enrolment=EnrolResponse(site_id=site_id, status=done.status.value),
    )


def site_result(site: Upserted) -> InitialiseSiteResult:
    return InitialiseSiteResult(
        site_id=UUID(site.id),
        site_created=site.created,
        fields_updated=list(site.fields_updated),
        warnings=list(site.warnings),
    )


def asset_result(asset: Upserted, external_id: str) -> InitialiseAssetResult:
    return InitialiseAssetResult(
        asset_id=UUID(asset.id),
        external_id=external_id,
        asset_created=asset.created,
        fields_updated=list(asset.fields_updated),
        warnings=list(asset.warnings),
    )


HANDLERS = (Handler("POST /entities/site/onboard", onboard, OnboardRequest),)
