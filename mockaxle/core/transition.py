"""Carries out the moves of the lifecycle's table. Standings change here only."""

from collections.abc import Sequence
from datetime import datetime

from mockaxle.core.announcing import announce_entry
from mockaxle.core.credits import welcome
from mockaxle.core.eligibility import admit
from mockaxle.core.lifecycle import Move, Status, Trigger, move
from mockaxle.core.records import PROPOSITIONS, Asset, DispatchMethod, Site, Standing
from mockaxle.core.reference import Reference
from mockaxle.core.sessions import end_plans, replan
from mockaxle.core.state import Outcome, State, assets_at, put_site, site_of
from mockaxle.core.timestamps import whole_second


def look_up(state: State, site_id: str, *, call: Trigger, method: DispatchMethod) -> Move:
    """Look up the table's cell. In a world without withdrawal_memory, `withdrawn` counts as `out`. Source: L0, L5.

    Raises: OutOfTurn.
    """
    site = state.sites.get(site_id)
    standing = site.standing(method) if site else Standing.ABSENT
    if standing is Standing.WITHDRAWN and not state.reference.settings.withdrawal_memory:
        standing = Standing.OUT
    return move(call, standing, site_id=site_id, method=method)


def go(state: State, site_id: str, *, call: Trigger, method: DispatchMethod, now: datetime) -> Outcome[Status | None]:
    """Carry out a call's move; return the status to answer. Raises: OutOfTurn, NotAdmitted. Source: L0."""
    found = look_up(state, site_id, call=call, method=method)
    return carry_out(state, site_id, found=found, method=method, now=now)


def go_all(state: State, site_id: str, *, moves: Sequence[tuple[DispatchMethod, Move]], now: datetime) -> Outcome[Site]:
    """Carry out several moves, all or none. Raises: NotAdmitted."""
    for method, found in moves:
        state = carry_out(state, site_id, found=found, method=method, now=now).state
    return Outcome(state, site_of(state, site_id))


def check_admitted(
    site: Site, assets: Sequence[Asset], *, found: Move, method: DispatchMethod, reference: Reference
) -> None:
    """Check eligibility if the move is tested; only propositions are. Raises: NotAdmitted. Source: U11."""
    if found.tested and method in PROPOSITIONS:
        admit(site, assets, method=method, reference=reference)


def moved(site: Site, *, found: Move, method: DispatchMethod, now: datetime) -> Site:
    """Return the site after a move."""
    enters = method is DispatchMethod.LIMITED_PAUSE and found.to is Standing.IN
    since = now if enters else site.pausing_since
    is_first = site.enrolled_at is None and found.to is Standing.IN and method in PROPOSITIONS
    enrolled_at = whole_second(now) if is_first else site.enrolled_at
    return site._replace(standings=site.moved(method, found.to), pausing_since=since, enrolled_at=enrolled_at)


def carry_out(
    state: State, site_id: str, *, found: Move, method: DispatchMethod, now: datetime
) -> Outcome[Status | None]:
    """Carry out one move. Raises: NotAdmitted."""
    site = site_of(state, site_id)
    check_admitted(site, assets_at(state, site), found=found, method=method, reference=state.reference)
    if site.standing(method) is found.to:
        return Outcome(state, found.status)
    after = moved(site, found=found, method=method, now=now)
    state = put_site(state, after)
    if found.to is Standing.IN:
        state = announce_entry(welcome(state, site, after=after, now=now), site, after=after, now=now)
    if method is DispatchMethod.FULL_ASSET_SCHEDULE_CONTROL:
        enters = found.to is Standing.IN
        state = replan(state, site.asset_ids, now=now) if enters else end_plans(state, site.asset_ids, now=now)
    return Outcome(state, found.status)
