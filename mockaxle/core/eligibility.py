"""Who may take part: meter, type and model of Q1-Q4."""

from enum import StrEnum

from mockaxle.core.assets import AssetDetails
from mockaxle.core.errors import NotEligible
from mockaxle.core.records import Asset, AssetType, DispatchMethod, Site
from mockaxle.core.reference import Reference
from mockaxle.core.state import State, assets_at

SERVING = {
    DispatchMethod.LIMITED_PAUSE: (AssetType.CHARGER,),
    DispatchMethod.FULL_ASSET_SCHEDULE_CONTROL: (
        AssetType.CHARGER,
        AssetType.BATTERY,
        AssetType.ELECTRIC_VEHICLE,
    ),
}


class Issue(StrEnum):
    """Source: Q3."""

    ASSET_MODEL_NOT_SET = "asset_model_not_set"
    ASSET_MODEL_NOT_FOUND = "asset_model_not_found"
    ASSET_MODEL_NOT_COP11_QUALIFIED = "asset_model_not_cop11_qualified"
    ASSET_INSTALLATION_DATE_NOT_SET = "asset_installation_date_not_set"
    NON_DOMESTIC_SITE = "non_domestic_site"
    ASSET_MODEL_ENROL_ELIGIBILITY_OVERRIDE = "asset_model_enrol_eligibility_override"


def takes_cop11_route(asset: Asset | AssetDetails, reference: Reference) -> bool:
    """The asset meters itself: no consent to the boundary meter is needed. Source: Q1."""
    model = reference.models.get(asset.model or "")
    return model is not None and model.cop11_qualified and asset.installed_on is not None


def serves(asset: Asset, method: DispatchMethod) -> bool:
    """Source: Q4."""
    return asset.type in SERVING[method]


def is_eligible(asset: Asset, site: Site, *, method: DispatchMethod, reference: Reference) -> bool:
    """Whether the asset takes part once its site is enrolled; consent is not asked. Source: Q1, Q3."""
    meter = reference.meter(site.mpan)
    if not (meter.domestic and serves(asset, method)):
        return False
    model = reference.models.get(asset.model or "")
    overridden = model is not None and model.eligibility_override
    return overridden or meter.half_hourly_settled or takes_cop11_route(asset, reference)


def admit(state: State, site: Site, *, method: DispatchMethod) -> None:
    """Passes when the site may enter the method. Raises: NotEligible with every cause. Source: Q1, Q2."""
    reference = state.reference
    eligible = [
        asset for asset in assets_at(state, site) if is_eligible(asset, site, method=method, reference=reference)
    ]
    if any(site.consent_at or takes_cop11_route(asset, reference) for asset in eligible):
        return
    raise NotEligible(
        method, ("consent to the boundary meter is missing",) if eligible else causes(state, site, method)
    )


def causes(state: State, site: Site, method: DispatchMethod) -> tuple[str, ...]:
    """Why no asset of the site is eligible, in words with the issue codes of Q3."""
    if not state.reference.meter(site.mpan).domestic:
        return (Issue.NON_DOMESTIC_SITE,)
    serving = [asset for asset in assets_at(state, site) if serves(asset, method)]
    if not serving:
        return (f"no asset is a {' or '.join(SERVING[method])}",)
    return tuple(dict.fromkeys(issue for asset in serving for issue in model_issues(asset, state.reference)))


def model_issues(asset: Asset, reference: Reference) -> tuple[Issue, ...]:
    """What keeps the asset off the CoP11 route: the model's code first, then the date's. Source: Q3."""
    issues: list[Issue] = []
    model = reference.models.get(asset.model or "")
    if asset.model is None:
        issues.append(Issue.ASSET_MODEL_NOT_SET)
    elif model is None:
        issues.append(Issue.ASSET_MODEL_NOT_FOUND)
    elif not model.cop11_qualified:
        issues.append(Issue.ASSET_MODEL_NOT_COP11_QUALIFIED)
    if asset.installed_on is None:
        issues.append(Issue.ASSET_INSTALLATION_DATE_NOT_SET)
    return tuple(issues)
