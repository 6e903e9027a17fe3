"""Eligibility over HTTP."""

from mockaxle.core.eligibility import Verdict, judge, judge_mpan
from mockaxle.core.enrolment import would_accept
from mockaxle.core.records import PROPOSITIONS, Asset, Proposition, Site
from mockaxle.core.reference import Reference
from mockaxle.core.state import State, assets_at, site_of
from mockaxle.server.call import Call, Handler, Reply
from mockaxle.wire.eligibility import (
    AssetEligibilityDetail,
    EligibilityCheckRequest,
    EligibilityCheckResponse,
    PropositionEligibility,
    SiteEligibilityDetail,
    SiteProperties,
)


def check_eligibility(call: Call[EligibilityCheckRequest]) -> Reply:
    found = judge_mpan(call.body.mpan, call.body.asset_model, reference=call.state.reference)
    propositions = [proposition_eligibility(method, found.verdict) for method in PROPOSITIONS]
    body = EligibilityCheckResponse(is_half_hourly_settled=found.half_hourly_settled, propositions=propositions)
    return Reply(body, rules=("Q5",))


def get_eligibility(call: Call[None]) -> Reply:
    return Reply(site_eligibility(call.state, site_of(call.state, call.values["site_id"])), rules=("Q3",))


def site_eligibility(state: State, site: Site) -> SiteEligibilityDetail:
    """Source: Q3."""
    return SiteEligibilityDetail(
        eligible_propositions=[m for m in PROPOSITIONS if would_accept(state, site.id, method=m)],
        site_id=site.id,
        site_properties=SiteProperties(
            is_half_hourly_settled=state.reference.meter(site.mpan).half_hourly_settled,
            has_meter_consent=site.consent_at is not None,
        ),
        assets=[asset_eligibility(asset, site, reference=state.reference) for asset in assets_at(state, site)],
    )


def asset_eligibility(asset: Asset, site: Site, *, reference: Reference) -> AssetEligibilityDetail:
    verdicts = {m: judge(asset, site, method=m, reference=reference) for m in PROPOSITIONS}
    return AssetEligibilityDetail(
        asset_id=asset.id,
        external_id=asset.external_id,
        propositions=[proposition_eligibility(method, verdict) for method, verdict in verdicts.items()],
    )


def proposition_eligibility(method: Proposition, verdict: Verdict) -> PropositionEligibility:
    return PropositionEligibility(proposition=method, is_eligible=verdict.eligible, issues=list(verdict.issues))


HANDLERS = (
    Handler("POST /entities/site/check-eligibility", check_eligibility, EligibilityCheckRequest),
    Handler("GET /entities/site/{site_id}/eligibility", get_eligibility),
)
