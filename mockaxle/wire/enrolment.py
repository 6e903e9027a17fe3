"""Onboarding and enrolment as they are sent and answered."""

from typing import Literal

from mockaxle.core.lifecycle import Status
from mockaxle.core.records import Proposition
from mockaxle.wire.assets import AssetResponse, OnboardingAssetRequest
from mockaxle.wire.eligibility import SiteEligibilityDetail
from mockaxle.wire.shape import Component, Id, Instant, Optional
from mockaxle.wire.sites import SiteDispatchConsentRequest, SiteRequest, SiteResponse


class OnboardRequest(Component):
    site: SiteRequest
    assets: list[OnboardingAssetRequest]
    proposition: Proposition
    override_withdrawal: bool = False


class InitialiseRequest(Component):
    site: SiteRequest
    assets: list[OnboardingAssetRequest]


class EnrolRequest(Component):
    proposition: Proposition
    override_withdrawal: bool = False
    gave_boundary_meter_consent_at: Optional[Instant] = None


class UnenrolRequest(Component):
    proposition: Proposition


class OnboardingRequest(Component):
    site: SiteRequest
    asset: OnboardingAssetRequest
    dispatch_consent: SiteDispatchConsentRequest


class InitialiseSiteResult(Component):
    site_id: Id
    site_created: bool
    fields_updated: Optional[list[str]] = None
    warnings: Optional[list[str]] = None


class InitialiseAssetResult(Component):
    asset_id: Id
    external_id: str
    asset_created: bool
    fields_updated: Optional[list[str]] = None
    warnings: Optional[list[str]] = None


class EnrolResponse(Component):
    site_id: Id
    status: Literal[Status.ENROLLED, Status.ALREADY_ENROLLED]


class UnenrolResponse(Component):
    site_id: Id
    status: Literal[Status.UNENROLLED, Status.ALREADY_UNENROLLED]


class OnboardingResponse(Component):
    site: SiteResponse
    asset: AssetResponse


class InitialiseResponse(Component):
    site: InitialiseSiteResult
    assets: list[InitialiseAssetResult]
    eligibility: SiteEligibilityDetail


class OnboardResponse(Component):
    site: InitialiseSiteResult
    assets: list[InitialiseAssetResult]
    enrolment: EnrolResponse
