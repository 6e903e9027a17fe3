"""Onboarding and initialising: a site with its assets is created or filled in, all or nothing. Source: U1-U7."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from tests.foreign.access import Own, SecuredRoute
from tests.foreign.bodies import AssetBody, InitialiseBody, OnboardBody
from tests.foreign.eligibility import SiteEligibility, check_mpan, eligibility, is_known, takes_cop11_route
from tests.foreign.errors import Refusal
from tests.foreign.sites import Standing, enter
from tests.foreign.store import Asset, Organisation, Site

MAX_EMAIL = 254

router = APIRouter(route_class=SecuredRoute)


class Report(BaseModel):
    """Shape: both lists are empty if the object was created. Source: U2."""

    fields_updated: list[str] = []
    warnings: list[str] = []


class SiteReport(Report):
    site_id: UUID
    site_created: bool


class AssetReport(Report):
    asset_id: UUID
    external_id: str
    asset_created: bool


class Initialised(BaseModel):
    site: SiteReport
    assets: list[AssetReport]
    eligibility: SiteEligibility


class Onboarded(BaseModel):
    site: SiteReport
    assets: list[AssetReport]
    enrolment: Standing


@dataclass
class Upsert:
    """What a call would store. Shape: assets are all of the site's, asset_reports those of the request."""

    site: Site
    report: SiteReport
    assets: list[Asset]
    asset_reports: list[AssetReport] = field(default_factory=list)


@router.post("/entities/site/onboard")
async def onboard(body: OnboardBody, own: Own) -> Onboarded:
    check_mpan(body.site.mpan)
    done = upsert(own, body)
    entered = enter(done.site, done.assets, body.proposition, overriding=body.override_withdrawal)
    own.save(done.site, done.assets)
    return Onboarded(site=done.report, assets=done.asset_reports, enrolment=entered)


@router.post("/entities/site/initialise")
async def initialise(body: InitialiseBody, own: Own) -> Initialised:
    check_mpan(body.site.mpan, "body", "site", "mpan")
    done = upsert(own, body)
    own.save(done.site, done.assets)
    found = eligibility(done.site, done.assets)
    return Initialised(site=done.report, assets=done.asset_reports, eligibility=found)


def upsert(own: Organisation, body: InitialiseBody) -> Upsert:
    """Return copies of the site and its assets with what the body adds; store nothing. Raises: Refusal."""
    site = next((one for one in own.sites.values() if one.mpan == body.site.mpan), None)
    _check_assets(own, body.assets, site=site)
    _check_email(body.site.email)
    if site is None:
        _check_consent(body)
        site = Site(**dict(body.site))
        done = Upsert(site, SiteReport(site_id=site.id, site_created=True), [])
    else:
        site = site.model_copy(deep=True)
        report = SiteReport(site_id=site.id, site_created=False, **fill_in(site, dict(body.site)))
        done = Upsert(site, report, [asset.model_copy(deep=True) for asset in own.assets_of(site)])
    for sent in body.assets:
        done.asset_reports.append(_upsert_asset(done, sent))
    site.asset_ids = [asset.id for asset in done.assets]
    return done


def _check_assets(own: Organisation, sent: list[AssetBody], *, site: Site | None) -> None:
    """Raises: Refusal. Source: U6."""
    named = {asset.external_id: asset for asset in own.assets.values()}
    for number, asset in enumerate(sent):
        known = named.get(asset.external_id)
        if asset.external_id in (one.external_id for one in sent[:number]):
            raise Refusal(409, "an external_id occurs twice in the request")
        if known is not None and (site is None or known.site_id != site.id or known.type != asset.type):
            raise Refusal(409, "the external_id is registered at another site, or with another type")


def _check_email(email: str | None) -> None:
    """Raises: Refusal. Source: U7."""
    if email is not None and not (len(email) <= MAX_EMAIL and re.fullmatch(r"[^@\s]+@[^@\s]+", email)):
        raise Refusal(400, "the email is invalid")


def _check_consent(body: InitialiseBody) -> None:
    """Raises: Refusal. Source: Q2, U7."""
    if body.site.gave_boundary_meter_consent_at is None and not any(map(takes_cop11_route, body.assets)):
        raise Refusal(400, "gave_boundary_meter_consent_at is missing")


def _upsert_asset(done: Upsert, sent: AssetBody) -> AssetReport:
    asset = next((one for one in done.assets if one.external_id == sent.external_id), None)
    fields = dict(sent) | {"properties": sent.properties.model_dump(exclude_none=True)}
    if asset is None:
        asset = Asset(site_id=done.site.id, **fields)
        done.assets.append(asset)
        return AssetReport(asset_id=asset.id, external_id=asset.external_id, asset_created=True)
    filled = fill_in(asset, fields)
    if "asset_model" in filled["fields_updated"] and not is_known(asset.asset_model):
        filled["warnings"].append("asset_model is unknown")
    return AssetReport(asset_id=asset.id, external_id=asset.external_id, asset_created=False, **filled)


def fill_in(record: Site | Asset, sent: Mapping[str, object]) -> dict[str, list[str]]:
    """Set the fields that are missing, properties one by one; report them, and those that differ. Source: U3."""
    report: dict[str, list[str]] = {"fields_updated": [], "warnings": []}
    for name, value in sent.items():
        stored: object = getattr(record, name)
        filled: object = value if stored is None else stored
        differs = value not in (None, filled)
        if isinstance(stored, dict) and isinstance(value, dict):
            filled, differs = value | stored, value | stored != stored | value
        setattr(record, name, filled)
        if filled != stored:
            report["fields_updated"].append(name)
        if differs:
            report["warnings"].append(f"{name} differs from the stored value, which is kept")
    return report
