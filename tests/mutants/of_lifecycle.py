"""Faults in sites' lives."""

from typing import Any

from mockaxle.core import charging, enrolment, lifecycle, state
from mockaxle.core.lifecycle import IN, LIFECYCLE, OUT, Move, Status, Trigger
from mockaxle.core.optimiser import Plan
from mockaxle.core.records import PROPOSITIONS
from mockaxle.core.rule_errors import SiteInUse, SiteUnknown
from mockaxle.core.state import Outcome
from mockaxle.server import refusals
from mockaxle.server.operations import sites
from tests.mutants.planting import Planter, found_by


def cell(planter: Planter, call: Trigger, column: int, value: Any) -> None:
    """One cell of the table: absent 0, out 1, in 2, withdrawn 3."""
    row = list(LIFECYCLE[call])
    row[column] = value
    planter.setitem(LIFECYCLE, call, tuple(row))


@found_by("lifecycle", "L5")
def withdrawal_forgotten(planter: Planter) -> None:
    cell(planter, Trigger.UNENROL, 2, Move(OUT, Status.UNENROLLED))


@found_by("lifecycle", "L5")
def override_ignored(planter: Planter) -> None:
    cell(planter, Trigger.ENROL_AGAIN, 3, lifecycle.needs_override)


@found_by("lifecycle", "L5")
def override_ignored_by_onboard(planter: Planter) -> None:
    cell(planter, Trigger.ONBOARD_AGAIN, 3, lifecycle.needs_override)


@found_by("lifecycle", "L5")
def withdrawal_ignored_by_onboard(planter: Planter) -> None:
    cell(planter, Trigger.ONBOARD, 3, lifecycle.enters)


@found_by("lifecycle", "L3")
def unenrol_does_nothing(planter: Planter) -> None:
    cell(planter, Trigger.UNENROL, 2, Move(IN, Status.UNENROLLED))


@found_by("lifecycle", "L3")
def unenrol_stops_both(planter: Planter) -> None:
    one = enrolment.unenrol

    def both(state: Any, site_id: str, *, proposition: Any, now: Any) -> Any:
        first = one(state, site_id, proposition=proposition, now=now)
        left = first.state
        for other in PROPOSITIONS:
            left = one(left, site_id, proposition=other, now=now).state
        return Outcome(left, first.value)

    planter.setattr(enrolment, "unenrol", both)


@found_by("lifecycle", "L3")
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


@found_by("lifecycle", "L3")
def consent_ignored(planter: Planter) -> None:
    cell(planter, Trigger.CONSENT, 1, lifecycle.out)


@found_by("lifecycle", "L5")
def deconsent_forgets(planter: Planter) -> None:
    cell(planter, Trigger.DECONSENT, 2, lifecycle.out)


@found_by("lifecycle", "L10")
def site_in_use_deleted(planter: Planter) -> None:
    delete = enrolment.delete_site

    def always(state_before: Any, site_id: str) -> Any:
        try:
            return delete(state_before, site_id)
        except SiteInUse:
            site = state.site_of(state_before, site_id)
            return Outcome(state.drop_site(state_before, site), None)

    planter.setattr(sites, "delete", always)


@found_by("lifecycle", "L6")
def offboard_leaves_an_asset_readable(planter: Planter) -> None:
    forget = state._forget

    def keep(before: Any, asset: Any) -> Any:
        return forget(before, asset)._replace(assets=before.assets)

    planter.setattr(state, "_forget", keep)


@found_by("lifecycle", "U2")
def offboard_leaves_the_site(planter: Planter) -> None:
    leave = enrolment.offboard

    def stay(before: Any, site_id: str) -> Any:
        return Outcome(before, leave(before, site_id).value)

    planter.setattr(enrolment, "offboard", stay)


@found_by("lifecycle", "L6")
def deleted_asset_schedulable(planter: Planter) -> None:
    plan = charging.plug_in_schedule

    def always(before: Any, asset_id: str, *, schedule: Any, now: Any) -> Any:
        if before.assets.get(asset_id) is None:
            return Outcome(before, Plan(schedule))
        return plan(before, asset_id, schedule=schedule, now=now)

    planter.setattr(charging, "plug_in_schedule", always)


@found_by("lifecycle", "E4")
def unknown_site_is_400(planter: Planter) -> None:
    planter.setitem(refusals.STATUS, SiteUnknown, 400)
