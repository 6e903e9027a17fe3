"""Sites that exist: reading, enrolling, and leaving. Source: L0-L13."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel

from tests.foreign.access import Own, SecuredRoute
from tests.foreign.bodies import EnrolBody, Proposition, UnenrolBody
from tests.foreign.eligibility import SiteEligibility, eligibility, may_enrol
from tests.foreign.errors import Refusal
from tests.foreign.store import Asset, Site

literals = APIRouter()
"""To be included after the operations at these paths, and before those by the id of a site."""

router = APIRouter(route_class=SecuredRoute)


class Standing(BaseModel):
    site_id: UUID
    status: Literal["enrolled", "already_enrolled", "unenrolled", "already_unenrolled"]


class Offboarded(BaseModel):
    site: Site
    asset: Asset


class FlexEvents(BaseModel):
    site_id: UUID
    events: list[object]


def enter(site: Site, assets: Sequence[Asset], proposition: Proposition, *, overriding: bool) -> Standing:
    """Enrol a site in a proposition. Raises: Refusal. Source: L0, L4, L5."""
    if site.is_in(proposition):
        return Standing(site_id=site.id, status="already_enrolled")
    if site.standings.get(proposition) == "withdrawn" and not overriding:
        raise Refusal(422, f"the site left {proposition}: override_withdrawal is needed")
    if not may_enrol(site, assets, proposition):
        raise Refusal(422, f"the site is not eligible for {proposition}")
    site.standings[proposition] = "in"
    return Standing(site_id=site.id, status="enrolled")


@literals.get("/entities/site/check-eligibility", include_in_schema=False)
@literals.get("/entities/site/initialise", include_in_schema=False)
@literals.get("/entities/site/onboard", include_in_schema=False)
async def refuse_get() -> None:
    """Keep these paths from being read as ids of sites. Source: G8."""
    raise HTTPException(405, headers={"Allow": "POST"})


@router.get("/entities/site/{site_id}")
async def read_site(site_id: UUID, own: Own) -> Site:
    return own.site(site_id)


@router.get("/entities/site/{site_id}/eligibility")
async def read_eligibility(site_id: UUID, own: Own) -> SiteEligibility:
    site = own.site(site_id)
    return eligibility(site, own.assets_of(site))


@router.get("/entities/site/{site_id}/flex-events")
async def read_flex_events(site_id: UUID, own: Own) -> FlexEvents:
    """Answer no event, since this fake carries out no pause."""
    return FlexEvents(site_id=own.site(site_id).id, events=[])


@router.post("/entities/site/{site_id}/enrol")
async def enrol(site_id: UUID, body: EnrolBody, own: Own) -> Standing:
    site = own.site(site_id).model_copy(deep=True)
    site.gave_boundary_meter_consent_at = body.gave_boundary_meter_consent_at or site.gave_boundary_meter_consent_at
    entered = enter(site, own.assets_of(site), body.proposition, overriding=body.override_withdrawal)
    if entered.status == "enrolled":
        own.save(site, [])
    return entered


@router.post("/entities/site/{site_id}/unenrol")
async def unenrol(site_id: UUID, body: UnenrolBody, own: Own) -> Standing:
    site = own.site(site_id)
    if not site.is_in(body.proposition):
        return Standing(site_id=site_id, status="already_unenrolled")
    site.standings[body.proposition] = "withdrawn"
    return Standing(site_id=site_id, status="unenrolled")


@router.post("/entities/site/{site_id}/offboard-site-and-assets")
async def offboard(site_id: UUID, own: Own) -> Offboarded:
    site = own.site(site_id)
    assets = own.assets_of(site)
    if not assets:
        raise Refusal(400, "the site has no asset")
    own.remove(site)
    return Offboarded(site=site, asset=assets[0])
