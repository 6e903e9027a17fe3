"""Onboarding and enrolment as they are sent and answered."""

from typing import Literal
from uuid import UUID

from mockaxle.wire.assets import OnboardingAssetRequest
from mockaxle.wire.shape import Component, Optional
from mockaxle.wire.sites import SiteRequest

Proposition = Literal["limited_pause", "full_asset_schedule_control"]


class OnboardRequest(Component):
    site: SiteRequest
    assets: list[OnboardingAssetRequest]
    proposition: Proposition
    override_withdrawal: bool = False


class InitialiseSiteResult(Component):
    site_id: UUID
    site_created: bool
    fields_updated: Optional[list[str]] = None
    warnings: Optional[list[str]] = None


class InitialiseAssetResult(Component):
    asset_id: UUID
    external_id: str
    asset_created: bool
    fields_updated: Optional[list[str]] = None
    warnings: Optional[list[str]] = None


class EnrolResponse(Component):
    site_id: UUID
    status: Literal["enrolled", "already_enrolled"]


class OnboardResponse(Component):
    site: InitialiseSiteResult
    assets: list[InitialiseAssetResult]
    enrolment: EnrolResponse
