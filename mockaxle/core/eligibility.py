"""Eligibility, by meter, asset type and model: rules Q1-Q4."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from mockaxle.core.assets import AssetDetails
from mockaxle.core.records import Asset, AssetType, DispatchMethod, Site
from mockaxle.core.reference import Meter, Model, Reference
from mockaxle.core.rule_errors import ConsentNotStored, ModelUnknown, NoAssetEligible, NoAssetServes, NonDomesticSite
from mockaxle.core.sites import check_mpan

SERVING = {
    DispatchMethod.LIMITED_PAUSE: (AssetType.CHARGER,),
    DispatchMethod.FULL_ASSET_SCHEDULE_CONTROL: (AssetType.CHARGER, AssetType.BATTERY, AssetType.ELECTRIC_VEHICLE),
}


class EligibilityCode(StrEnum):
    """Source: Q3."""

    ASSET_MODEL_NOT_SET = "asset_model_not_set"
    ASSET_MODEL_NOT_FOUND = "asset_model_not_found"
    ASSET_MODEL_NOT_COP11_QUALIFIED = "asset_model_not_cop11_qualified"
    ASSET_INSTALLATION_DATE_NOT_SET = "asset_installation_date_not_set"
    ASSET_MODEL_ENROL_ELIGIBILITY_OVERRIDE = "asset_model_enrol_eligibility_override"
    NON_DOMESTIC_SITE = "non_domestic_site"


class Verdict(NamedTuple):
    """The eligibility of an asset, consent aside, and the codes that explain it. Source: Q3."""

    eligible: bool
    issues: tuple[EligibilityCode, ...]


class MpanVerdict(NamedTuple):
    """The eligibility of any asset of a model at an MPAN; type and date are not known. Source: Q5."""

    half_hourly_settled: bool
    verdict: Verdict


def takes_cop11_route(asset: Asset | AssetDetails, reference: Reference) -> bool:
    """Tell whether the asset meters itself, so that no consent to the boundary meter is needed. Source: Q1."""
    model = reference.models.get(asset.model or "")
    return model is not None and model.cop11_qualified and asset.installed_on is not None


def judge(asset: Asset, site: Site, *, method: DispatchMethod, reference: Reference) -> Verdict:
    """Judge whether the asset takes part once its site is enrolled. Source: Q1, Q3, Q4."""
    meter = reference.meter(site.mpan)
    issues = _model_issues(asset.model, meter, reference=reference)
    if asset.installed_on is None and not meter.half_hourly_settled and not _is_overridden(asset.model, reference):
        issues = (*issues, EligibilityCode.ASSET_INSTALLATION_DATE_NOT_SET)
    route = meter.half_hourly_settled or takes_cop11_route(asset, reference) or _is_overridden(asset.model, reference)
    return Verdict(meter.domestic and asset.type in SERVING[method] and route, issues + _meter_issues(meter))


def judge_mpan(mpan: str, model: str | None, *, reference: Reference) -> MpanVerdict:
    """Judge a home with an asset of a model. Raises: ModelUnknown, InvalidMpan. Source: Q5."""
    if model is not None and model not in reference.models:
        raise ModelUnknown(model)
    check_mpan(mpan, field=("mpan",))
    meter = reference.meter(mpan)
    known = reference.models.get(model or "") or Model("")
    route = meter.half_hourly_settled or known.cop11_qualified or known.eligibility_override
    issues = _model_issues(model, meter, reference=reference) + _meter_issues(meter)
    return MpanVerdict(meter.half_hourly_settled, Verdict(meter.domestic and route, issues))


def admit(site: Site, assets: Sequence[Asset], *, method: DispatchMethod, reference: Reference) -> None:
    """Check that a site with its assets may enter the method. Raises: NotAdmitted. Source: Q1, Q2, Q4."""
    verdicts = [(asset, judge(asset, site, method=method, reference=reference)) for asset in assets]
    eligible = [asset for asset, verdict in verdicts if verdict.eligible]
    if any(site.consent_at or takes_cop11_route(asset, reference) for asset in eligible):
        return
    if eligible:
        raise ConsentNotStored(method)
    if not reference.meter(site.mpan).domestic:
        raise NonDomesticSite(method)
    issues = [verdict.issues for asset, verdict in verdicts if asset.type in SERVING[method]]
    if not issues:
        raise NoAssetServes(method, SERVING[method])
    raise NoAssetEligible(method, tuple(dict.fromkeys(issue for found in issues for issue in found)))


def _model_issues(name: str | None, meter: Meter, *, reference: Reference) -> tuple[EligibilityCode, ...]:
    """An unknown model is always reported; other CoP11 issues only if the meter is not half-hourly settled."""
    model = reference.models.get(name or "")
    if name is not None and model is None:
        return (EligibilityCode.ASSET_MODEL_NOT_FOUND,)
    if _is_overridden(name, reference):
        return (EligibilityCode.ASSET_MODEL_ENROL_ELIGIBILITY_OVERRIDE,)
    if meter.half_hourly_settled:
        return ()
    if model is None:
        return (EligibilityCode.ASSET_MODEL_NOT_SET,)
    return () if model.cop11_qualified else (EligibilityCode.ASSET_MODEL_NOT_COP11_QUALIFIED,)


def _meter_issues(meter: Meter) -> tuple[EligibilityCode, ...]:
    return () if meter.domestic else (EligibilityCode.NON_DOMESTIC_SITE,)


def _is_overridden(model: str | None, reference: Reference) -> bool:
    known = reference.models.get(model or "")
    return known is not None and known.eligibility_override
