"""Faults in what happens when a call is repeated, or sent many times at once."""

import asyncio
from typing import Any

from mockaxle.core import eligibility, sites
from mockaxle.core import enrolment as steps
from mockaxle.core.lifecycle import OUT, Move, Status, Trigger, enters
from mockaxle.core.records import AssetType
from mockaxle.core.state import put_site, site_of
from mockaxle.core.upsert import compare
from mockaxle.server.operations import enrolment
from mockaxle.server.surface import Surface
from mockaxle.serving import asgi
from mockaxle.world.entries import Request, Response
from tests.mutants.of_lifecycle import cell
from tests.mutants.planting import Planter, found_by


@found_by("idempotency", "L4")
def enrol_twice_enrols_twice(planter: Planter) -> None:
    cell(planter, Trigger.ENROL, 2, enters)


@found_by("idempotency", "L0")
def onboard_twice_enrols_twice(planter: Planter) -> None:
    cell(planter, Trigger.ONBOARD, 2, enters)


@found_by("idempotency", "L4")
def unenrol_twice_unenrols_twice(planter: Planter) -> None:
    cell(planter, Trigger.UNENROL, 3, Move(OUT, Status.UNENROLLED))


@found_by("idempotency", "U1")
def a_site_is_always_said_to_be_new(planter: Planter) -> None:
    result = enrolment.site_result
    planter.setattr(enrolment, "site_result", lambda site: result(site._replace(created=True)))


@found_by("idempotency", "U1")
def a_second_onboard_makes_a_second_site(planter: Planter) -> None:
    planter.setattr(steps, "site_at", lambda state, mpan: None)


@found_by("idempotency", "U5")
def an_asset_is_always_said_to_be_new(planter: Planter) -> None:
    results = enrolment.asset_results
    planter.setattr(
        enrolment,
        "asset_results",
        lambda found, requests: results(tuple(one._replace(created=True) for one in found), requests),
    )


@found_by("idempotency", "U3")
def merge_overwrites(planter: Planter) -> None:
    fill = sites.fill_in_site

    def overwrite(state: Any, site: Any, *, details: Any) -> Any:
        done = fill(state, site, details=details)
        site = site_of(done.state, site.id)._replace(postcode=details.postcode)
        return done._replace(state=put_site(done.state, site))

    planter.setattr(steps, "fill_in_site", overwrite)


@found_by("idempotency", "U3")
def differences_are_not_reported(planter: Planter) -> None:
    planter.setattr(sites, "compare", lambda site, fields: (*compare(site, fields)[:2], ()))


@found_by("idempotency", "U1")
def onboard_is_not_atomic(planter: Planter) -> None:
    serve = Surface.serve

    def half(self: Any, world: Any, asked: Any) -> Any:
        served = serve(self, world, asked)
        status = served.response.status if isinstance(served.response, Response) else 0
        if status == 422 and asked.request.path.endswith("/onboard"):
            first = asked._replace(operation=self.find("POST", "/entities/site/initialise"))
            served = served._replace(world=serve(self, world, first).world)
        return served

    planter.setattr(Surface, "serve", half)


@found_by("idempotency", "U1")
def a_race_makes_two_sites(planter: Planter) -> None:
    """An onboard reads the world, waits, and writes back what it read, as without a lock."""
    respond = asgi.SurfaceApp._response

    async def unlocked(self: Any, request: Request, receive: Any) -> Any:
        if request.path.endswith("/onboard"):
            worlds = self._answer.__self__.api.worlds
            former = [(hosted, hosted.world) for hosted in worlds._hosted.values()]
            await asyncio.sleep(0.1)
            for hosted, world in former:
                hosted.world = world
        return await respond(self, request, receive)

    planter.setattr(asgi.SurfaceApp, "_response", unlocked)


@found_by("idempotency", "Q4")
def any_asset_serves_any_proposition(planter: Planter) -> None:
    for method in eligibility.SERVING:
        planter.setitem(eligibility.SERVING, method, tuple(AssetType))
