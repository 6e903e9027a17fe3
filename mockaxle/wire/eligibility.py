"""Eligibility checks as they are sent and answered."""

from typing import Annotated, Any

from pydantic import Field

from mockaxle.core.eligibility import EligibilityCode
from mockaxle.core.records import Proposition
from mockaxle.wire.shape import Component, Id, Optional

__all__ = ["EligibilityCode"]  # the core's own, under the component's name

empty: Any = Field(default_factory=list, json_schema_extra={"default": []})


class PropositionEligibility(Component):
    proposition: Proposition
    is_eligible: bool
    issues: Annotated[list[EligibilityCode], empty]


class AssetEligibilityDetail(Component):
    asset_id: Id
    external_id: str
    propositions: Annotated[list[PropositionEligibility], empty]


class SiteProperties(Component):
    is_half_hourly_settled: bool
    has_meter_consent: bool


class SiteEligibilityDetail(Component):
    eligible_propositions: Annotated[list[Proposition], empty]
    site_id: Id
    site_properties: SiteProperties
    assets: Annotated[list[AssetEligibilityDetail], empty]


class EligibilityCheckRequest(Component):
    mpan: str
    asset_model: Optional[str] = None


class EligibilityCheckResponse(Component):
    is_half_hourly_settled: bool
    propositions: Annotated[list[PropositionEligibility], empty]
