"""Faults in the code of the lifecycle: cells of the table, races, and the end of a site."""

import asyncio
from typing import Any

from mockaxle.core import assets, enrolment, lifecycle, state
from mockaxle.core.lifecycle import IN, LIFECYCLE, OUT, Move, Status, Trigger
from mockaxle.core.records import PROPOSITIONS, DispatchMethod, Standing
from mockaxle.core.rule_errors import SiteInUse
from mockaxle.core.state import Outcome, put_site, site_of
from mockaxle.server.operations import sites
from mockaxle.serving import asgi
from mockaxle.world.entries import Request
from tests.mutants.planting import Planter, in_code


def cell(planter: Planter, call: Trigger, column: int, value: Any) -> None:
    """One cell of the table: absent 0, out 1, in 2, withdrawn 3."""
    row = list(LIFECYCLE[call])
    row[column] = value
    planter.setitem(LIFECYCLE, call, tuple(row))


@in_code("L4a", "L0c")
def enrol_twice_enrols_twice(planter: Planter) -> None:
    cell(planter, Trigger.ENROL, 2, lifecycle.enters)


@in_code("L0a", "L4a")
def onboard_twice_enrols_twice(planter: Planter) -> None:
    cell(planter, Trigger.ONBOARD, 2, lifecycle.enters)


@in_code("L4c", "L0d")
def unenrol_twice_unenrols_twice(planter: Planter) -> None:
    cell(planter, Trigger.UNENROL, 3, Move(OUT, Status.UNENROLLED))


@in_code("L5a", "L0d")
def withdrawal_forgotten(planter: Planter) -> None:
    cell(planter, Trigger.UNENROL, 2, Move(OUT, Status.UNENROLLED))


@in_code("L5b", "L0c")
def override_ignored(planter: Planter) -> None:
    cell(planter, Trigger.ENROL_AGAIN, 3, lifecycle.needs_override)


@in_code("L5b", "L0a")
def override_ignored_by_onboard(planter: Planter) -> None:
    cell(planter, Trigger.ONBOARD_AGAIN, 3, lifecycle.needs_override)


@in_code("L5a", "L0a")
def withdrawal_ignored_by_onboard(planter: Planter) -> None:
    cell(planter, Trigger.ONBOARD, 3, lifecycle.enters)


@in_code("L1d", "L0d", "L3a", "L3c", "L4c", "L13a")
def unenrol_does_nothing(planter: Planter) -> None:
    cell(planter, Trigger.UNENROL, 2, Move(IN, Status.UNENROLLED))


@in_code("L12a", "L0e", "L3a", "L3c", "L13a")
def consent_ignored(planter: Planter) -> None:
    cell(planter, Trigger.CONSENT, 1, lifecycle.out)


@in_code("L0f", "L5a")
def deconsent_forgets(planter: Planter) -> None:
    cell(planter, Trigger.DECONSENT, 2, lifecycle.out)


@in_code("L3a", "L0d", "L13a")
def unenrol_stops_both(planter: Planter) -> None:
    one = enrolment.unenrol

    def both(state: Any, site_id: str, *, proposition: Any, now: Any) -> Any:
        first = one(state, site_id, proposition=proposition, now=now)
        left = first.state
        for other in PROPOSITIONS:
            left = one(left, site_id, proposition=other, now=now).state
        return Outcome(left, first.value)

    planter.setattr(enrolment, "unenrol", both)


@in_code("L0a", "L3a", "L3c", "L13a")
def onboarding_again_unenrols_the_other(planter: Planter) -> None:
    enter = enrolment.onboard

    def alone(state: Any, details: Any, *, proposition: Any, now: Any, **more: Any) -> Any:
        done = enter(state, details, proposition=proposition, now=now, **more)
        left, site_id = done.state, done.value.initialised.site.id
        for other in PROPOSITIONS:
            if other is not proposition:
                left = enrolment.unenrol(left, site_id, proposition=other, now=now).state
        return Outcome(left, done.value)

    planter.setattr(enrolment, "onboard", alone)


@in_code("L10b", "L0i", "E4b")
def site_in_use_deleted(planter: Planter) -> None:
    delete = enrolment.delete_site

    def always(state_before: Any, site_id: str) -> Any:
        try:
            return delete(state_before, site_id)
        except SiteInUse:
            site = state.site_of(state_before, site_id)
            return Outcome(state.drop_site(state_before, site), None)

    planter.setattr(sites, "delete", always)


@in_code("L6b")
def offboard_leaves_an_asset_readable(planter: Planter) -> None:
    forget = state._forget

    def keep(before: Any, asset: Any) -> Any:
        return forget(before, asset)._replace(assets=before.assets)

    planter.setattr(state, "_forget", keep)


@in_code("L6a", "L0h", "L1e", "E4b", "U2b")
def offboard_leaves_the_site(planter: Planter) -> None:
    leave = enrolment.offboard

    def stay(before: Any, site_id: str) -> Any:
        return Outcome(before, leave(before, site_id).value)

    planter.setattr(enrolment, "offboard", stay)


@in_code("L9a", "L3a", "L3c", "L0j", "L13a")
def a_new_asset_unenrols(planter: Planter) -> None:
    create = assets.create_asset

    def alone(state: Any, details: Any, *, site_id: str, now: Any) -> Any:
        done = create(state, details, site_id=site_id, now=now)
        site = site_of(done.state, site_id)
        out = site._replace(standings=site.moved(DispatchMethod.LIMITED_PAUSE, Standing.OUT))
        return Outcome(put_site(done.state, out), done.value)

    planter.setattr(assets, "create_asset", alone)


@in_code("U1c", "U2b", "U5a")
def a_second_onboard_makes_a_second_site(planter: Planter) -> None:
    planter.setattr(enrolment, "site_at", lambda state, mpan: None)


@in_code("U1e", "U1c")
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
