"""A world's sites over HTTP: those that match a text, and one with all that concerns it."""

from asyncio import to_thread
from dataclasses import dataclass

from starlette.responses import Response

from mockaxle.control import bodies
from mockaxle.control.endpoint import ControlCall, Endpoint
from mockaxle.control.history import numbered
from mockaxle.control.reading import read_query, refused
from mockaxle.control.rendering import written
from mockaxle.control.site_views import describe_site, describe_sites
from mockaxle.core.rule_errors import SiteUnknown
from mockaxle.core.state import site_at
from mockaxle.serving.catching_up import catch_up
from mockaxle.serving.worlds import Worlds
from mockaxle.world.commands.row import JSON


@dataclass(frozen=True)
class SiteHandlers:
    worlds: Worlds

    def endpoints(self) -> list[Endpoint[ControlCall]]:
        return [
            Endpoint("GET /sites", "List the sites", self.get_sites, query=bodies.SitesQuery),
            Endpoint("GET /sites/{site_id}", "Read a site with its assets, eligibility and money", self.get_site),
        ]

    async def get_sites(self, call: ControlCall) -> Response:
        """Answer a page of the sites that match a text, in creation order."""
        asked = read_query(call.request, bodies.SitesQuery)
        await catch_up(call.hosted, now=call.hosted.instant(self.worlds.now()))
        state = call.hosted.world.state
        found = await to_thread(describe_sites, state, text=asked.text, offset=asked.offset, limit=asked.limit)
        return Response(written(found), media_type=JSON)

    async def get_site(self, call: ControlCall) -> Response:
        """Answer a site by its id or MPAN."""
        await catch_up(call.hosted, now=call.hosted.instant(self.worlds.now()))
        state, named, entries = call.hosted.world.state, call.path["site_id"], tuple(numbered(call.hosted.log))
        named = site.id if (site := site_at(state, named)) else named
        now = call.hosted.instant(self.worlds.now())
        try:
            found = await to_thread(describe_site, state, named, entries=entries, now=now)
        except SiteUnknown as refusal:
            return refused(404, refusal.text)
        return Response(written(found), media_type=JSON)
