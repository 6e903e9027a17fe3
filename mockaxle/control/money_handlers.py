"""A site's money, and the e-mails of a world with their links, over HTTP. Source: B13."""

from dataclasses import dataclass

from starlette.responses import JSONResponse, Response

from mockaxle.control.endpoint import ControlCall, Endpoint
from mockaxle.control.reading import refused
from mockaxle.core.emails import Email
from mockaxle.core.rule_errors import SiteUnknown
from mockaxle.serving.base_urls import base_url
from mockaxle.serving.catching_up import catch_up
from mockaxle.serving.worlds import Worlds
from mockaxle.world.commands.money import describe_emails, describe_money


@dataclass(frozen=True)
class MoneyHandlers:
    """Shape: public_url is that of the settings, a URL or a path."""

    worlds: Worlds
    public_url: str = ""

    def endpoints(self) -> list[Endpoint[ControlCall]]:
        return [
            Endpoint("GET /money/{site_id}", "Read a site's money", self.get_money),
            Endpoint("GET /emails", "List the e-mails that would have been sent", self.get_emails),
        ]

    async def get_money(self, call: ControlCall) -> Response:
        await catch_up(call.hosted, now=call.hosted.instant(self.worlds.now()))
        try:
            return JSONResponse(describe_money(call.hosted.world.state, call.path["site_id"]))
        except SiteUnknown as refusal:
            return refused(404, refusal.text)

    async def get_emails(self, call: ControlCall) -> Response:
        """Answer the e-mails with their whole links, which are issued now if the clock has passed their instants."""
        await catch_up(call.hosted, now=call.hosted.instant(self.worlds.now()))
        request, bearers = call.request, self.worlds.bearers
        host = request.headers.get("host", "")
        base = base_url(self.public_url, scheme=request.url.scheme, host=host)

        def link(email: Email) -> str | None:
            text = bearers.mailed_link_text(call.hosted, email)
            return None if text is None else f"{base}/auth/ext/{text}"

        return JSONResponse(describe_emails(call.hosted.world.state, link))
