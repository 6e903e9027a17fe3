"""Takes a site where the lifecycle's table says: the only place where a standing changes."""

from collections.abc import Sequence

from mockaxle.core.eligibility import admit
from mockaxle.core.events import Event, SiteEnrolled, SiteUnenrolled
from mockaxle.core.lifecycle import Call, Move, Status, move
from mockaxle.core.outcome import Outcome
from mockaxle.core.records import PROPOSITIONS, DispatchMethod, Site, Standing
from mockaxle.core.sessions import end_plans
from mockaxle.core.state import State, put_site, site_of


def look_up(state: State, site_id: str, *, call: Call, method: DispatchMethod) -> Move:
    """The table's cell; a world without withdrawal_memory takes a withdrawal for `out`. Source: L0, L5.

    Raises: OutOfTurn.
    """
    site = state.sites.get(site_id)
    standing = site.standing(method) if site else Standing.ABSENT
    if standing is Standing.WITHDRAWN and not state.reference.settings.withdrawal_memory:
        standing = Standing.OUT
    return move(call, standing, site_id=site_id, method=method)


def go(state: State, site_id: str, *, call: Call, method: DispatchMethod) -> Outcome[Status | None]:
    """The site after a call, and what the call answers. Raises: OutOfTurn, NotAdmitted. Source: L0."""
    return carry_out(state, site_id, found=look_up(state, site_id, call=call, method=method), method=method)


def go_all(state: State, site_id: str, *, moves: Sequence[tuple[DispatchMethod, Move]]) -> Outcome[Site]:
    """The site after several moves, all or none. Raises: NotAdmitted."""
    events: tuple[Event, ...] = ()
    for method, found in moves:
        step = carry_out(state, site_id, found=found, method=method)
        state, events = step.state, events + step.events
    return Outcome(state, site_of(state, site_id), events)


def carry_out(state: State, site_id: str, *, found: Move, method: DispatchMethod) -> Outcome[Status | None]:
    """Raises: NotAdmitted where the move is tested; only propositions are. Source: U11."""
    site = site_of(state, site_id)
    if found.tested and method in PROPOSITIONS:
        admit(state, site, method=method)
    before = site.standing(method)
    if before is found.to:
        return Outcome(state, found.status)
    state = put_site(state, site._replace(standings=site.moved(method, found.to)))
    if method is DispatchMethod.FULL_ASSET_SCHEDULE_CONTROL and found.to is not Standing.IN:
        state = end_plans(state, site.asset_ids)
    return Outcome(state, found.status, _crossing(site_id, method, before, found.to))


def _crossing(site_id: str, method: DispatchMethod, before: Standing, after: Standing) -> tuple[Event, ...]:
    if after is Standing.IN:
        return (SiteEnrolled(site_id, method),)
    return (SiteUnenrolled(site_id, method),) if before is Standing.IN else ()
