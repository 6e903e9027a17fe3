"""The sites of a world, and one site: its lifecycle, eligibility, assets and money."""

from asyncio import to_thread
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from starlette.responses import Response

from mockaxle.control.history import numbered
from mockaxle.control.site_views import describe_site, describe_sites, transitions
from mockaxle.core.rule_errors import SiteUnknown
from mockaxle.core.state import State
from mockaxle.inspector.lifecycle_diagram import DELETED, lifecycle_diagram
from mockaxle.inspector.paging import paging
from mockaxle.inspector.surroundings import Surroundings
from mockaxle.inspector.visits import WorldVisit
from mockaxle.world.entries import Entry

SITES_PER_PAGE = 50


async def show_sites(surroundings: Surroundings, visit: WorldVisit) -> Response:
    query = visit.request.query_params
    text, number = query.get("text", ""), query.get("page", "1")
    pages = paging(number, per_page=SITES_PER_PAGE)
    state = visit.hosted.world.state
    found = await to_thread(describe_sites, state, text=text, offset=pages.offset, limit=SITES_PER_PAGE)
    return await visit.of_world("sites.html", {"found": found, "text": text, "pages_of": pages.of(found["total"])})


async def show_site(surroundings: Surroundings, visit: WorldVisit) -> Response:
    """Show a site; one that is gone as long as the log has calls that moved it."""
    site_id, entries = visit.request.path_params["site_id"], tuple(numbered(visit.hosted.log))
    values = await to_thread(_described, visit.hosted.world.state, site_id, entries, now=visit.now)
    if values is None:
        text = "There is no such site in this world, and the log has no call about it."
        back = f"{visit.path}/sites"
        return await visit.of_world("refused.html", {"title": "No such site", "text": text, "back": back}, status=404)
    return await visit.of_world("site.html", values)


def _described(
    state: State, site_id: str, entries: Iterable[tuple[int, Entry]], *, now: datetime
) -> dict[str, Any] | None:
    try:
        site = describe_site(state, site_id, entries=entries, now=now)
    except SiteUnknown:
        moved = transitions(site_id, entries)
        if not moved:
            return None
        gone = {"site_id": site_id, "state": DELETED, "transitions": moved}
        return {"site": gone, "is_gone": True, "diagram": lifecycle_diagram({"the site": DELETED}, moved)}
    standings = {one["dispatch_method"]: one["state"] for one in site["propositions"]}
    return {"site": site, "is_gone": False, "diagram": lifecycle_diagram(standings, site["transitions"])}
