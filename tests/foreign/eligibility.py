"""Meters, models, and who may take part in what. Source: Q1-Q10."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from tests.foreign.access import SecuredRoute
from tests.foreign.bodies import AssetBody, EligibilityBody, MpanBody, Proposition
from tests.foreign.errors import Refusal
from tests.foreign.store import PROPOSITIONS, Asset, Site

MODELS = {"axle_charger_v1": True, "zappi": True, "basic_charger": False}
"""Whether each known model is qualified under CoP11. Source: Q6."""

SERVING: dict[Proposition, tuple[str, ...]] = {
    "limited_pause": ("charger",),
    "full_asset_schedule_control": ("charger", "battery", "electric_vehicle"),
}
WEIGHTS = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)

router = APIRouter(route_class=SecuredRoute)


@dataclass(frozen=True)
class Meter:
    is_half_hourly_settled: bool = True
    is_domestic: bool = True
    imports: bool = True


METERS = {
    "1100000000017": Meter(is_half_hourly_settled=False),
    "1100000000026": Meter(is_domestic=False),
    "1100000000035": Meter(imports=False),
}
"""Those that differ from an ordinary home's. Source: Q7."""


class Verdict(BaseModel):
    proposition: Proposition
    is_eligible: bool
    issues: list[str]


class AssetEligibility(BaseModel):
    asset_id: UUID
    external_id: str
    propositions: list[Verdict]


class SiteProperties(BaseModel):
    is_half_hourly_settled: bool
    has_meter_consent: bool


class SiteEligibility(BaseModel):
    eligible_propositions: list[Proposition]
    site_id: UUID
    site_properties: SiteProperties
    assets: list[AssetEligibility]


class HomeEligibility(BaseModel):
    is_half_hourly_settled: bool
    propositions: list[Verdict]


def meter_at(mpan: str) -> Meter:
    return METERS.get(mpan, Meter())


def check_mpan(mpan: str, *loc: str) -> None:
    """Raises: Refusal. Source: U8."""
    if not re.fullmatch("[0-9]{13}", mpan):
        raise Refusal(422, "an MPAN has 13 digits", loc=loc)


def takes_cop11_route(asset: Asset | AssetBody) -> bool:
    """Source: Q1."""
    return asset.installation_date is not None and MODELS.get(asset.asset_model or "", False)


def is_eligible(asset: Asset, site: Site, proposition: Proposition) -> bool:
    """Tell whether an asset may take part, consent aside. Source: Q1, Q3."""
    meter = meter_at(site.mpan)
    has_route = meter.is_half_hourly_settled or takes_cop11_route(asset)
    return meter.is_domestic and has_route and asset.type in SERVING[proposition]


def may_enrol(site: Site, assets: Sequence[Asset], proposition: Proposition) -> bool:
    """Source: Q1, Q2."""
    eligible = [asset for asset in assets if is_eligible(asset, site, proposition)]
    return any(site.gave_boundary_meter_consent_at or takes_cop11_route(asset) for asset in eligible)


def eligibility(site: Site, assets: Sequence[Asset]) -> SiteEligibility:
    meter = meter_at(site.mpan)
    has_consent = site.gave_boundary_meter_consent_at is not None
    return SiteEligibility(
        eligible_propositions=[one for one in PROPOSITIONS if _is_open(site, assets, one)],
        site_id=site.id,
        site_properties=SiteProperties(
            is_half_hourly_settled=meter.is_half_hourly_settled, has_meter_consent=has_consent
        ),
        assets=[_asset_eligibility(asset, site) for asset in assets],
    )


def _is_open(site: Site, assets: Sequence[Asset], proposition: Proposition) -> bool:
    """Tell whether enrol would be accepted now. Source: Q3."""
    return site.is_in(proposition) or (proposition not in site.standings and may_enrol(site, assets, proposition))


def _asset_eligibility(asset: Asset, site: Site) -> AssetEligibility:
    issues = list(_issues(asset.asset_model, meter_at(site.mpan), is_dated=asset.installation_date is not None))
    verdicts = [Verdict(proposition=p, is_eligible=is_eligible(asset, site, p), issues=issues) for p in PROPOSITIONS]
    return AssetEligibility(asset_id=asset.id, external_id=asset.external_id, propositions=verdicts)


def _issues(asset_model: str | None, meter: Meter, *, is_dated: bool) -> Iterator[str]:
    """Source: Q3."""
    if asset_model is not None and asset_model not in MODELS:
        yield "asset_model_not_found"
    elif not meter.is_half_hourly_settled and asset_model is None:
        yield "asset_model_not_set"
    elif not meter.is_half_hourly_settled and not MODELS[asset_model or ""]:
        yield "asset_model_not_cop11_qualified"
    if not meter.is_half_hourly_settled and not is_dated:
        yield "asset_installation_date_not_set"
    if not meter.is_domestic:
        yield "non_domestic_site"


def is_known(asset_model: str | None) -> bool:
    return asset_model is None or asset_model in MODELS


@router.post("/entities/site/check-eligibility")
async def check_eligibility(body: EligibilityBody) -> HomeEligibility:
    """Source: Q5."""
    if not is_known(body.asset_model):
        raise Refusal(404, "the asset_model is unknown")
    check_mpan(body.mpan, "body", "mpan")
    meter = meter_at(body.mpan)
    issues = list(_issues(body.asset_model, meter, is_dated=True))
    verdicts = [Verdict(proposition=one, is_eligible=not issues, issues=issues) for one in PROPOSITIONS]
    return HomeEligibility(is_half_hourly_settled=meter.is_half_hourly_settled, propositions=verdicts)


@router.post("/validation/mpan")
async def validate_mpan(body: MpanBody) -> dict[str, bool]:
    """Source: Q10."""
    faults = list(_faults(body.mpan))
    if faults:
        raise Refusal(400, faults)
    if not meter_at(body.mpan).imports:
        raise Refusal(404, ["no import meter is connected at this MPAN"])
    return {"isValid": True}


def _faults(mpan: str) -> Iterator[str]:
    has_length, has_digits = len(mpan) == 13, bool(re.fullmatch("[0-9]*", mpan))
    if not has_length:
        yield "an MPAN has 13 characters"
    if not has_digits:
        yield "an MPAN has digits only"
    if has_length and has_digits:
        total = sum(int(digit) * weight for digit, weight in zip(mpan, WEIGHTS, strict=False))
        if total % 11 % 10 != int(mpan[-1]):
            yield "the check digit is wrong"
